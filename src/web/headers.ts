import { randomBytes } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import helmet from 'helmet';

const sources = (res: unknown, key: string): readonly string[] =>
  ((res as Response).locals[key] as readonly string[] | undefined) ?? [];

/**
 * Security headers. Who may frame an answer is decided per request (`res.locals.frameOrigins`, set by the launch or
 * session at hand) and written when the answer is sent, because only then it is known.
 */
export function securityHeaders(publicUrl: string): RequestHandler {
  const https = publicUrl.startsWith('https:');
  const protect = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: [(_req, res) => `'nonce-${nonceOf(res as Response)}'`],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        connectSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'", (_req, res) => sources(res, 'formOrigins').join(' ')],
        frameAncestors: [
          (_req, res) => {
            const origins = sources(res, 'frameOrigins');
            return origins.length > 0 ? ["'self'", ...origins].join(' ') : "'none'";
          },
        ],
      },
    },
    // Frames are ruled by frame-ancestors alone; X-Frame-Options knows no list.
    frameguard: false,
    // Embedder policy would block avatars and frames of LMSs.
    crossOriginEmbedderPolicy: false,
    crossOriginOpenerPolicy: false,
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: https && { maxAge: 31_536_000 },
  });
  return (req, res, next) => {
    res.locals['nonce'] = randomBytes(16).toString('base64');
    // Applied late: writeHead is the first moment at which all of the answer's origins are known.
    const writeHead = res.writeHead.bind(res);
    res.writeHead = ((...given: Parameters<typeof writeHead>) => {
      if (!res.headersSent) protect(req, res, () => undefined);
      return writeHead(...given);
    }) as typeof res.writeHead;
    res.removeHeader('x-powered-by');
    next();
  };
}

function nonceOf(res: Response): string {
  return String(res.locals['nonce']);
}
