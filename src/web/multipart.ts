import busboy from 'busboy';
import type { RequestHandler } from 'express';
import { AppError, BadRequest } from '../errors.ts';

const MOST_BYTES = 8_000_000;

/**
 * Reads a form with a file: fields into `req.body`, the file's bytes into `res.locals.file`. One file, bounded;
 * nothing is written to disk.
 */
export const multipart: RequestHandler = (req, res, next) => {
  if (!/^multipart\/form-data/i.test(req.get('content-type') ?? '')) {
    next();
    return;
  }
  const body: Record<string, string> = {};
  const chunks: Buffer[] = [];
  let failure: AppError | null = null;
  let parser: ReturnType<typeof busboy>;
  try {
    parser = busboy({
      headers: req.headers,
      limits: { files: 1, fileSize: MOST_BYTES, fields: 20, fieldSize: 3_000_000, parts: 25 },
    });
  } catch {
    next(new BadRequest('request_malformed'));
    return;
  }
  parser.on('field', (name, value) => {
    if (!Object.hasOwn(body, name) && name !== '__proto__') body[name] = value;
  });
  parser.on('file', (_name, stream) => {
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('limit', () => (failure = new AppError(413, 'too_large')));
  });
  parser.on('error', () => next(new BadRequest('request_malformed')));
  parser.on('close', () => {
    if (failure !== null) {
      next(failure);
      return;
    }
    req.body = body;
    res.locals['file'] = Buffer.concat(chunks);
    next();
  });
  req.pipe(parser);
};
