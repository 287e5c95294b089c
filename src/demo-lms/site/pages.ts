import path from 'node:path';
import ejs from 'ejs';
import express, { type ErrorRequestHandler, type Express, type RequestHandler, type Response } from 'express';
import type { Logger } from 'pino';
import { LaunchRefusal } from '../protocol/launching.ts';
import { readWords } from '../../web/words.ts';
import { SiteRefusal } from './visits.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const VIEWS = path.join(ROOT, 'views', 'demo-lms');
const STATUS_OF_LAUNCH = 400;

/** Lets the app render `views/demo-lms` with `t(key)` of the room's words, and serves its style and script. */
export async function usePages(app: Express): Promise<void> {
  const words = (await readWords(path.join(ROOT, 'locales')))('en');
  app.engine('ejs', (file, model, done) => {
    ejs.renderFile(file, model as ejs.Data, done);
  });
  app.set('views', VIEWS).set('view engine', 'ejs');
  app.locals['t'] = (key: string, params: Record<string, unknown> = {}) => words(`demo-lms:${key}`, params);
  app.use('/site', express.static(path.join(VIEWS, 'public'), { index: false }));
  app.use(siteHeaders);
}

/** Pages of this site may be framed by it alone; it frames tools of any address. */
const siteHeaders: RequestHandler = (_req, res, next) => {
  const writeHead = res.writeHead.bind(res);
  res.writeHead = ((...given: Parameters<typeof writeHead>) => {
    if (!res.headersSent) res.set(headersOf(res));
    return writeHead(...given);
  }) as typeof res.writeHead;
  next();
};

function headersOf(res: Response): Record<string, string> {
  const forms = (res.locals['formOrigins'] as readonly string[] | undefined) ?? [];
  return {
    'content-security-policy': [
      "default-src 'none'",
      "style-src 'self'",
      "script-src 'self'",
      "img-src 'self' data:",
      'frame-src http: https:',
      ['form-action', "'self'", ...forms].join(' '),
      "base-uri 'none'",
      "frame-ancestors 'self'",
    ].join('; '),
    'x-content-type-options': 'nosniff',
    // With no-referrer a browser names no origin in this site's own forms, and they would be refused as foreign.
    'referrer-policy': 'same-origin',
  };
}

/** What no route answers. */
export const nothingHere: RequestHandler = () => {
  throw new SiteRefusal(404, 'nothing');
};

/** Every refusal is a page in plain words; a service's is JSON. */
export function refusalPage(log: Logger): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    const [status, code, field] = reasonOf(error);
    if (status >= 500) log.error({ err: error }, 'demo LMS');
    if (res.headersSent) next(error);
    else if (req.path.startsWith('/services/') || req.path === '/token' || req.path === '/register')
      res.status(status).json([]);
    else res.status(status).render('message', { code, field });
  };
}

function reasonOf(error: unknown): [status: number, code: string, field: string] {
  if (error instanceof SiteRefusal) return [error.status, error.code, ''];
  if (error instanceof LaunchRefusal) return [STATUS_OF_LAUNCH, `launch_${error.code}`, error.field];
  // The form parsers mark what the sender did wrong.
  const status = error instanceof Error && 'status' in error ? Number(error.status) : 500;
  return status >= 400 && status < 500 ? [status, 'form_unreadable', ''] : [500, 'stumbled', ''];
}
