import { AsyncLocalStorage } from 'node:async_hooks';
import { createSecretKey } from 'node:crypto';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { Provider, type LtiProvider } from 'ltijs';
import { AppError, Unavailable } from '../../errors.ts';
import { PATHS } from '../addresses.ts';
import type { PlatformKey } from '../key-sets.ts';
import type { Platform } from '../platforms.ts';
import { createPlugin, type Inquiry } from './plugin.ts';

const STATE = /^[0-9a-f]{50}$/;

export type LoginRequest = {
  readonly platform: Platform;
  readonly loginHint: string;
  readonly messageHint: string | null;
  readonly deploymentId: string | null;
  readonly redirectUri: string;
};

export type LaunchToValidate = {
  readonly platform: Platform;
  readonly idToken: string;
  readonly state: string;
  readonly key: PlatformKey;
};

export type Ltijs = {
  /** The parameters of the authentication request, `state` among them; the nonce is the caller's to replace. */
  beginLogin(login: LoginRequest): Promise<URLSearchParams>;
  /** @throws AppError 401 when ltijs refuses */
  validate(launch: LaunchToValidate): Promise<void>;
};

/** A request of our own making, and where its outcome is told. */
type Asked = {
  readonly signedCookies: Record<string, string>;
  readonly settle: (outcome: { location: string } | { valid: true }) => void;
  readonly fail: (reason: string) => void;
};

/** It only computes; its slowest answer is a fraction of this. */
const LIMIT_MS = 10_000;

/**
 * ltijs, asked in private: it never sees what came from outside. The guard hands over checked strings in a request
 * made for the purpose, the answer is read and thrown away. So none of the payloads that end its process, echo or
 * redirect can reach it, its headers and cookies do not reach the browser, and no ltik leaves this file.
 * @param secret signs ltijs's own cookies and ltik, which nobody ever holds
 */
export function createLtijs(secret: string): Ltijs {
  const current = new AsyncLocalStorage<Inquiry>();
  const asked = new WeakMap<IncomingMessage, Asked>();
  const provider = setUp(secret, createPlugin(current), asked);

  const ask = (
    path: string,
    body: Record<string, string>,
    cookies: Record<string, string>,
    inquiry: Inquiry,
  ) =>
    new Promise<{ location: string } | { valid: true }>((resolve, reject) => {
      // ltijs answers by callbacks alone; one that never comes must not hold a launch for ever.
      const late = setTimeout(() => reject(new Unavailable()), LIMIT_MS);
      const settle = (outcome: { location: string } | { valid: true }) => {
        clearTimeout(late);
        resolve(outcome);
      };
      const fail = (reason: string) => {
        clearTimeout(late);
        reject(refusalOf(reason));
      };
      const request = syntheticRequest(path, body);
      asked.set(request, { signedCookies: cookies, settle, fail });
      const response = new ServerResponse(request);
      current.run(inquiry, () => {
        provider.app.handle(request, response, (error) => fail(String(error)));
      });
    });

  return {
    async beginLogin({ platform, loginHint, messageHint, deploymentId, redirectUri }) {
      const body = {
        iss: platform.issuer,
        client_id: platform.clientId,
        login_hint: loginHint,
        target_link_uri: redirectUri,
        ...(messageHint === null ? {} : { lti_message_hint: messageHint }),
        ...(deploymentId === null ? {} : { lti_deployment_id: deploymentId }),
      };
      const outcome = await ask(PATHS.login, body, {}, { platform, key: null });
      if (!('location' in outcome)) throw new Error('ltijs did not answer the login with a redirect.');
      const query = new URL(outcome.location).searchParams;
      if (!STATE.test(query.get('state') ?? '')) throw new Error('ltijs made a state of another form.');
      return query;
    },
    async validate({ platform, idToken, state, key }) {
      const cookies = { [`state${state}`]: platform.issuer };
      await ask(PATHS.launch, { id_token: idToken, state }, cookies, { platform, key });
    },
  };
}

function setUp(
  secret: string,
  plugin: ReturnType<typeof createPlugin>,
  asked: WeakMap<IncomingMessage, Asked>,
): LtiProvider {
  const provider = new Provider.constructor();
  provider.setup(
    // As a key: a text would be tried as a private one first, at every launch, and that failure is dear.
    createSecretKey(secret, 'utf8'),
    { plugin },
    {
      appRoute: PATHS.launch,
      loginRoute: PATHS.login,
      // Both are answered by the door itself; ltijs only has to keep its hands off other addresses.
      keysetRoute: '/ltijs-keys',
      dynRegRoute: '/ltijs-register',
      cors: false,
      cookies: { secure: true, sameSite: 'None' },
      tokenMaxAge: 120,
      ltiaas: true,
      serverAddon: (app) =>
        app.use((req, res, next) => {
          const one = asked.get(req);
          if (one === undefined) {
            next(new Error('ltijs is asked by the guard alone.'));
            return;
          }
          // express: (url) from ltijs's login route.
          Object.assign(req, { signedCookies: one.signedCookies });
          Object.assign(res, { redirect: (location: string) => one.settle({ location }) });
          next();
        }),
    },
  );
  const valid = (_token: object, req: IncomingMessage) => asked.get(req)?.settle({ valid: true });
  provider.onConnect(valid);
  provider.onDeepLinking(valid);
  const refuse = (req: IncomingMessage, res: { locals: { err?: { details?: { message?: string } } } }) =>
    asked.get(req)?.fail(res.locals.err?.details?.message ?? 'REFUSED');
  provider.onInvalidToken(refuse);
  provider.onSessionTimeout(refuse);
  provider.onUnregisteredPlatform((req) => asked.get(req)?.fail('UNREGISTERED_PLATFORM'));
  provider.onInactivePlatform((req) => asked.get(req)?.fail('PLATFORM_NOT_ACTIVATED'));
  return provider;
}

/** Already parsed, as express would have it: `_body` tells body-parser that there is nothing to read. */
function syntheticRequest(path: string, body: Record<string, string>): IncomingMessage {
  const request = new IncomingMessage(new Socket());
  request.method = 'POST';
  request.url = path;
  return Object.assign(request, { body, _body: true });
}

function refusalOf(message: string): AppError {
  if (message === 'TOKEN_TOO_OLD') return new AppError(401, 'lti_token_too_old');
  return new AppError(401, 'lti_validation', {}, { cause: new Error(message) });
}
