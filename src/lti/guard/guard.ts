import { compactVerify, decodeJwt, decodeProtectedHeader, importJWK } from 'jose';
import type { LtiConfig } from '../../config.ts';
import { BadRequest } from '../../errors.ts';
import { CLAIM, type Claims } from '../claims.ts';
import type { KeySets, PlatformKey } from '../key-sets.ts';
import type { Platform } from '../platforms.ts';
import { rolesToLtiRole } from '../roles.ts';
import type { LtiRole } from '../types.ts';
import type { Evidence, LoginEvidence } from './evidence.ts';
import { runChecks } from './index.ts';

export type GuardRules = {
  /** Our own origin. */
  readonly origin: string;
  readonly roles: LtiConfig['roles'];
  readonly keySets: KeySets;
  readonly clock: () => Date;
};

export type GuardedLaunch = { readonly claims: Claims; readonly key: PlatformKey };

/**
 * Makes every check on a launch whose login was just used up: the cheap ones first, the platform's key set only for
 * a token that could be good, the claims only under a verified signature.
 * @throws AppError 4xx with the reason of the first refusal
 */
export async function guardLaunch(
  idToken: string,
  login: LoginEvidence,
  platform: Platform,
  rules: GuardRules,
): Promise<GuardedLaunch> {
  const { header, claims } = decode(idToken);
  const request: Evidence = {
    login,
    platform,
    header,
    claims,
    role: roleOf(claims, rules.roles),
    key: 'not looked up',
    signature: 'not checked',
    origin: rules.origin,
    nowSeconds: rules.clock().getTime() / 1000,
  };
  runChecks('request', request);
  const found = await rules.keySets.find(platform, String(header['kid']));
  const key = found === 'unavailable' ? null : await verifyingKey(idToken, found);
  const signed: Evidence = {
    ...request,
    key: found === 'unavailable' ? found : found.length === 0 ? 'unknown' : 'known',
    signature: key === null ? 'invalid' : 'valid',
  };
  runChecks('key', signed);
  runChecks('token', signed);
  if (key === null) throw new Error('A launch without a key passed the checks.');
  return { claims, key };
}

/** @throws BadRequest `lti_token_malformed` */
function decode(idToken: string): { header: Claims; claims: Claims } {
  try {
    return { header: { ...decodeProtectedHeader(idToken) }, claims: decodeJwt(idToken) };
  } catch {
    throw new BadRequest('lti_token_malformed');
  }
}

/** A key set keeps its keys until it is fetched again, and so are they kept here in the form that verifies. */
const importedKeys = new WeakMap<PlatformKey, ReturnType<typeof importJWK>>();
function imported(key: PlatformKey): ReturnType<typeof importJWK> {
  const known = importedKeys.get(key) ?? importJWK(key, 'RS256');
  importedKeys.set(key, known);
  return known;
}

/** The key that the token was signed with; jose refuses RSA keys under 2048 bits and unknown `crit` headers. */
async function verifyingKey(idToken: string, keys: readonly PlatformKey[]): Promise<PlatformKey | null> {
  for (const key of keys) {
    try {
      await compactVerify(idToken, await imported(key), { algorithms: ['RS256'] });
      return key;
    } catch {
      continue;
    }
  }
  return null;
}

function roleOf(claims: Claims, mapping: LtiConfig['roles']): LtiRole {
  const roles = claims[CLAIM.roles];
  return Array.isArray(roles)
    ? rolesToLtiRole(
        roles.filter((role) => typeof role === 'string'),
        mapping,
      )
    : 'none';
}
