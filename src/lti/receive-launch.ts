import type { Request, RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import type {} from 'pino-http';
import { AppError, BadRequest } from '../errors.ts';
import { page } from '../web/page.ts';
import { PATHS } from './addresses.ts';
import type { Claims } from './claims.ts';
import { clearLoginCookie, readLoginCookie } from './cookies.ts';
import { deepLinkingOffer } from './deep-linking.ts';
import { allowForms, allowFrames } from './frames.ts';
import { guardLaunch, type GuardRules } from './guard/guard.ts';
import { parseLaunch, type ReadingRules } from './launch.ts';
import { loginAddress } from './login.ts';
import type { LoginStore, ReturnedLogin } from './logins.store.ts';
import type { Ltijs } from './ltijs/provider.ts';
import type { PlatformStore } from './platforms.store.ts';
import type { Platform } from './platforms.ts';
import { readFields } from './request-fields.ts';
import type { Launch } from './types.ts';

/** As ltijs makes it (crypto.randomBytes(25), hex); anything else never came from us. */
const STATE = /^[0-9a-f]{50}$/;
/** The nonce outlives the token by the clock skew that is allowed. */
const LEEWAY_MS = 60_000;

/** What the house does with a launch: records it, opens a session, answers 303. */
export type OnLaunch = (launch: Launch, req: Request, res: Response) => Promise<void>;

export type LaunchDeps = GuardRules &
  ReadingRules & {
    readonly ltijs: Ltijs;
    readonly logins: LoginStore;
    readonly platforms: PlatformStore;
    readonly log: Logger;
    readonly onLaunch: OnLaunch;
    /** What the link is called in a course. */
    readonly linkTitle: string;
  };

/** Handles POST /lti/launch, the platform's answer to a login, from the form to our own page. */
export function launchHandler(deps: LaunchDeps): RequestHandler {
  return async (req, res) => {
    const { state, idToken } = readAnswer(req, deps.log);
    const login = await deps.logins.consume(state, readLoginCookie(req, state));
    const platform = login === null ? null : await deps.platforms.find(login.platformId);
    if (login === null || platform === null) throw new AppError(401, 'lti_state_unknown');
    allowFrames(res, platform);
    clearLoginCookie(res, state);
    if (platform.state === 'disabled') throw new AppError(403, 'lti_platform_disabled');
    if (login.standing === 'fresh' && login.browser === 'cookieless') {
      deps.log.warn(
        { reason: 'lti_cookie_missing', platformId: platform.id, requestId: req.id },
        'launch refused',
      );
      page(res.status(401), 'lti/new-window', { windowAddress: loginAddress(login.parameters) });
      return;
    }
    const { claims, launch } = await validLaunch(deps, state, idToken, login, platform).catch(
      (error: unknown) => {
        throw logged(error, deps.log, { platformId: platform.id, requestId: req.id });
      },
    );
    deps.log.info({ platformId: platform.id, messageType: launch.messageType, role: launch.role }, 'launch');
    if (launch.messageType === 'LtiDeepLinkingRequest') await offerLink(deps, res, claims, launch, platform);
    else if (launch.context === null) page(res, 'lti/no-course', {});
    else await deps.onLaunch(launch, req, res);
  };
}

/** Staff asked what to put into their course. */
async function offerLink(
  deps: LaunchDeps,
  res: Response,
  claims: Claims,
  launch: Launch,
  platform: Platform,
): Promise<void> {
  const target = {
    url: deps.origin + PATHS.launch,
    title: deps.linkTitle,
    now: deps.clock(),
    allowPrivateNetwork: deps.allowPrivateNetwork,
  };
  const key = await deps.platforms.signingKey(platform.id);
  const offer = await deepLinkingOffer(claims, launch, platform, key, target);
  allowForms(res, offer.returnUrl);
  page(res, 'lti/deep-link', { offer });
}

/** Guard, then ltijs, then what the launch says. @throws AppError 4xx */
async function validLaunch(
  deps: LaunchDeps,
  state: string,
  idToken: string,
  login: ReturnedLogin,
  platform: Platform,
): Promise<{ claims: Claims; launch: Launch }> {
  const { claims, key, expiresAt } = await guardLaunch(idToken, login, platform, deps);
  const nonceUntil = new Date(expiresAt.getTime() + LEEWAY_MS);
  await deps.ltijs.validate({ platform, idToken, state, key, nonceUntil });
  const launch = parseLaunch(claims, platform, deps);
  if (!platform.deploymentIds.includes(launch.deploymentId)) {
    await deps.platforms.learnDeployment(platform.id, launch.deploymentId);
  }
  return { claims, launch };
}

/** The error page logs the same reason with the reference shown; this line tells the platform beside it. */
function logged(error: unknown, log: Logger, where: Readonly<Record<string, unknown>>): unknown {
  if (error instanceof AppError) {
    const cause = error.cause instanceof Error ? error.cause.message : undefined;
    log.warn({ ...where, reason: error.code, cause }, 'launch refused');
  }
  return error;
}

/**
 * The form of an authentication response (OIDC Core 3.1.2.5, 3.1.2.6); fields beside it are ignored.
 * @throws BadRequest
 */
function readAnswer(req: Request, log: Logger): { state: string; idToken: string } {
  const fields = readFields(req);
  const error = fields.get('error');
  if (error !== undefined) {
    log.warn(
      { reason: 'lti_platform_error', error: error.replace(/[^\w.-]/g, ' ').slice(0, 60) },
      'launch refused',
    );
    throw new BadRequest('lti_platform_error');
  }
  const state = fields.get('state') ?? '';
  const idToken = fields.get('id_token') ?? '';
  // A ltik is ltijs's own bearer; none ever leaves the house, so none can come back.
  if (!STATE.test(state) || idToken === '' || fields.has('ltik'))
    throw new BadRequest('lti_request_malformed');
  return { state, idToken };
}
