import type { Request, RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import type {} from 'pino-http';
import { AppError, BadRequest } from '../errors.ts';
import { newReference } from '../web/failure.ts';
import { CLAIM } from './claims.ts';
import { clearLoginCookie, readLoginCookie } from './cookies.ts';
import { enter, type EnterDeps, type ValidLaunch } from './enter.ts';
import { allowFrames } from './frames.ts';
import type { HealthStore } from './health.store.ts';
import { guardLaunch, type GuardRules } from './guard/guard.ts';
import { isOwnPage } from './hosts.ts';
import { parseLaunch, type ReadingRules } from './launch.ts';
import { provePage, storageAsk, windowPage } from './login-pages.ts';
import type { LoginStore, ReturnedLogin } from './logins.store.ts';
import type { Ltijs } from './ltijs/provider.ts';
import type { Platform } from './platforms.ts';
import { profileOf } from './profiles.ts';
import { PROOF_LIFE_MS, type LaunchToProve } from './prove.ts';
import { readFields } from './request-fields.ts';
import type { Launch } from './types.ts';

/** As ltijs makes it (crypto.randomBytes(25), hex); anything else never came from us. */
const STATE = /^[0-9a-f]{50}$/;

export type LaunchDeps = GuardRules &
  ReadingRules &
  EnterDeps & {
    readonly ltijs: Ltijs;
    readonly logins: LoginStore;
    readonly health: HealthStore;
    readonly log: Logger;
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
    const where = { platformId: platform.id, requestId: req.id };
    if (login.standing === 'fresh' && login.browser === 'cookieless') {
      const reference = newReference();
      deps.log.warn({ ...where, reference, reason: 'lti_cookie_missing' }, 'launch refused');
      windowPage(res.status(401), login.parameters, deps, reference);
      return;
    }
    const valid = await validLaunch(deps, state, idToken, login, platform).catch((error: unknown) => {
      if (error instanceof AppError && isOfPlatform(error.code)) deps.health.failed(platform.id, error.code);
      throw logged(error, deps.log, where);
    });
    deps.health.succeeded(platform.id, 'launch');
    await frameHere(deps, res, platform, valid.launch);
    const { messageType, role } = valid.launch;
    deps.log.info({ ...where, messageType, role, browser: login.browser }, 'launch');
    if (login.browser === 'same') {
      await enter(deps, valid, platform, { req, res, keepsCookies: true });
      return;
    }
    const { browserHash, parameters } = login;
    const toProve: LaunchToProve = { ...valid, browserHash };
    const ticket = await deps.tickets.issue('launch', toProve, PROOF_LIFE_MS);
    provePage(res, { ticket, ask: storageAsk(platform, parameters, state), parameters }, deps);
  };
}

/** Guard, then ltijs, then what the launch says. @throws AppError 4xx */
async function validLaunch(
  deps: LaunchDeps,
  state: string,
  idToken: string,
  login: ReturnedLogin,
  platform: Platform,
): Promise<ValidLaunch> {
  const { claims, key } = await guardLaunch(idToken, login, platform, deps);
  await deps.ltijs.validate({ platform, idToken, state, key });
  const launch = parseLaunch(claims, platform, deps);
  if (!platform.deploymentIds.includes(launch.deploymentId)) {
    await deps.platforms.learnDeployment(platform.id, launch.deploymentId);
  }
  return { launch, deepLinking: claims[CLAIM.deepLinkingSettings] ?? null };
}

/**
 * A school may have its pages on a host of its own in a cloud whose issuer all share (hosted Canvas): the signed return
 * address names it, so that it may frame this launch, and the page between at the next login.
 */
async function frameHere(deps: LaunchDeps, res: Response, platform: Platform, launch: Launch): Promise<void> {
  const { returnUrl } = launch;
  const shared = profileOf(platform.family).sharedIssuers.includes(platform.issuer);
  if (!shared || returnUrl === null || isOwnPage(platform, returnUrl)) return;
  const { origin } = new URL(returnUrl);
  allowFrames(res, { frameOrigins: [...platform.frameOrigins, origin] });
  await deps.platforms.learnFrameOrigin(platform.id, origin);
}

/** What a person's browser, hesitation or reload can bring about is no news of the platform. */
function isOfPlatform(code: string): boolean {
  return !/^lti_(state|nonce|cookie|expired|token_too_old|token_malformed)/.test(code);
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
