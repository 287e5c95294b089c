import type { Response } from 'express';
import { page } from '../web/page.ts';
import { PATHS } from './addresses.ts';
import { setProbeCookie } from './cookies.ts';
import { allowFormsAnywhere } from './frames.ts';
import type { LoginParameters } from './logins.store.ts';
import type { Platform } from './platforms.ts';

/** Ours: the browser was asked once already whether it gives cookies back. */
export const PROBED = 'cookies_tried';

type Rules = { readonly allowPrivateNetwork: boolean };

/** What a page's script needs to reach the platform's storage (public/platform-storage.js). */
export type StorageAsk = {
  /** Name of the frame that keeps data; '' asks the platform for it. */
  readonly target: string;
  /** The one origin that may be told and believed: that of the authorization address. */
  readonly origin: string;
  readonly key: string;
};

/** A page that goes on by itself to see whether the cookie set here comes back; without script, by a button. */
export function cookiePage(res: Response, parameters: LoginParameters, rules: Rules): void {
  setProbeCookie(res);
  send(res, 'lti/continue', parameters, rules, { probed: PROBED });
}

/**
 * Neither cookie nor platform storage: the login begins again in a window of its own, with what the platform sent.
 * @param reference stands on the page where a launch was refused for it
 */
export function windowPage(
  res: Response,
  parameters: LoginParameters,
  rules: Rules,
  reference: string | null = null,
): void {
  send(res, 'lti/new-window', parameters, rules, { reference });
}

/** Gives the platform the browser key to keep and goes on to authorization; where it does not answer, a window. */
export function storagePage(
  res: Response,
  login: {
    readonly address: string;
    readonly state: string;
    readonly browserKey: string;
    readonly platform: Platform;
    readonly parameters: LoginParameters;
  },
  rules: Rules,
): void {
  const { address, browserKey, state, platform, parameters } = login;
  const ask = storageAsk(platform, parameters, state);
  send(res, 'lti/storage', parameters, rules, { address, browserKey, ask });
}

/** Asks the platform for the browser key, and posts it with the ticket of the launch; where it does not answer, a window. */
export function provePage(
  res: Response,
  launch: { readonly ticket: string; readonly ask: StorageAsk; readonly parameters: LoginParameters },
  rules: Rules,
): void {
  const { ticket, ask, parameters } = launch;
  send(res, 'lti/prove', parameters, rules, { ticket, ask, proofAddress: PATHS.proof });
}

/** How the browser key of a login is kept at its platform. */
export function storageAsk(
  platform: Pick<Platform, 'authUrl'>,
  parameters: LoginParameters,
  state: string,
): StorageAsk {
  return {
    target: parameters.lti_storage_target ?? '',
    origin: new URL(platform.authUrl).origin,
    key: `peer_group_${state.slice(0, 16)}`,
  };
}

/** All of them offer the login once more, as a form: nothing of a person stands in an address of ours. */
function send(res: Response, view: string, parameters: LoginParameters, rules: Rules, model: object): void {
  allowFormsAnywhere(res, rules.allowPrivateNetwork);
  const again = Object.entries(parameters).filter((entry) => entry[1] !== null);
  page(res, view, { ...model, loginAddress: PATHS.login, again });
}
