import { BadRequest } from '../../errors.ts';
import { isObject } from '../claims.ts';
import { isOwnPage, isPinned } from '../hosts.ts';
import type { Platform } from '../platforms.ts';
import { isSafeUrl } from '../safe-fetch.ts';
import { granted } from '../services/ags.ts';
import type { CourseServices } from '../types.ts';

/** What a platform takes as an answer (LTI Deep Linking 2.0, 4.4.1), in the terms of what is offered here. */
export type DeepLinkSettings = {
  /** Where the answer goes, with its query as given; one of the platform's own pages. */
  readonly returnUrl: string;
  /** Echoed as it came; undefined where the platform sent none. */
  readonly data?: unknown;
  readonly takesLinks: boolean;
  readonly takesSeveral: boolean;
  readonly takesColumns: boolean;
  /** The platform shows links in windows of their own alone. */
  readonly inWindow: boolean;
};

/**
 * Reads the settings claim. Where a platform does not say whether it takes columns (Moodle), the right to make them
 * answers for it.
 * @throws BadRequest lti_deep_linking_settings where its answer could go anywhere
 */
export function readSettings(
  claim: unknown,
  platform: Platform,
  services: CourseServices,
  allowPrivateNetwork: boolean,
): DeepLinkSettings {
  const given = isObject(claim) ? claim : {};
  const returnUrl = given['deep_link_return_url'];
  const own = (address: string) => isPinned(platform, address) || isOwnPage(platform, address);
  if (typeof returnUrl !== 'string' || !isSafeUrl(returnUrl, allowPrivateNetwork) || !own(returnUrl))
    throw new BadRequest('lti_deep_linking_settings');
  const types = given['accept_types'];
  const targets = given['accept_presentation_document_targets'];
  const columns = given['accept_lineitem'];
  return {
    returnUrl,
    ...('data' in given ? { data: given['data'] } : {}),
    takesLinks: !Array.isArray(types) || types.includes('ltiResourceLink'),
    takesSeveral: given['accept_multiple'] === true,
    takesColumns: typeof columns === 'boolean' ? columns : granted(services, 'lineitem') !== null,
    inWindow:
      Array.isArray(targets) &&
      targets.includes('window') &&
      !['iframe', 'frame'].some((one) => targets.includes(one)),
  };
}
