import { type Database, isDuplicateKey } from '../../database/index.ts';
import type { CourseScope } from '../../scope.ts';
import type { Grade, OutboxState } from './decide.ts';
import type { LineItem } from './line-items.store.ts';
import { type OutboxDocument, outboxModel } from './outbox.model.ts';
import { type Marks, waitingMark } from './runs.ts';

export type OutboxRow = Omit<OutboxDocument, '_id' | keyof Marks> & Marks & { readonly id: string };
/** A score to be posted. */
export type Wanted = { readonly personId: string; readonly score: number; readonly activityAt: Date };
export type Counts = Readonly<Record<OutboxState, number>>;

export type OutboxStore = {
  find(scope: CourseScope, lineItemId: string, personId: string): Promise<OutboxRow | null>;
  findMany(
    scope: CourseScope,
    lineItemId: string,
    personIds: readonly string[],
  ): Promise<ReadonlyMap<string, OutboxRow>>;
  /** Rows in a state, a page at a time. */
  list(
    scope: CourseScope,
    lineItemId: string,
    state: OutboxState,
    afterId: string | null,
    limit: number,
  ): Promise<readonly OutboxRow[]>;
  count(scope: CourseScope, lineItemId: string): Promise<Counts>;
  /** Fellows whose grade in the column is from us. */
  countPosted(scope: CourseScope, lineItem: Pick<LineItem, 'id' | 'number'>): Promise<number>;
  /**
   * Puts scores in line; one that is there is brought up to date and taken from whoever had it. One that staff keep
   * stays kept. May run twice. `runId` names the posting of the whole course that asks, null for none.
   */
  queue(
    scope: CourseScope,
    lineItemId: string,
    wanted: readonly Wanted[],
    runId: string | null,
  ): Promise<void>;
  /** Tells of those in a posting whose grade of the LMS staff let stand. */
  markKept(
    scope: CourseScope,
    lineItemId: string,
    personIds: readonly string[],
    runId: string,
  ): Promise<void>;
  /** Puts those in line again who were refused or held only because the column was gone. */
  queueLost(scope: CourseScope, lineItemId: string): Promise<void>;
  /** Takes those out of line for whom nothing counts any more, and tells the posting `runId` so; null for none. */
  withdraw(
    scope: CourseScope,
    lineItem: Pick<LineItem, 'id' | 'number'>,
    personIds: readonly string[],
    runId: string | null,
  ): Promise<void>;
  /** Staff let the LMS's grade stand that they saw. False where it is not held any more. */
  keep(scope: CourseScope, lineItemId: string, personId: string, seen: Grade): Promise<boolean>;
  /** Staff order our score to stand instead of the grade they saw. False where that is not held or kept. */
  postInstead(
    scope: CourseScope,
    lineItemId: string,
    wanted: Wanted,
    seen: Grade,
    orderId: string,
  ): Promise<boolean>;
  /** When the next waiting row may be taken; null where none waits. */
  nextDue(scope: CourseScope, lineItemId: string): Promise<Date | null>;
};

const STATES: readonly OutboxState[] = ['waiting', 'posted', 'held', 'kept', 'refused'];

