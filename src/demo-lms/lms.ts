import type { Logger } from 'pino';
import type { GuardedBehaviour } from './behaviour.ts';
import type { LmsStore } from './lms.store.ts';
import type { SecretStore } from './secrets.store.ts';

/** What every part of the demo LMS works with. */
export type Lms = {
  /** Its origin, without a trailing slash. */
  readonly issuer: string;
  readonly store: LmsStore;
  readonly secrets: SecretStore;
  readonly behaviour: GuardedBehaviour;
  readonly clock: () => Date;
  readonly log: Logger;
};
