import type { Request } from 'express';
import { BadRequest } from '../errors.ts';

/**
 * The fields of a request, query and form together, each at most once and each a plain string. ltijs would take
 * lists and objects here, and some of them end its process.
 * @throws BadRequest `lti_request_malformed` for a field that comes twice, and an address that is none.
 */
export function readFields(req: Request): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  // A request line may hold a whole address, and a wrong one: `GET http://a:99999/ HTTP/1.1`.
  if (!URL.canParse(req.originalUrl, 'http://any.invalid')) throw new BadRequest('lti_request_malformed');
  const query = new URL(req.originalUrl, 'http://any.invalid').searchParams;
  const body: unknown = req.body;
  const form = typeof body === 'object' && body !== null ? Object.entries(body) : [];
  for (const [name, value] of [...query.entries(), ...form]) {
    if (typeof value !== 'string' || fields.has(name)) throw new BadRequest('lti_request_malformed');
    fields.set(name, value);
  }
  return fields;
}
