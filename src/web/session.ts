import { randomBytes, timingSafeEqual } from 'node:crypto';
import { parse } from 'cookie';
import type { CookieOptions, Request, RequestHandler, Response } from 'express';
import type { Stage } from '../database/index.ts';
import { Forbidden, Unauthenticated } from '../errors.ts';
import { courseScope, type CourseRole, type CourseScope } from '../scope.ts';
import { page } from './page.ts';
import { field, type Visit } from './routing.ts';
import type { NewSession, SessionStore } from './sessions.store.ts';

const COOKIE = '__Host-peer-group';
/** Only script can send it, and only to its own origin: no CORS answer of ours allows it from elsewhere. */
const FRAME_KEY = 'x-frame-key';
const COOKIE_SHAPE = /^[\w-]{32}$/;
const LAUNCH_ID = /^[\w-]{22}$/;
const OPTIONS: CookieOptions = {
  path: '/',
  secure: true,
  httpOnly: true,
  sameSite: 'none',
  partitioned: true,
};

/** Who a person is in a course today; asked at every request, so that a role lost in the LMS is lost here too. */
export type Visitor = { role: CourseRole; name: string | null; courseTitle: string; timeZone: string };
/** Finds them in the one read that finds the session. */
export type Visitors = {
  /** Stages upon a session's row, which put beside it what `of` reads. */
  readonly beside: readonly Stage[];
  /** @param asRead course and person may be taken as read here for the rest of the request, which only looks */
  of(scope: CourseScope, personId: string, row: object, asRead: boolean): Visitor | null;
};

/** Opens a session for a launch in this browser and answers its page's address; the cookie is made if need be. */
export async function openSession(
  sessions: SessionStore,
  req: Request,
  res: Response,
  session: NewSession,
  path: string,
): Promise<string> {
  const kept = cookieOf(req);
  const cookie = kept ?? randomBytes(24).toString('base64url');
  const { id } = await sessions.open(cookie, session);
  res.cookie(COOKIE, cookie, OPTIONS);
  return `/l/${id}${path}`;
}

/**
 * Opens a session in a frame that keeps no cookie: its page holds the key in memory and sends it as a header
 * (public/frame-session.js), so that it stands in no address and no other site can send it.
 */
export async function openFrameSession(
  sessions: SessionStore,
  session: NewSession,
  path: string,
): Promise<{ address: string; key: string }> {
  const key = randomBytes(24).toString('base64url');
  const { id } = await sessions.open(key, session);
  return { address: `/l/${id}${path}`, key };
}

/**
 * Turns `/l/<launchId>` and the browser's cookie into a Visit, and refuses a POST whose token is not the launch's
 * (synchroniser token, OWASP CSRF Prevention).
 */
export function sessionGuard(sessions: SessionStore, visitors: Visitors): RequestHandler {
  return async (req, res, next) => {
    const launchId = String(req.params['launchId']);
    const secret = secretOf(req);
    if (!LAUNCH_ID.test(launchId) || secret === null) throw new Unauthenticated();
    const found = await sessions.find(launchId, secret, visitors.beside);
    if (found === null) throw new Unauthenticated();
    const { session, row } = found;
    res.locals['frameOrigins'] = session.frameOrigins;
    const scope = courseScope(session.courseId);
    const looks = req.method === 'GET' || req.method === 'HEAD';
    const visitor = visitors.of(scope, session.personId, row, looks);
    if (visitor === null) throw new Unauthenticated('session_person_gone');
    const visit: Visit = {
      launchId,
      scope,
      platformId: session.platformId,
      personId: session.personId,
      ...visitor,
      timeZone: session.timeZone ?? visitor.timeZone,
      locale: session.locale ?? 'en',
      csrfToken: session.csrfToken,
    };
    res.locals['visit'] = visit;
    res.set('cache-control', 'no-store');
    next();
  };
}

/** Refuses a state-changing request without the launch's token; stands behind the body parsers. */
export const csrfGuard: RequestHandler = (req, res, next) => {
  if (req.method === 'GET' || req.method === 'HEAD') {
    next();
    return;
  }
  const { csrfToken } = res.locals['visit'] as Visit;
  const sent = Buffer.from(field(req.body, '_csrf') || (req.get('x-csrf-token') ?? ''));
  const wanted = Buffer.from(csrfToken);
  if (sent.length !== wanted.length || !timingSafeEqual(sent, wanted)) throw new Forbidden('form_outdated');
  next();
};

/** Ends all that this browser has open, of every course: whoever hands a phone on wants nothing of it left. */
export function signOut(sessions: SessionStore): RequestHandler {
  return async (req, res) => {
    const secret = secretOf(req);
    if (secret !== null) await sessions.endAll(secret);
    res.clearCookie(COOKIE, OPTIONS);
    delete res.locals['visit'];
    page(res, 'web/signed-out', {});
  };
}

/** What binds a request to its session: the browser's cookie, or the key of a frame that keeps none. */
function secretOf(req: Request): string | null {
  const key = req.get(FRAME_KEY);
  return key !== undefined && COOKIE_SHAPE.test(key) ? key : cookieOf(req);
}

function cookieOf(req: Request): string | null {
  const value = parse(req.headers.cookie ?? '')[COOKIE];
  return value !== undefined && COOKIE_SHAPE.test(value) ? value : null;
}
