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
  let over = false;
  /** Once: an error may be followed by the end, or by nothing at all. */
  const end = (failure: AppError | null): void => {
    if (over) return;
    over = true;
    if (failure === null) {
      req.body = body;
      res.locals['file'] = Buffer.concat(chunks);
      next();
      return;
    }
    req.unpipe(parser);
    // What is still to come is read and thrown away, so that the answer can be seen.
    req.resume();
    next(failure);
  };
  const malformed = (): void => end(new BadRequest('request_malformed'));
  parser.on('field', (name, value) => {
    if (!Object.hasOwn(body, name) && name !== '__proto__') body[name] = value;
  });
  parser.on('file', (_name, stream) => {
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    stream.on('limit', () => end(new AppError(413, 'too_large')));
    // A body that ends within its file fails here too; unheard, that would end the process.
    stream.on('error', malformed);
  });
  parser.on('error', malformed);
  parser.on('close', () => end(null));
  req.pipe(parser);
};
