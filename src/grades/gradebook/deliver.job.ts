import pLimit from 'p-limit';
import type { Enrolment } from '../../course/roster/enrolments.store.ts';
import type { CourseServices, Gradebook } from '../../lti/types.ts';
import type { CourseScope } from '../../scope.ts';
import { decide, type Facts, type Grade, outOfHundred, roundingOf, same, timestampOf } from './decide.ts';
import type { DeliveryStore } from './deliveries.store.ts';
import type { Sending } from './outbox.model.ts';
import type { OutboxRow } from './outbox.store.ts';
import { consequenceOf, MOST_ATTEMPTS, pauseAfter } from './refusals.job.ts';
import { triedMarks } from './runs.ts';

/** The column as it is now, and how to reach it. */
export type Column = {
  readonly platformId: string;
  readonly services: CourseServices;
  readonly url: string;
  readonly number: number;
};
export type DeliverDeps = {
  readonly clock: () => Date;
  readonly random: () => number;
  readonly gradebook: Gradebook;
  readonly deliveries: DeliveryStore;
  /** Called between any two steps; tests let it throw or wait, as a crash or a stalled process would. */
  readonly checkpoint?: (step: string) => Promise<void> | void;
};
/** What became of a row. `trouble` goes beyond it: the posting pauses or stops. `lost`: it is another worker's now. */
export type Outcome =
  | { readonly is: 'posted' | 'unchanged' | 'held' | 'lost' }
  | { readonly is: 'refused' | 'later'; readonly code: string }
  | {
      readonly is: 'trouble';
      readonly code: string;
      readonly pause: boolean;
      readonly retryAfterMs: number | null;
    };

type Read = Pick<Facts, 'found' | 'within'>;

export const SCORE_MAXIMUM = 100;
/** Calls to the LMS under way at a time: enough for 500 scores a second, not so many that a small LMS suffers. */
const PARALLEL = 8;
/** How often a newer timestamp is tried at once. */
const MOST_NEWER = 3;

