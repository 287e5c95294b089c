import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignJWT } from 'jose';
import { PLATFORM_CONFIGURATION, TOOL_CONFIGURATION } from '../../../src/lti/claims.ts';
import type { NewPlatform } from '../../../src/lti/platforms.ts';

export type Answer = { status?: number; body?: unknown; headers?: Record<string, string> };
type Seen = { method: string; path: string; authorization: string | undefined; body: string };

/** A small LMS that also does what no LMS would: it signs any claims, and answers registrations in any manner. */
export type LocalPlatform = {
  readonly issuer: string;
  /** Every request that reached it. */
  readonly seen: Seen[];
  /** Replaces answers by path; a function may look at the request. */
  readonly answers: Record<string, Answer | ((seen: Seen) => Answer | Promise<Answer>)>;
  readonly privateKey: KeyObject;
  registration(): NewPlatform;
  configuration(change?: Record<string, unknown>): Record<string, unknown>;
  sign(claims: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>;
  /** New keys from now on; the old ones are no longer published. */
  rotateKeys(): void;
  close(): Promise<void>;
};

export async function startLocalPlatform(): Promise<LocalPlatform> {
  let keys = makeKeys('k1');
  const seen: Seen[] = [];
  const answers: LocalPlatform['answers'] = {};
  const server = createServer((req, res) => {
    void bodyOf(req).then(async (body) => {
      const path = req.url ?? '';
      const one = { method: req.method ?? '', path, authorization: req.headers.authorization, body };
      seen.push(one);
      const given = answers[path.split('?')[0] ?? ''];
      const answer = typeof given === 'function' ? await given(one) : given;
      res.writeHead(answer?.status ?? (answer === undefined ? 404 : 200), answer?.headers);
      res.end(typeof answer?.body === 'string' ? answer.body : JSON.stringify(answer?.body ?? {}));
    });
  });
  const issuer = await listen(server);
  const configuration = (change: Record<string, unknown> = {}) => ({
    issuer,
    authorization_endpoint: `${issuer}/auth`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwks`,
    registration_endpoint: `${issuer}/registrations`,
    id_token_signing_alg_values_supported: ['RS256'],
    [PLATFORM_CONFIGURATION]: { product_family_code: 'moodle', version: '4.5' },
    ...change,
  });
  answers['/jwks'] = () => ({ body: { keys: [keys.jwk] } });
  answers['/openid-configuration'] = () => ({ body: configuration() });
  answers['/registrations'] = ({ body }) => ({
    body: {
      ...(JSON.parse(body) as object),
      client_id: 'registered-1',
      [TOOL_CONFIGURATION]: { deployment_id: '7' },
    },
  });
  return {
    issuer,
    seen,
    answers,
    get privateKey() {
      return keys.privateKey;
    },
    registration: () => ({
      issuer,
      clientId: 'client-1',
      authUrl: `${issuer}/auth?tenant=7`,
      tokenUrl: `${issuer}/token`,
      jwksUrl: `${issuer}/jwks`,
      deploymentIds: ['1'],
    }),
    configuration,
    sign: (claims, header = {}) =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'RS256', kid: keys.jwk.kid, ...header })
        .sign(keys.privateKey),
    rotateKeys() {
      keys = makeKeys(`k${seen.length + 2}`);
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function makeKeys(kid: string) {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { privateKey, jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' } };
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A test that fails before it closes its platform does not keep the run from ending.
  server.unref();
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function bodyOf(req: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of req) body += String(chunk);
  return body;
}
