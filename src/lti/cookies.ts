import type { CookieOptions, Request, Response } from 'express';
import { parse } from 'cookie';

/** Partitioned lets it live in a frame where third-party cookies are blocked; `__Host-` ties it to this host. */
const OPTIONS: CookieOptions = {
  path: '/',
  secure: true,
  httpOnly: true,
  sameSite: 'none',
  partitioned: true,
};
/** Shows that this browser gives cookies back where it is: in this frame, or in a window. */
const PROBE = '__Host-lti-probe';

/** One cookie a login: logins in several tabs do not disturb each other. */
export function setLoginCookie(res: Response, state: string, browserKey: string, lifeMs: number): void {
  res.cookie(nameOf(state), browserKey, { ...OPTIONS, maxAge: lifeMs });
}

export function readLoginCookie(req: Request, state: string): string | null {
  return parse(req.headers.cookie ?? '')[nameOf(state)] ?? null;
}

export function clearLoginCookie(res: Response, state: string): void {
  res.clearCookie(nameOf(state), OPTIONS);
}

export function setProbeCookie(res: Response): void {
  res.cookie(PROBE, '1', { ...OPTIONS, maxAge: 180 * 86_400_000 });
}

/** True when any `__Host-` cookie came along: only ours can have been set for this host. */
export function hasProvenCookies(req: Request): boolean {
  return Object.keys(parse(req.headers.cookie ?? '')).some((name) => name.startsWith('__Host-'));
}

function nameOf(state: string): string {
  return `__Host-lti-${state.slice(0, 16)}`;
}
