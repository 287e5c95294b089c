import pLimit from 'p-limit';
import type { EnrolmentStore } from '../../course/roster/enrolments.store.ts';
import type { CourseScope } from '../../scope.ts';
import type { Column, Deliver, Outcome } from './deliver.job.ts';
import type { Claimed, DeliveryStore } from './deliveries.store.ts';
import type { OutboxRow } from './outbox.store.ts';

export type DrainDeps = {
  readonly enrolments: EnrolmentStore;
  readonly deliveries: DeliveryStore;
  readonly deliver: Deliver;
  /** How long a row is a silent worker's before another may take it. */
  readonly leaseMs: number;
};
/** Why the posting does not go on now; null where the line is empty as far as it is due. */
export type Trouble = {
  readonly code: string;
  readonly pause: boolean;
  readonly retryAfterMs: number | null;
} | null;

const BATCH = 100;
/** More than calls are under way, so that rows which wait for the database do not keep the LMS waiting. */
const PARALLEL = 24;
/** So many failures with nothing good between them are not about single fellows. */
const AWAY_AFTER = 10;
const FORBIDDEN_AFTER = 25;

/** Delivers what is due, some at a time, until nothing is or the LMS does not let us. */
export function createDrain({ enrolments, deliveries, deliver, leaseMs }: DrainDeps) {
  return async function drain(
    scope: CourseScope,
    lineItemId: string,
    column: Column,
    signal: AbortSignal,
    told: (outcome: Outcome) => Promise<void>,
  ): Promise<Trouble> {
    const streak = createStreak();
    for (;;) {
      signal.throwIfAborted();
      const claimed = await deliveries.claim(scope, lineItemId, BATCH, leaseMs);
      if (claimed.rows.length === 0) return null;
      const trouble = await deliverAll(scope, column, claimed, signal, async (outcome) => {
        await told(outcome);
        return streak(outcome);
      });
      if (trouble !== null) return trouble;
    }
  };

  async function deliverAll(
    scope: CourseScope,
    column: Column,
    claimed: Claimed,
    signal: AbortSignal,
    judge: (outcome: Outcome) => Promise<Trouble>,
  ): Promise<Trouble> {
    const limit = pLimit(PARALLEL);
    const renewing = setInterval(() => {
      // A renewal that fails lets the lease run out, which the next write of the row notices.
      deliveries.renew(scope, claimed, leaseMs).catch(() => undefined);
    }, leaseMs / 3);
    let trouble: Trouble = null;
    try {
      const ids = claimed.rows.map(({ personId }) => personId);
      const people = new Map((await enrolments.findMany(scope, ids)).map((one) => [one.personId, one]));
      const one = async (row: OutboxRow): Promise<void> => {
        if (trouble !== null || signal.aborted) return;
        const outcome = await deliver(scope, column, row, people.get(row.personId));
        trouble = (await judge(outcome)) ?? trouble;
      };
      const ends = await Promise.allSettled(claimed.rows.map((row) => limit(() => one(row))));
      const fault = ends.find((end) => end.status === 'rejected');
      if (fault !== undefined) throw fault.reason;
    } finally {
      clearInterval(renewing);
      await deliveries.release(scope, claimed);
    }
    return trouble;
  }
}
export type Drain = ReturnType<typeof createDrain>;

/** Tells trouble of the whole from trouble of one, by what comes in a row. */
function createStreak(): (outcome: Outcome) => Trouble {
  let failures = 0;
  let forbidden = 0;
  return (outcome) => {
    if (outcome.is === 'trouble') return outcome;
    if (outcome.is === 'posted' || outcome.is === 'unchanged') failures = forbidden = 0;
    if (outcome.is === 'later' && ++failures >= AWAY_AFTER)
      return { code: outcome.code, pause: true, retryAfterMs: null };
    if (outcome.is === 'refused' && outcome.code === 'service_forbidden' && ++forbidden >= FORBIDDEN_AFTER)
      return { code: outcome.code, pause: false, retryAfterMs: null };
    return null;
  };
}
