import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import type { Logger } from 'pino';
import { pinoHttp } from 'pino-http';

/** One line a request: method, path without its query, status, time. No cookies, no bodies, no tokens, no names. */
export function requestLog(log: Logger): RequestHandler {
  return pinoHttp({
    logger: log,
    genReqId: () => randomUUID(),
    autoLogging: {
      ignore: ({ url }) => url === '/healthz' || url === '/readyz' || url.startsWith('/assets/'),
    },
    serializers: {
      req: (req: { id: string; method: string; url: string }) => ({
        id: req.id,
        method: req.method,
        path: pathOf(req.url),
      }),
      res: (res: { statusCode: number }) => ({ status: res.statusCode }),
    },
    customLogLevel: (_req, res) => (res.statusCode >= 500 ? 'warn' : 'info'),
    quietReqLogger: true,
  });
}

/** The launch id is cut short: with the cookie it is half of a session. */
function pathOf(url: string): string {
  return (url.split('?')[0] ?? '').replace(/^\/l\/[^/]+/, '/l/…');
}