/** Delivers one score: read, compare, post, record. Every step may be the last of this process. */
export function createDeliver(deps: DeliverDeps) {
  const { clock, random, gradebook, deliveries, checkpoint = () => undefined } = deps;
  const call = pLimit(PARALLEL);

  return async function deliver(
    scope: CourseScope,
    column: Column,
    row: OutboxRow,
    person: Enrolment | undefined,
  ): Promise<Outcome> {
    const reason = whyNot(person);
    if (person === undefined || reason !== null) return refuse(scope, row, reason ?? 'person_left');
    let floor: Date | null = null;
    let now = row;
    for (let tried = 1; ; tried += 1) {
      try {
        const step: Outcome | Sending = await attempt(scope, column, now, person.sub, floor);
        if ('is' in step) return step;
        now = { ...now, ...triedMarks(now), sent: step };
        floor = new Date(clock().getTime() + (tried - 1) * 1_000);
        if (tried > MOST_NEWER) return await later(scope, row, 'service_timestamp', true);
      } catch (error) {
        const meant = consequenceOf(error);
        if (meant.do === 'refuse') return refuse(scope, row, meant.code);
        if (meant.do === 'later') return later(scope, row, meant.code, meant.counts);
        if (meant.do === 'newer') return later(scope, row, meant.code, true);
        const retryAfterMs = meant.do === 'pause' ? meant.retryAfterMs : null;
        return { is: 'trouble', code: meant.code, pause: meant.do === 'pause', retryAfterMs };
      }
    }
  };

  /** Once through; answers what was sent where the LMS wants a newer timestamp. */
  async function attempt(
    scope: CourseScope,
    column: Column,
    row: OutboxRow,
    sub: string,
    floor: Date | null,
  ): Promise<Outcome | Sending> {
    const facts = factsOf(row, column, await read(column, sub));
    await checkpoint('read');
    const decision = decide(facts);
    const last = latest(row.posted, row.sent);
    const next = {
      score: row.score,
      at: timestampOf(row.activityAt, last?.at ?? null, floor),
      number: column.number,
    };
    if (decision === 'hold') return hold(scope, row, facts.found, 'grade_changed');
    if (decision === 'done') {
      const arrived = await deliveries.arrived(scope, row, { ...next, at: last?.at ?? next.at }, 'unchanged');
      return { is: arrived ? 'unchanged' : 'lost' };
    }
    const over = decision === 'post-over';
    // Staff changed the grade after the activity, so the activity's own time would be older than theirs.
    if (over) next.at = timestampOf(row.activityAt, last?.at ?? null, floor ?? clock());
    if (!(await deliveries.intend(scope, row, next, arrivedBefore(row, facts)))) return { is: 'lost' };
    await checkpoint('intended');
    try {
      const score = { sub, scoreGiven: next.score, scoreMaximum: SCORE_MAXIMUM, comment: null };
      const manner = { timestamp: next.at, overStaff: over };
      await call(() =>
        gradebook.postScore(column.platformId, column.services, column.url, { ...score, ...manner }),
      );
    } catch (error) {
      if (consequenceOf(error).do === 'newer') return next;
      throw error;
    }
    await checkpoint('posted');
    if (over && (await isLocked(column, sub, row.score)))
      return hold(scope, row, facts.found, 'grade_locked');
    return { is: (await deliveries.arrived(scope, row, next, 'posted')) ? 'posted' : 'lost' };
  }

  async function read({ platformId, services, url }: Column, sub: string): Promise<Read> {
    const result = await call(() => gradebook.findResult(platformId, services, url, sub));
    if (result === null) return { found: 'unreadable', within: 0 };
    const { resultScore, resultMaximum } = result;
    return { found: outOfHundred(resultScore, resultMaximum), within: roundingOf(resultMaximum) };
  }
  /** Moodle keeps a teacher's override in a coupled column, yet says that all is well. */
  async function isLocked(column: Column, sub: string, score: number): Promise<boolean> {
    const { found, within } = await read(column, sub);
    return found !== 'unreadable' && !same(found, score, within) && !(score === 0 && found === null);
  }
  async function refuse(scope: CourseScope, row: OutboxRow, code: string): Promise<Outcome> {
    return (await deliveries.refuse(scope, row, code)) ? { is: 'refused', code } : { is: 'lost' };
  }
  async function hold(
    scope: CourseScope,
    row: OutboxRow,
    found: Facts['found'],
    reason: string,
  ): Promise<Outcome> {
    const grade = found === 'unreadable' ? null : found;
    return { is: (await deliveries.hold(scope, row, grade, reason)) ? 'held' : 'lost' };
  }
  async function later(scope: CourseScope, row: OutboxRow, code: string, counts: boolean): Promise<Outcome> {
    if (counts && row.attempts + 1 >= MOST_ATTEMPTS) return refuse(scope, row, code);
    const dueAt = new Date(clock().getTime() + pauseAfter(row.attempts, random));
    return (await deliveries.putBack(scope, row, dueAt, code, counts))
      ? { is: 'later', code }
      : { is: 'lost' };
  }
}
export type Deliver = ReturnType<typeof createDeliver>;

/** Who left, teaches, or is a platform's own test user has no grade; a key of words. */
function whyNot(person: Enrolment | undefined): string | null {
  if (person === undefined || person.state === 'left') return 'person_left';
  if (person.testUser) return 'person_test';
  return person.role === 'fellow' ? null : 'person_not_fellow';
}

/** What was posted or sent into a column that is gone says nothing of this one. */
function factsOf(row: OutboxRow, { number }: Column, read: Read): Facts {
  const here = (sending: Sending | null): Grade => (sending?.number === number ? sending.score : null);
  return { score: row.score, posted: here(row.posted), sent: here(row.sent), instead: row.instead, ...read };
}

/** A post whose answer was lost and whose grade is there now: known as posted before the next one takes its place. */
function arrivedBefore({ sent }: OutboxRow, facts: Facts): Sending | null {
  const { found, within } = facts;
  return facts.sent !== null && found !== 'unreadable' && same(found, facts.sent, within) ? sent : null;
}

function latest(a: Sending | null, b: Sending | null): Sending | null {
  if (a === null || b === null) return a ?? b;
  return a.at > b.at ? a : b;
}
