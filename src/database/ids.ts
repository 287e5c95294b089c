import { randomBytes } from 'node:crypto';

/** A new id: 132 random bits as 22 characters that are safe in addresses. */
export function newId(): string {
  return randomBytes(18).toString('base64url').slice(0, 22);
}
