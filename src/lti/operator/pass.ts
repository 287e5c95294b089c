import { createHmac, timingSafeEqual } from 'node:crypto';
import { parse } from 'cookie';
import type { CookieOptions, Request, Response } from 'express';

const COOKIE = '__Host-peer-group-operator';
/** Strict: no other site's link or form arrives as the operator. */
const OPTIONS: CookieOptions = { path: '/', secure: true, httpOnly: true, sameSite: 'strict' };
const LIFE_MS = 30 * 60_000;

/** Lets a browser be the operator's for half an hour; a new SESSION_SECRET ends all passes. */
export type Passes = {
  give(res: Response): void;
  take(res: Response): void;
  /** What the pass's forms have to carry; null where the browser has none that is good. */
  formTokenOf(req: Request): string | null;
};

/** Passes are signed, not kept: until when they are good, and ours. */
export function createPasses(secret: string, clock: () => Date): Passes {
  const sign = (use: string, text: string): string =>
    createHmac('sha256', secret).update(`operator ${use} ${text}`).digest('base64url');
  return {
    give(res) {
      const until = String(clock().getTime() + LIFE_MS);
      res.cookie(COOKIE, `${until}.${sign('pass', until)}`, { ...OPTIONS, maxAge: LIFE_MS });
    },
    take: (res) => void res.clearCookie(COOKIE, OPTIONS),
    formTokenOf(req) {
      const [until = '', signature = ''] = (parse(req.headers.cookie ?? '')[COOKIE] ?? '').split('.');
      const [given, wanted] = [Buffer.from(signature), Buffer.from(sign('pass', until))];
      const good = given.length === wanted.length && timingSafeEqual(given, wanted);
      return good && Number(until) > clock().getTime() ? sign('form', until) : null;
    },
  };
}
