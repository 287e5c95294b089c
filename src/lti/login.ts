import { createHash } from 'node:crypto';
import type { Request, RequestHandler, Response } from 'express';
import { z } from 'zod';
import { AppError, BadRequest } from '../errors.ts';
import { limitOf, networkOf } from '../web/rate-limits.ts';
import { PATHS } from './addresses.ts';
import { hasProvenCookies, setLoginCookie } from './cookies.ts';
import { allowFrames } from './frames.ts';
import { cookiePage, PROBED, storagePage, windowPage } from './login-pages.ts';
import { LOGIN_LIFE_MS, type LoginParameters, type LoginStore } from './logins.store.ts';
import type { Ltijs } from './ltijs/provider.ts';
import type { PlatformStore } from './platforms.store.ts';
import type { Platform } from './platforms.ts';
import { profileOf } from './profiles.ts';
import { readFields } from './request-fields.ts';

/** Third-party initiated login: https://www.imsglobal.org/spec/security/v1p0/#step-1-third-party-initiated-login */
const optional = (longest: number) =>
  z
    .string()
    .max(longest)
    .nullish()
    .transform((value) => (value === undefined || value === '' ? null : value));
const LoginFields = z.object({
  iss: z.string().min(1).max(2000),
  login_hint: z.string().min(1).max(8000),
  target_link_uri: z.string().min(1).max(4000),
  client_id: optional(1000),
  lti_message_hint: optional(16_000),
  lti_deployment_id: optional(1000),
  /** A frame's name (LTI Platform Storage 0.1, 3.1); one that is none can only fail to be found. */
  lti_storage_target: optional(255),
});

/** By person, as the platform hints at them, and address, or anybody could lock a person out: tabs, reloads and the detours of a frame, and no more. */
const LOGINS_A_MINUTE = 60;

export type LoginDeps = {
  readonly publicUrl: string;
  readonly allowPrivateNetwork: boolean;
  readonly ltijs: Ltijs;
  readonly logins: LoginStore;
  readonly platforms: PlatformStore;
};

/** Handles /lti/login: remembers the login and sends the browser on to the platform's authorization address. */
export function loginHandler(deps: LoginDeps): RequestHandler {
  const takeTurn = limitOf(LOGINS_A_MINUTE, 60);
  return async (req, res) => {
    const fields = readFields(req);
    const parameters = readLogin(fields, deps.publicUrl);
    const platform = await choosePlatform(deps.platforms, parameters);
    allowFrames(res, platform);
    await takeTurn(`${platform.id}/${digestOf(parameters.login_hint)}/${networkOf(req.ip ?? '')}`);
    if (isFramed(req) && !keepsCookies(req)) {
      await proveBrowser(deps, res, platform, parameters, fields.has(PROBED));
      return;
    }
    const { address } = await beginLogin(deps, res, platform, parameters, false);
    res.redirect(302, address);
  };
}

/**
 * Before authorization, for its hint is good once (Moodle): first whether a cookie stays, then whether the platform
 * keeps a secret for us, and a window of its own where neither does.
 */
async function proveBrowser(
  deps: LoginDeps,
  res: Response,
  platform: Platform,
  parameters: LoginParameters,
  probed: boolean,
): Promise<void> {
  if (!probed) {
    cookiePage(res, parameters, deps);
    return;
  }
  const maybe = parameters.lti_storage_target !== null || profileOf(platform.family).storage === 'probe';
  if (!maybe) {
    windowPage(res, parameters, deps);
    return;
  }
  const { address, state, browserKey } = await beginLogin(deps, res, platform, parameters, true);
  storagePage(res, { address, state, browserKey, platform, parameters }, deps);
}

function readLogin(fields: ReadonlyMap<string, string>, publicUrl: string): LoginParameters {
  const parsed = LoginFields.safeParse(Object.fromEntries(fields));
  if (!parsed.success) throw new BadRequest('lti_login_incomplete');
  const target = parsed.data.target_link_uri;
  if (!URL.canParse(target) || new URL(target).origin !== publicUrl) throw new BadRequest('lti_login_target');
  return parsed.data;
}

/** Several registrations may share an issuer (hosted Canvas): without client_id only a single one will do. */
async function choosePlatform(
  platforms: PlatformStore,
  { iss, client_id }: LoginParameters,
): Promise<Platform> {
  const known = await platforms.forLogin(iss, client_id);
  const [platform] = known;
  if (platform === undefined) throw new AppError(403, 'lti_platform_unknown');
  if (known.length > 1) throw new BadRequest('lti_client_ambiguous');
  if (platform.state === 'disabled') throw new AppError(403, 'lti_platform_disabled');
  return platform;
}

async function beginLogin(
  { ltijs, logins, publicUrl }: LoginDeps,
  res: Response,
  platform: Platform,
  parameters: LoginParameters,
  viaStorage: boolean,
): Promise<{ address: string; state: string; browserKey: string }> {
  const redirectUri = publicUrl + PATHS.launch;
  const query = await ltijs.beginLogin({
    platform,
    loginHint: parameters.login_hint,
    messageHint: parameters.lti_message_hint,
    deploymentId: parameters.lti_deployment_id,
    redirectUri,
  });
  const state = query.get('state') ?? '';
  const { nonce, browserKey } = await logins.begin(state, platform, parameters, viaStorage);
  if (!viaStorage) setLoginCookie(res, state, browserKey, LOGIN_LIFE_MS);
  // The address's own query stays; the nonce is ours, ltijs takes its from Math.random.
  const address = new URL(platform.authUrl);
  for (const [name, value] of query) address.searchParams.set(name, value);
  address.searchParams.set('nonce', nonce);
  return { address: address.href, state, browserKey };
}

function digestOf(hint: string): string {
  return createHash('sha256').update(hint).digest('base64url');
}

/** In a frame cookies may be blocked; browsers that do not say where they are get no detour. */
function isFramed(req: Request): boolean {
  return ['iframe', 'frame', 'embed', 'object'].includes(req.get('sec-fetch-dest') ?? '');
}

/** A cookie of ours came along, or the browser says that third-party cookies are not blocked (Chromium does). */
function keepsCookies(req: Request): boolean {
  return hasProvenCookies(req) || req.get('sec-fetch-storage-access') === 'active';
}
