import { createHash, timingSafeEqual } from 'node:crypto';
import { parse } from 'cookie';
import type { CookieOptions, Request, RequestHandler, Response } from 'express';
import { newId } from '../../database/index.ts';
import type { Lms } from '../lms.ts';
import { enrolmentIdOf, type LmsCourse, type LmsEnrolment, type LmsPerson } from '../records.ts';

const SESSION_LIFE_MS = 7 * 24 * 3_600_000;
/**
 * The browser comes back from the tool by way of another site and must still be known here, which takes a cookie as
 * real LMSs have it. Safari keeps no secure cookie of a plain http address, so there is a plain one beside it.
 */
const COOKIES: Readonly<Record<string, CookieOptions>> = {
  demo_lms_session: { httpOnly: true, path: '/', secure: true, sameSite: 'none' },
  demo_lms_session_here: { httpOnly: true, path: '/', sameSite: 'lax' },
};

/** A refusal that is shown as a page; `code` is a key of words. */
export class SiteRefusal extends Error {
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string) {
    super(code);
    this.status = status;
    this.code = code;
  }
}

/** Who was chosen in this browser. */
export type SiteVisit = { readonly person: LmsPerson; readonly csrf: string; readonly session: string };

/** Finds who was chosen in this browser, for every page; null where nobody was. */
export function siteSession({ secrets, store }: Lms): RequestHandler {
  return async (req, res, next) => {
    const cookie = cookieOf(req);
    const kept = cookie === '' ? null : await secrets.find('session', cookie);
    const person = kept === null ? null : await store.people.findOne({ _id: kept.personId });
    const visit =
      kept === null || person === null ? null : { person, csrf: kept.csrf, session: hashOf(cookie) };
    res.locals['visit'] = visit;
    res.locals['csrfField'] = visit === null ? '' : `<input type="hidden" name="csrf" value="${visit.csrf}">`;
    next();
  };
}

/** Chooses a person in this browser. */
export async function openSiteSession(
  { secrets }: Lms,
  req: Request,
  res: Response,
  personId: string,
): Promise<void> {
  const before = cookieOf(req);
  if (before !== '') await secrets.spend('session', before);
  const cookie = await secrets.issue('session', { personId, csrf: newId() }, SESSION_LIFE_MS);
  for (const [name, options] of Object.entries(COOKIES)) res.cookie(name, cookie, options);
}

/** Refuses forms that another site sent. */
export function sameOrigin({ issuer }: Lms): RequestHandler {
  return (req, _res, next) => {
    const origin = req.get('origin') ?? issuer;
    const from = req.get('sec-fetch-site') ?? 'same-origin';
    if (origin !== issuer || from === 'cross-site') throw new SiteRefusal(403, 'form_foreign');
    next();
  };
}

/** Refuses also forms of a page that was made for whoever was chosen here before. Stands behind the form parser. */
export function ownForms(lms: Lms): readonly RequestHandler[] {
  const token: RequestHandler = (req, res, next) => {
    const { csrf } = selectVisit(res);
    const [sent, wanted] = [Buffer.from(fieldOf(req, 'csrf')), Buffer.from(csrf)];
    if (sent.length !== wanted.length || !timingSafeEqual(sent, wanted))
      throw new SiteRefusal(403, 'form_outdated');
    next();
  };
  return [sameOrigin(lms), token];
}

export const visitOf = (res: Response): SiteVisit | null => res.locals['visit'] as SiteVisit | null;

/** @throws SiteRefusal where nobody was chosen */
export function selectVisit(res: Response): SiteVisit {
  const visit = visitOf(res);
  if (visit === null) throw new SiteRefusal(401, 'nobody');
  return visit;
}

/** A person in a course. `staff`: may see everybody and change grades and roster. */
export type Here = SiteVisit & {
  readonly course: LmsCourse;
  readonly enrolment: LmsEnrolment | null;
  readonly staff: boolean;
};

/** @throws SiteRefusal where the person is not in the course, or is no staff of it where staff is asked for */
export async function selectHere(
  { store }: Lms,
  req: Request,
  res: Response,
  { staffOnly = false } = {},
): Promise<Here> {
  const visit = selectVisit(res);
  const course = await store.courses.findOne({ _id: String(req.params['courseId']) });
  if (course === null) throw new SiteRefusal(404, 'nothing');
  const enrolment = await store.enrolments.findOne({ _id: enrolmentIdOf(course._id, visit.person._id) });
  const staff = visit.person.administrator || (enrolment?.role === 'instructor' && !enrolment.suspended);
  if (!staff && (enrolment === null || enrolment.suspended)) throw new SiteRefusal(403, 'not_enrolled');
  if (staffOnly && !staff) throw new SiteRefusal(403, 'staff_only');
  return { ...visit, course, enrolment, staff };
}

/** @throws SiteRefusal for everybody else */
export function selectAdministrator(res: Response): SiteVisit {
  const visit = selectVisit(res);
  if (!visit.person.administrator) throw new SiteRefusal(403, 'administrator_only');
  return visit;
}

/** A form field or a parameter of the address as text, trimmed and cut; '' where it is missing or repeated. */
export function fieldOf(req: Request, name: string, longest = 255): string {
  const body = (req.body ?? {}) as Record<string, unknown>;
  const value = body[name] ?? req.query[name];
  return typeof value === 'string' ? value.trim().slice(0, longest) : '';
}

function cookieOf(req: Request): string {
  const cookies = parse(req.headers.cookie ?? '');
  const name = Object.keys(COOKIES).find((one) => cookies[one] !== undefined);
  return name === undefined ? '' : (cookies[name] ?? '');
}

/** Names the session without being it. */
function hashOf(cookie: string): string {
  return createHash('sha256').update(cookie).digest('base64url');
}
