import type { Claims } from '../claims.ts';
import type { Platform } from '../platforms.ts';
import type { LtiRole } from '../types.ts';

/** What became of the login that a launch's `state` names. */
export type LoginEvidence = {
  /** `fresh`: found, in time, and by this very look-up used up. */
  readonly standing: 'fresh' | 'used' | 'expired' | 'unknown';
  /**
   * Whether the browser that began the login brought the launch; `cookieless`: it sent no cookie of ours; `unproven`:
   * nor could it, and has to prove itself by platform storage before anything opens (prove.ts).
   */
  readonly browser: 'same' | 'other' | 'cookieless' | 'unproven';
  readonly nonce: string;
  readonly targetLinkUri: string;
  readonly issuer: string;
};

/** Everything a check may look at. Filled from top to bottom; a check of a later stage relies on the earlier ones. */
export type Evidence = {
  readonly login: LoginEvidence;
  readonly platform: Platform;
  readonly header: Claims;
  readonly claims: Claims;
  /** The least a launch's roles amount to; 'none' while they are malformed. */
  readonly role: LtiRole;
  /** Keys of the platform that bear the header's kid. */
  readonly key: 'not looked up' | 'unavailable' | 'unknown' | 'known';
  readonly signature: 'not checked' | 'invalid' | 'valid';
  /** Our own origin. */
  readonly origin: string;
  readonly nowSeconds: number;
};

/** Reason in the log and key of the words for the person (locales, lti:errors). */
export type Reason = `lti_${string}`;

/** Answers the reason of a refusal, or null where there is none. */
export type Check = (evidence: Evidence) => Reason | null;
