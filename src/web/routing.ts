import { Router, type RequestHandler, type Response } from 'express';
import { Forbidden, Unauthenticated } from '../errors.ts';
import type { CourseRole, CourseScope } from '../scope.ts';

export type RoomRouter = Router;

/** Who is here, by which launch, in which course: made by the session for every request below `/l/<launchId>`. */
export type Visit = {
  readonly launchId: string;
  readonly scope: CourseScope;
  readonly platformId: string;
  readonly personId: string;
  readonly role: CourseRole;
  /** As the LMS gives it; null where the LMS withholds names. */
  readonly name: string | null;
  readonly courseTitle: string;
  /** IANA zone that dates are shown in for this person. */
  readonly timeZone: string;
  readonly locale: string;
  readonly csrfToken: string;
};

/** A router whose routes lie below `/l/<launchId>`. */
export function createRouter(): RoomRouter {
  return Router({ mergeParams: true });
}

/** The visit of this request. @throws Unauthenticated where the route does not lie below `/l/<launchId>` */
export function visitOf(res: Response): Visit {
  const visit = res.locals['visit'] as Visit | undefined;
  if (visit === undefined) throw new Unauthenticated();
  return visit;
}

/** A guard that also says whom it lets in, so that tests can hold every route to its table. */
export type Guard = RequestHandler & { readonly roles: readonly CourseRole[] };

/** requireRole: lets these roles of the course in and refuses all others with 403. */
export function allow(...roles: readonly CourseRole[]): Guard {
  const guard: RequestHandler = (_req, res, next) => {
    if (!roles.includes(visitOf(res).role)) throw new Forbidden();
    next();
  };
  return Object.assign(guard, { roles });
}

/** What was done, as the next page says it: a code of the room's words (`done.<code>`), and how many it concerned. */
export type Done = { readonly code: string; readonly count?: number };

/**
 * After a POST: 303 to a page of this launch. `path` begins with a slash and is ours, never from the request. With
 * `done` the page begins by saying so; its words name nobody, for they stand in an address.
 */
export function seeOther(res: Response, path: string, done?: Done): void {
  const query = new URLSearchParams(
    done === undefined
      ? {}
      : { done: done.code, ...(done.count === undefined ? {} : { count: String(done.count) }) },
  );
  const joint = done === undefined ? '' : path.includes('?') ? '&' : '?';
  res.redirect(303, `/l/${visitOf(res).launchId}${path}${joint}${query.toString()}`);
}

/** A form field as text, trimmed; '' where it is missing or repeated. */
export function field(body: unknown, name: string): string {
  const value =
    typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined;
  return typeof value === 'string' ? value.trim() : '';
}

/** A form field that may come several times, as a list of texts. */
export function fieldList(body: unknown, name: string): string[] {
  const value =
    typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined;
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((item) => typeof item === 'string').map((item) => item.trim());
}
