import type { Course } from '../../course/courses/courses.store.ts';
import type { CourseStores } from '../../course/room.ts';
import type { Jobs, Work } from '../../jobs/index.ts';
import { ServiceError } from '../../lti/service-error.ts';
import { granted } from '../../lti/services/ags.ts';
import type { CourseServices, Gradebook } from '../../lti/types.ts';
import type { CourseScope } from '../../scope.ts';
import { type Column, SCORE_MAXIMUM } from './deliver.job.ts';
import type { Drain } from './drain.job.ts';
import type { LineItem, LineItemStore } from './line-items.store.ts';
import type { Counts, OutboxStore } from './outbox.store.ts';
import type { Prospects } from './prospects.store.ts';
import { Paused, pauseAfter, Stopped } from './refusals.job.ts';

/** `runId` names a posting that staff asked for, whose scores go in line first; null only goes on with the line. */
export type PostPayload = { readonly runId: string | null };
export type PostResult = Counts;
export type PosterDeps = {
  readonly clock: () => Date;
  readonly random: () => number;
  readonly course: CourseStores;
  readonly gradebook: Gradebook;
  readonly lineItems: LineItemStore;
  readonly outbox: OutboxStore;
  readonly prospects: Prospects;
  readonly drain: Drain;
};

export const POST = 'post_grades';
export const PURPOSE = 'participation';
/** The posting itself says when it pauses and when it stops; this only ends a loop of crashes. */
const ATTEMPTS = 1_000;
const BUSY_MS = 2_000;
const SHORTEST_PAUSE_MS = 1_000;

/** True where the LMS lets us post and there is or may be a column. */
export function isOffered(services: CourseServices): boolean {
  return (
    granted(services, 'score') !== null && (services.lineItemsUrl !== null || services.lineItemUrl !== null)
  );
}

/** One posting of a course at a time: what is asked for meanwhile is named on the line item's row. */
export function enqueuePost(jobs: Jobs, courseId: string, payload: PostPayload) {
  return jobs.enqueue({ kind: POST, courseId, key: courseId, payload });
}

/**
 * Posts participation: the column, the scores into the outbox, then the outbox into the gradebook. Begins where the
 * last worker ended; pauses while the LMS is away and comes back by itself.
 */
