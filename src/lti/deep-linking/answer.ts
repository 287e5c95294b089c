import { randomBytes } from 'node:crypto';
import { SignJWT } from 'jose';
import { CLAIM } from '../claims.ts';
import type { SigningKey } from '../platforms.store.ts';
import type { Platform } from '../platforms.ts';
import type { DeepLinkSettings } from './settings.ts';

/** The browser posts it at once. */
const LIFE_S = 300;

export type DeepLinkAnswer = {
  readonly items: readonly object[];
  /** Words for staff why there is nothing, shown by the platform. */
  readonly error: string | null;
};

/** The signed answer to a deep linking request (LTI Deep Linking 2.0, 4.5); no items is a choice cancelled. */
export function signAnswer(
  { items, error }: DeepLinkAnswer,
  to: {
    readonly platform: Platform;
    readonly deploymentId: string;
    readonly settings: DeepLinkSettings;
    readonly key: SigningKey;
    readonly now: Date;
  },
): Promise<string> {
  const { platform, deploymentId, settings, key, now } = to;
  const seconds = Math.floor(now.getTime() / 1000);
  const claims = {
    iss: platform.clientId,
    aud: [platform.issuer],
    // Platforms' clocks differ from ours by a few seconds.
    iat: seconds - 5,
    exp: seconds + LIFE_S,
    nonce: randomBytes(16).toString('base64url'),
    [CLAIM.deploymentId]: deploymentId,
    [CLAIM.messageType]: 'LtiDeepLinkingResponse',
    [CLAIM.version]: '1.3.0',
    [CLAIM.deepLinkingItems]: items,
    ...('data' in settings ? { [CLAIM.deepLinkingData]: settings.data } : {}),
    ...(error === null ? {} : { [CLAIM.deepLinkingError]: error }),
  };
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'RS256', kid: key.kid, typ: 'JWT' })
    .sign(key.privateKey);
}
