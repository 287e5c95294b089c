import type { Response } from 'express';
import { Forbidden } from '../../errors.ts';
import { page } from '../../web/page.ts';
import { PATHS } from '../addresses.ts';
import type { Platform } from '../platforms.ts';
import type { TicketStore } from '../tickets.store.ts';
import type { Launch, LineItemSpec } from '../types.ts';
import { readSettings, type DeepLinkSettings } from './settings.ts';

/** A page that staff may place a link to; `label` is a key of words. */
export type LinkTarget = { readonly path: string; readonly label: string };

/** What rooms let staff place into a course. */
export type Links = {
  /** Beside My Peer Group, which is always there. */
  readonly targets: () => readonly LinkTarget[];
  /** The gradebook column that comes with My Peer Group; `label` is a key of words. */
  readonly column: LineItemSpec;
};

/** What is known between the page and the choice; `locale` names its links. */
export type Offered = {
  readonly platformId: string;
  readonly deploymentId: string;
  readonly settings: DeepLinkSettings;
  readonly locale: string | null;
};

export type OfferDeps = {
  readonly allowPrivateNetwork: boolean;
  readonly tickets: TicketStore;
  readonly links: Links;
};

/** How long staff may look at the page before they choose. */
const LIFE_MS = 30 * 60_000;
export const HOME: LinkTarget = { path: '/', label: 'lti:deep_link.home' };

/**
 * The page on which staff choose what to put into their course; good for one choice.
 * @throws Forbidden lti_deep_linking_staff, BadRequest lti_deep_linking_settings
 */
export async function offerLinks(
  deps: OfferDeps,
  res: Response,
  claim: unknown,
  launch: Launch,
  platform: Platform,
): Promise<void> {
  if (launch.role === 'learner' || launch.role === 'none') throw new Forbidden('lti_deep_linking_staff');
  const settings = readSettings(claim, platform, launch.services, deps.allowPrivateNetwork);
  const { deploymentId, locale } = launch;
  const offered: Offered = { platformId: platform.id, deploymentId, settings, locale };
  const ticket = await deps.tickets.issue('deep-link', offered, LIFE_MS);
  page(res, 'lti/deep-link', {
    action: PATHS.deepLink,
    ticket,
    settings,
    targets: [HOME, ...deps.links.targets()],
  });
}
