import {
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';
import { promisify } from 'node:util';
import { newId } from '../database/index.ts';
import type { KeptKey } from './platforms.model.ts';
import { seal, unseal } from './sealed.ts';

const makeKeyPair = promisify(generateKeyPair);

export type SigningKey = { readonly kid: string; readonly privateKey: KeyObject };
export type PublicJwk = JsonWebKey & { readonly kid: string; readonly alg: 'RS256'; readonly use: 'sig' };
/** The key that seals, and those that only open what was sealed before the last rotation. */
export type Keyring = { readonly current: Buffer; readonly previous: readonly Buffer[] };

/** A new key signs only once platforms have had time to read our key set again. */
export const OVERLAP_MS = 3_600_000;
/** One that signs no more stays published as long as anything it signed may be looked at. */
const PUBLISHED_MS = 24 * 3_600_000;

/** RSA-2048, made off the event loop: a larger key takes a second and more of a web process. */
export async function makeKey({ current }: Keyring, createdAt: Date): Promise<KeptKey> {
  const { publicKey, privateKey } = await makeKeyPair('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const keyId = newId();
  return { keyId, publicKey, privateKey: seal(current, purposeOf(keyId), privateKey), createdAt };
}

/** The newest key that has been published for the overlap; a platform's first key signs at once. */
export function signingOf(keys: readonly KeptKey[], now: Date): KeptKey {
  const [first] = keys;
  if (first === undefined) throw new Error('A platform is without a key.');
  return keys.findLast(({ createdAt }) => createdAt.getTime() + OVERLAP_MS <= now.getTime()) ?? first;
}

/** Keys whose successor has been signing for so long that nobody needs them any more. */
export function retiredOf(keys: readonly KeptKey[], now: Date): readonly KeptKey[] {
  return keys.filter((_key, index) => {
    const successor = keys[index + 1];
    return (
      successor !== undefined && successor.createdAt.getTime() + OVERLAP_MS + PUBLISHED_MS <= now.getTime()
    );
  });
}

/** @throws Error where no key of the ring opens it */
export function openKey(keyring: Keyring, { keyId, privateKey }: KeptKey): SigningKey {
  return { kid: keyId, privateKey: createPrivateKey(pemOf(keyring, keyId, privateKey)) };
}

/** The same private key, sealed under the ring's current key. */
export function resealed(keyring: Keyring, { keyId, privateKey }: KeptKey): string {
  return seal(keyring.current, purposeOf(keyId), pemOf(keyring, keyId, privateKey));
}

export function toJwk({ keyId, publicKey }: KeptKey): PublicJwk {
  return { ...createPublicKey(publicKey).export({ format: 'jwk' }), kid: keyId, alg: 'RS256', use: 'sig' };
}

function pemOf({ current, previous }: Keyring, keyId: string, sealed: string): string {
  return unseal([current, ...previous], purposeOf(keyId), sealed);
}

function purposeOf(keyId: string): string {
  return `lti signing key ${keyId}`;
}
