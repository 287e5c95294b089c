import { AppError } from '../../errors.ts';
import { algorithm } from './checks/algorithm.ts';
import { audience } from './checks/audience.ts';
import { authorizedParty } from './checks/authorized-party.ts';
import { deployment } from './checks/deployment.ts';
import { issuer } from './checks/issuer.ts';
import { keyId } from './checks/key-id.ts';
import { keyKnown } from './checks/key-known.ts';
import { messageType } from './checks/message-type.ts';
import { nonce } from './checks/nonce.ts';
import { optionalClaims } from './checks/optional-claims.ts';
import { resourceLink } from './checks/resource-link.ts';
import { roles } from './checks/roles.ts';
import { signature } from './checks/signature.ts';
import { state } from './checks/state.ts';
import { subject } from './checks/subject.ts';
import { targetLink } from './checks/target-link.ts';
import { times } from './checks/times.ts';
import { version } from './checks/version.ts';
import type { Check, Evidence } from './evidence.ts';

/** `request` needs no call to the platform, `key` its key set, `token` a verified signature. */
export type Stage = 'request' | 'key' | 'token';

type Row = { readonly number: number; readonly stage: Stage; readonly status: number; readonly check: Check };

/**
 * The checks on a launch, in the order they are made; the first refusal ends it. Numbers are those of
 * docs/decisions/0010-the-door.md. Check 19, tolerance of unknown claims and of null, has no row: it is kept by
 * every other check and by parseLaunch.
 */
export const LAUNCH_CHECKS: readonly Row[] = [
  { number: 1, stage: 'request', status: 401, check: state },
  { number: 2, stage: 'request', status: 400, check: algorithm },
  { number: 3, stage: 'request', status: 400, check: keyId },
  { number: 4, stage: 'key', status: 401, check: keyKnown },
  { number: 5, stage: 'key', status: 401, check: signature },
  { number: 6, stage: 'token', status: 401, check: issuer },
  { number: 7, stage: 'token', status: 401, check: audience },
  { number: 8, stage: 'token', status: 401, check: authorizedParty },
  { number: 9, stage: 'token', status: 401, check: times },
  { number: 10, stage: 'token', status: 401, check: nonce },
  { number: 11, stage: 'token', status: 400, check: version },
  { number: 12, stage: 'token', status: 400, check: messageType },
  { number: 13, stage: 'token', status: 403, check: deployment },
  { number: 14, stage: 'token', status: 400, check: targetLink },
  { number: 15, stage: 'token', status: 400, check: resourceLink },
  { number: 16, stage: 'token', status: 400, check: roles },
  { number: 17, stage: 'token', status: 400, check: subject },
  { number: 18, stage: 'token', status: 400, check: optionalClaims },
];

/**
 * Makes the checks of one stage.
 * @throws AppError with the status and the reason of the first check that refuses.
 */
export function runChecks(stage: Stage, evidence: Evidence): void {
  for (const row of LAUNCH_CHECKS) {
    if (row.stage !== stage) continue;
    const reason = row.check(evidence);
    if (reason !== null) throw new AppError(row.status, reason);
  }
}
