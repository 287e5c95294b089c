import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

const VERSION = 'v1';

/**
 * Encrypts a secret for the database with AES-256-GCM. `purpose` is authenticated with it, so that a sealed value
 * moved to another row does not open. The key's fingerprint is kept beside it: a rotation can tell old from new.
 * @param key 32 bytes
 */
export function seal(key: Buffer, purpose: string, secret: string): string {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(purpose));
  const data = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return [VERSION, fingerprint(key), iv.toString('base64url'), data.toString('base64url')].join('.');
}

/**
 * Opens what seal() made, with that of the keys that it was sealed with.
 * @throws Error when the key is none of them, or the value was changed or belongs to another purpose.
 */
export function unseal(keys: readonly Buffer[], purpose: string, sealed: string): string {
  const [version, keyName, iv, data] = sealed.split('.');
  if (version !== VERSION || iv === undefined || data === undefined) throw new Error('Not a sealed value.');
  const key = keys.find((one) => keyName === fingerprint(one));
  if (key === undefined) throw new Error('Sealed with another ENCRYPTION_KEY.');
  const bytes = Buffer.from(data, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv, 'base64url'), { authTagLength: 16 })
    .setAAD(Buffer.from(purpose))
    .setAuthTag(bytes.subarray(-16));
  return Buffer.concat([decipher.update(bytes.subarray(0, -16)), decipher.final()]).toString('utf8');
}

/** True for what was sealed with this key. */
export function isSealedWith(key: Buffer, sealed: string): boolean {
  return sealed.split('.')[1] === fingerprint(key);
}

function fingerprint(key: Buffer): string {
  return createHash('sha256').update('fingerprint').update(key).digest('base64url').slice(0, 8);
}
