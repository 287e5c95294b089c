import type { Request, Response } from 'express';
import { page } from '../web/page.ts';
import { type OfferDeps, offerLinks } from './deep-linking/offer.ts';
import type { PlatformStore } from './platforms.store.ts';
import type { Platform } from './platforms.ts';
import type { Launch } from './types.ts';

/** Where a recorded launch opens; `key` is the session's where no cookie can carry it, else null. */
export type Opened = { readonly address: string; readonly key: string | null };
export type LaunchingBrowser = {
  readonly req: Request;
  readonly res: Response;
  /** False where platform storage proved the browser, because it keeps no cookie of ours in this frame. */
  readonly keepsCookies: boolean;
};

/**
 * What the house does with a launch: records it and opens a session, with the browser's cookie or, where none stays,
 * with a key that the page keeps.
 */
export type OnLaunch = (launch: Launch, browser: LaunchingBrowser) => Promise<Opened>;

/** A launch that passed every check; `deepLinking` is the settings claim of a deep linking request. */
export type ValidLaunch = { readonly launch: Launch; readonly deepLinking: unknown };

export type EnterDeps = OfferDeps & { readonly platforms: PlatformStore; readonly onLaunch: OnLaunch };

/** Answers a launch that is valid and whose browser is proven. */
export async function enter(
  deps: EnterDeps,
  { launch, deepLinking }: ValidLaunch,
  platform: Platform,
  browser: LaunchingBrowser,
): Promise<void> {
  const { res } = browser;
  if (launch.messageType === 'LtiDeepLinkingRequest') {
    await offerLinks(deps, res, deepLinking, launch, platform);
    return;
  }
  if (launch.context === null) {
    page(res, 'lti/no-course', {});
    return;
  }
  const { address, key } = await deps.onLaunch(launch, browser);
  if (key === null) res.redirect(303, address);
  else page(res, 'lti/frame', { address, key });
}