export function createPoster(deps: PosterDeps) {
  const { clock, random, course, gradebook, lineItems, outbox, prospects, drain } = deps;

  return async function post(work: Work<PostPayload>): Promise<PostResult | null> {
    const { scope, signal } = work;
    const here = await course.courses.select(scope);
    const known = await lineItems.find(scope, PURPOSE);
    if (known === null) return null;
    if (!isOffered(here.services)) throw await stop(scope, 'grades_not_offered');
    await work.progress(0, null, 'column');
    const { lineItem, column } = await columnOf(scope, here, known);
    await prepare(work, lineItem);

    const seen = { done: 0, arrived: 0, gone: false };
    const total = (await outbox.count(scope, lineItem.id)).waiting;
    const trouble = await drain(scope, lineItem.id, column, signal, async (outcome) => {
      if (outcome.is === 'refused' && outcome.code === 'service_gone') seen.gone = true;
      if (outcome.is === 'posted' || outcome.is === 'unchanged') seen.arrived += 1;
      if (outcome.is !== 'later' && outcome.is !== 'trouble') seen.done += 1;
      await work.progress(seen.done, total, 'posting');
    });
    if (seen.arrived > 0) await lineItems.forgetFailures(scope, PURPOSE);
    if (trouble?.pause === true) throw await pause(scope, trouble.code, trouble.retryAfterMs);
    if (trouble !== null) throw await stop(scope, trouble.code);
    // A column deleted meanwhile says "gone" of everybody: it is looked for again.
    if (seen.gone) await columnOf(scope, here, lineItem);
    return (await finish(work, lineItem)) ?? post(work);
  };

  /** @throws Paused, Stopped */
  async function columnOf(scope: CourseScope, here: Course, known: LineItem) {
    const { label } = known;
    const spec = { resourceId: PURPOSE, tag: PURPOSE, label, scoreMaximum: SCORE_MAXIMUM };
    const lineItem = await lineItems
      .locate(scope, PURPOSE, (url) => gradebook.selectLineItem(here.platformId, here.services, spec, url))
      .catch(async (error: unknown) => {
        if (!(error instanceof ServiceError)) throw error;
        if (error.kind === 'permanent') throw await stop(scope, error.code);
        throw await pause(scope, error.code, error.retryAfterMs);
      });
    // Another worker looks for the column at this moment.
    if (lineItem === null || lineItem.url === null) throw new Paused('grades_waiting', BUSY_MS);
    if (lineItem.number !== known.number) await outbox.queueLost(scope, lineItem.id);
    const { platformId, services } = here;
    const column: Column = { platformId, services, url: lineItem.url, number: lineItem.number };
    return { lineItem, column };
  }

  /** The scores of this posting go in line once, so that a crash does not bring newer ones that nobody confirmed. */
  async function prepare(work: Work<PostPayload>, lineItem: LineItem): Promise<void> {
    const { scope, signal } = work;
    const run = unprepared(work, lineItem);
    if (run === null) return;
    let looked = 0;
    let without = 0;
    for await (const { wanted, kept, nothing, counts } of prospects.each(scope, lineItem)) {
      signal.throwIfAborted();
      await outbox.queue(scope, lineItem.id, wanted, run.id);
      await outbox.markKept(scope, lineItem.id, kept, run.id);
      await outbox.withdraw(scope, lineItem, nothing, run.id);
      without += nothing.length;
      looked += Object.values(counts).reduce((sum, count) => sum + count, 0);
      await work.progress(looked, null, 'preparing');
    }
    await lineItems.markPrepared(scope, PURPOSE, run.key, without);
  }

  /** Null where staff asked for another posting meanwhile, which this worker is to go on with. */
  async function finish(work: Work<PostPayload>, lineItem: LineItem): Promise<PostResult | null> {
    const { scope } = work;
    const isAsked = async (): Promise<boolean> => {
      const now = await lineItems.find(scope, PURPOSE);
      return now !== null && now.wantedRun !== lineItem.wantedRun && unprepared(work, now) !== null;
    };
    if (await isAsked()) return null;
    const due = await outbox.nextDue(scope, lineItem.id);
    if (due !== null)
      throw new Paused('grades_waiting', Math.max(due.getTime() - clock().getTime(), SHORTEST_PAUSE_MS));
    await lineItems.close(scope, PURPOSE);
    // Staff ordered a grade or a posting between the last look and the closing.
    if ((await outbox.nextDue(scope, lineItem.id)) !== null || (await isAsked()))
      await lineItems.reopen(scope, PURPOSE);
    return outbox.count(scope, lineItem.id);
  }

  async function pause(scope: CourseScope, code: string, wish: number | null): Promise<Paused> {
    const failures = await lineItems.countFailure(scope, PURPOSE);
    return new Paused(code, Math.max(wish ?? pauseAfter(failures, random), SHORTEST_PAUSE_MS));
  }
  async function stop(scope: CourseScope, code: string): Promise<Stopped> {
    await lineItems.stop(scope, PURPOSE, code);
    return new Stopped(code);
  }
}
export type Poster = ReturnType<typeof createPoster>;

/** The posting whose scores are not in line yet, and what names it for this column; null where there is none. */
function unprepared({ payload }: Work<PostPayload>, lineItem: LineItem) {
  // Rows written before postings were named on them have none, so the job's own stands in.
  const runId = lineItem.wantedRun ?? payload.runId;
  const key = `${runId ?? ''}/${lineItem.number}`;
  return runId === null || lineItem.preparedRun === key ? null : { id: runId, key };
}

/** The job that posts. */
export function definePost(jobs: Jobs, post: Poster): void {
  jobs.define<PostPayload>(POST, { attempts: ATTEMPTS, run: (work) => post(work) });
}