/** The score outbox: a row per fellow and line item. */
export function createOutboxStore(database: Database, clock: () => Date): OutboxStore {
  const model = outboxModel(database);
  const waits = () => ({
    state: 'waiting' as const,
    reason: null,
    attempts: 0,
    dueAt: clock(),
    // Whoever had it may not write to it any more.
    leaseId: null,
  });
  return {
    async find({ courseId }, lineItemId, personId) {
      const row = await model.findOne({ courseId, personId, lineItemId }).lean<OutboxDocument>();
      return row === null ? null : plain(row);
    },
    async findMany({ courseId }, lineItemId, personIds) {
      const rows = await model
        .find({ courseId, personId: { $in: personIds }, lineItemId })
        .lean<OutboxDocument[]>();
      return new Map(rows.map((row) => [row.personId, plain(row)]));
    },
    async list({ courseId }, lineItemId, state, afterId, limit) {
      const rows = await model
        .find({ courseId, lineItemId, state, ...(afterId === null ? {} : { _id: { $gt: afterId } }) })
        .sort({ _id: 1 })
        .limit(limit)
        .lean<OutboxDocument[]>();
      return rows.map(plain);
    },
    async count({ courseId }, lineItemId) {
      const counted = await Promise.all(
        STATES.map(
          async (state) => [state, await model.countDocuments({ courseId, lineItemId, state })] as const,
        ),
      );
      return Object.fromEntries(counted) as Counts;
    },
    countPosted: ({ courseId }, { id, number }) =>
      model.countDocuments({
        courseId,
        lineItemId: id,
        'posted.number': number,
        // Where staff's own grade stands, ours is not in the gradebook any more.
        state: { $nin: ['held', 'kept'] as OutboxState[] },
      }),
    async queue(scope, lineItemId, wanted, runId) {
      const { courseId } = scope;
      if (wanted.length === 0) return;
      const fresh = {
        courseId,
        lineItemId,
        posted: null,
        sent: null,
        instead: null,
        found: null,
        mark: null,
        order: null,
        changedAt: clock(),
      };
      const write = (upsert: boolean) =>
        model.bulkWrite(
          wanted.map(({ personId, score, activityAt }) => ({
            updateOne: {
              filter: { _id: `${lineItemId}.${personId}`, courseId, state: { $ne: 'kept' as const } },
              update: {
                $set: {
                  ...waits(),
                  score,
                  activityAt,
                  ...(runId === null ? {} : { run: waitingMark(runId, score) }),
                },
                $setOnInsert: { ...fresh, personId },
              },
              upsert,
            },
          })),
          { ordered: false, throwOnValidationError: true },
        );
      try {
        await write(true);
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        // A row that was kept or made meanwhile is there already, so nothing is left to insert.
        await write(false);
        const ids = wanted.map(({ personId }) => personId);
        if (runId !== null) await this.markKept(scope, lineItemId, ids, runId);
      }
    },
    async markKept({ courseId }, lineItemId, personIds, runId) {
      if (personIds.length === 0) return;
      const run = { ...waitingMark(runId, null), outcome: 'kept' as const };
      const personId = { $in: personIds };
      await model.updateMany({ courseId, personId, lineItemId, state: 'kept' }, { $set: { run } });
    },
    async queueLost({ courseId }, lineItemId) {
      const gone = [
        { state: 'refused' as const, reason: 'service_gone' },
        { state: 'held' as const, found: null },
      ];
      const lost = { courseId, lineItemId, $or: gone };
      await model.updateMany({ ...lost, order: { $ne: null } }, { $set: { 'order.outcome': 'waiting' } });
      await model.updateMany(lost, { $set: waits() });
    },
    async withdraw({ courseId }, { id: lineItemId, number }, personIds, runId) {
      if (personIds.length === 0) return;
      const of = { courseId, personId: { $in: personIds }, lineItemId };
      const told = (reason: string) =>
        runId === null ? {} : { run: { ...waitingMark(runId, null), outcome: 'refused' as const, reason } };
      if (runId !== null)
        await model.updateMany(
          { ...of, state: { $in: ['posted', 'refused'] as OutboxState[] }, 'posted.number': number },
          { $set: told('counts_no_more') },
        );
      const reason = 'nothing_counts';
      const waiting = { ...of, state: 'waiting' as const };
      await model.updateMany(
        { ...waiting, 'order.outcome': 'waiting' },
        { $set: { 'order.outcome': 'refused', 'order.reason': reason } },
      );
      await model.updateMany(waiting, {
        $set: { state: 'refused', reason, leaseId: null, changedAt: clock(), ...told(reason) },
      });
    },
    async keep({ courseId }, lineItemId, personId, seen) {
      const { modifiedCount } = await model.updateOne(
        { courseId, personId, lineItemId, state: 'held', found: seen },
        { $set: { state: 'kept', instead: null, changedAt: clock() } },
      );
      return modifiedCount === 1;
    },
    async postInstead({ courseId }, lineItemId, { personId, score, activityAt }, seen, orderId) {
      const state = { $in: ['held', 'kept'] as OutboxState[] };
      const held = { courseId, personId, lineItemId, state, found: seen };
      // Should the grade change once more from here on, the order names another than the LMS shows.
      const { modifiedCount } = await model.updateOne(held, {
        $set: {
          ...waits(),
          score,
          activityAt,
          instead: { of: seen },
          order: waitingMark(orderId, score),
        },
      });
      return modifiedCount === 1;
    },
    async nextDue({ courseId }, lineItemId) {
      const row = await model
        .findOne({ courseId, lineItemId, state: 'waiting' }, { dueAt: 1 })
        .sort({ dueAt: 1 })
        .lean<{ dueAt: Date }>();
      return row?.dueAt ?? null;
    },
  };
}

/** A row as it leaves the store; those written before postings left marks have none. */
export function plain({ _id, run = null, order = null, ...rest }: OutboxDocument): OutboxRow {
  return { id: _id, ...rest, run, order };
}
