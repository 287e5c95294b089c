import { randomBytes } from 'node:crypto';
import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';
import type { Logger } from 'pino';
import { isDatabaseAway } from '../database/index.ts';
import { AppError, NotFound, Unavailable } from '../errors.ts';
import { isFramed, page } from './page.ts';

/** What another try may heal. */
const PASSES = new Set([429, 500, 503]);

/** What no route answers. */
export const nothingHere: RequestHandler = () => {
  throw new NotFound();
};

/** What a person may give who asks for help: it stands on the page and in the log beside the reason, and means nothing else. */
export function newReference(): string {
  return randomBytes(4).toString('hex').toUpperCase();
}

/**
 * The one place where errors become pages: plain words, what to do next, and a reference that stands in the log;
 * never a stack, never what was sent.
 */
export function failurePage(log: Logger): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    const reference = newReference();
    const known = asAppError(error);
    const entry = {
      reference,
      code: known.code,
      status: known.status,
      requestId: req.id,
      err: known.status >= 500 ? error : undefined,
    };
    log[known.status >= 500 ? 'error' : 'info'](entry, 'refused');
    if (res.headersSent) {
      next(error);
      return;
    }
    res.status(known.status).set('cache-control', 'no-store');
    if (known.status === 503) res.set('retry-after', '5');
    letFrameShow(req, res);
    page(res, 'web/failure', {
      code: known.code,
      status: known.status,
      params: known.params,
      reference,
      again: req.method === 'GET' && PASSES.has(known.status),
    });
  };
}

/**
 * In a frame whose LMS is not known (the visit is over, the database away) a browser would show nothing at all. Any site
 * may frame this page then: it tells of nobody and has nothing to press but what asks again.
 */
function letFrameShow(req: Request, res: Response): void {
  if (res.locals['frameOrigins'] === undefined && isFramed(req)) res.locals['frameOrigins'] = ['*'];
}

function asAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (isDatabaseAway(error)) return new Unavailable('database_away', { cause: error });
  // body-parser and the router mark what the sender did wrong.
  const status = error instanceof Error && 'status' in error ? Number(error.status) : 500;
  if (status === 413) return new AppError(413, 'too_large');
  if (status >= 400 && status < 500) return new AppError(status, 'request_malformed');
  return new AppError(500, 'unexpected', {}, { cause: error });
}
