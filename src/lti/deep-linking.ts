import { randomBytes } from 'node:crypto';
import { SignJWT } from 'jose';
import { BadRequest, Forbidden } from '../errors.ts';
import { CLAIM, isObject } from './claims.ts';
import { isOwnPage, isPinned } from './hosts.ts';
import { isSafeUrl } from './safe-fetch.ts';
import type { SigningKey } from './platforms.store.ts';
import type { Platform } from './platforms.ts';
import type { Launch } from './types.ts';

/** How long staff may look at the page before they choose. */
const ANSWER_LIFE_S = 30 * 60;

export type DeepLinkingOffer = {
  /** Where both answers go, as a form with the field `JWT`. */
  readonly returnUrl: string;
  readonly add: string;
  readonly cancel: string;
};

type Settings = { readonly returnUrl: string; readonly data: unknown; readonly takesLinks: boolean };

/**
 * The two answers staff may give to a deep linking request (LTI Deep Linking 2.0, 3.2): one link to My Peer Group, or
 * nothing. The return address keeps its query, and must be one of the platform's own pages.
 * @param claim the request's settings
 * @param target the address of the link and its words
 * @throws Forbidden lti_deep_linking_staff, BadRequest lti_deep_linking_settings
 */
export async function deepLinkingOffer(
  claim: unknown,
  launch: Launch,
  platform: Platform,
  key: SigningKey,
  target: {
    readonly url: string;
    readonly title: string;
    readonly now: Date;
    readonly allowPrivateNetwork: boolean;
  },
): Promise<DeepLinkingOffer> {
  if (launch.role === 'learner' || launch.role === 'none') throw new Forbidden('lti_deep_linking_staff');
  const settings = readSettings(claim, platform, target.allowPrivateNetwork);
  const answer = (items: readonly object[]) => sign(items, settings.data, launch, platform, key, target.now);
  const link = { type: 'ltiResourceLink', title: target.title, url: target.url };
  return {
    returnUrl: settings.returnUrl,
    add: await answer(settings.takesLinks ? [link] : []),
    cancel: await answer([]),
  };
}

function readSettings(claim: unknown, platform: Platform, allowPrivateNetwork: boolean): Settings {
  const given = isObject(claim) ? claim : {};
  const returnUrl = given['deep_link_return_url'];
  if (typeof returnUrl !== 'string' || !isSafeUrl(returnUrl, allowPrivateNetwork)) {
    throw new BadRequest('lti_deep_linking_settings');
  }
  if (!isPinned(platform, returnUrl) && !isOwnPage(platform, returnUrl)) {
    throw new BadRequest('lti_deep_linking_settings');
  }
  const types = given['accept_types'];
  return {
    returnUrl,
    data: given['data'],
    takesLinks: !Array.isArray(types) || types.includes('ltiResourceLink'),
  };
}

function sign(
  items: readonly object[],
  data: unknown,
  launch: Launch,
  platform: Platform,
  key: SigningKey,
  now: Date,
): Promise<string> {
  const seconds = Math.floor(now.getTime() / 1000);
  const claims = {
    iss: platform.clientId,
    aud: [platform.issuer],
    // Platforms' clocks differ from ours by a few seconds.
    iat: seconds - 5,
    exp: seconds + ANSWER_LIFE_S,
    nonce: randomBytes(16).toString('base64url'),
    [CLAIM.deploymentId]: launch.deploymentId,
    [CLAIM.messageType]: 'LtiDeepLinkingResponse',
    [CLAIM.version]: '1.3.0',
    [CLAIM.deepLinkingItems]: items,
    ...(data === undefined ? {} : { [CLAIM.deepLinkingData]: data }),
  };
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'RS256', kid: key.kid, typ: 'JWT' })
    .sign(key.privateKey);
}
