import { AppError } from '../../errors.ts';
import { ServiceError } from '../../lti/service-error.ts';

/**
 * What an error of the LMS means for the row and for the posting.
 * `newer`: look again, then post with a newer timestamp. `later`: this row again after a pause. `pause`: all of them.
 * `refuse`: this fellow's grade is not taken; a sentence for staff. `stop`: nobody's is, until staff act.
 */
export type Consequence =
  | { readonly do: 'newer' | 'refuse' | 'stop'; readonly code: string }
  | { readonly do: 'later'; readonly code: string; readonly counts: boolean }
  | { readonly do: 'pause'; readonly code: string; readonly retryAfterMs: number | null };

/** Refusals that are about one fellow; every other lasting one is about the course, its column or the installation. */
const OF_ONE_PERSON = new Set([
  'service_person_not_gradable',
  'service_not_understood',
  'service_gone',
  'service_refused',
  'service_forbidden',
]);
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 300_000;
/** How often the LMS may break down at one fellow's grade before it is given up: over about three minutes. */
export const MOST_ATTEMPTS = 5;

/** The retry table of the outbox (docs/decisions/0006-grades.md). @throws what is no error of the LMS */
export function consequenceOf(error: unknown): Consequence {
  if (!(error instanceof ServiceError)) throw error;
  const { kind, code, retryAfterMs } = error;
  if (kind === 'conflict') return { do: 'newer', code };
  if (kind === 'permanent') return { do: OF_ONE_PERSON.has(code) ? 'refuse' : 'stop', code };
  if (code === 'service_busy') return { do: 'pause', code, retryAfterMs };
  // Moodle breaks down at a person it does not know; a network does not know persons.
  return { do: 'later', code, counts: code !== 'service_unreachable' };
}

/** Four times as long each time, from two seconds to five minutes, spread by a fifth so that rows do not march in step. */
export function pauseAfter(failures: number, random: () => number): number {
  const pause = Math.min(FIRST_PAUSE_MS * 4 ** failures, LONGEST_PAUSE_MS);
  return Math.round(pause * (0.9 + 0.2 * random()));
}

/** The posting goes on later by itself; the worker of jobs reads `retryAfterMs` and `code`. */
export class Paused extends Error {
  readonly code: string;
  readonly retryAfterMs: number;
  constructor(code: string, retryAfterMs: number) {
    super(code);
    this.name = 'Paused';
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Nothing can be posted until staff act; the job ends with this. */
export class Stopped extends AppError {
  constructor(code: string) {
    super(409, code);
  }
}
