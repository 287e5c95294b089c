import { type Database, isDuplicateKey } from '../../database/index.ts';
import type { CourseScope } from '../../scope.ts';
import type { Grade, OutboxState } from './decide.ts';
import type { LineItem } from './line-items.store.ts';
import { type OutboxDocument, outboxModel } from './outbox.model.ts';

export type OutboxRow = Omit<OutboxDocument, '_id'> & { readonly id: string };
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
   * stays kept. May run twice.
   */
  queue(scope: CourseScope, lineItemId: string, wanted: readonly Wanted[]): Promise<void>;
  /** Puts those in line again who were refused or held only because the column was gone. */
  queueLost(scope: CourseScope, lineItemId: string): Promise<void>;
  /** Takes those out of line for whom nothing counts any more. */
  withdraw(scope: CourseScope, lineItemId: string, personIds: readonly string[]): Promise<void>;
  /** Staff let the LMS's grade stand that they saw. False where it is not held any more. */
  keep(scope: CourseScope, lineItemId: string, personId: string, seen: Grade): Promise<boolean>;
  /** Staff order our score to stand instead of the grade they saw. False where that is not held or kept. */
  postInstead(scope: CourseScope, lineItemId: string, wanted: Wanted, seen: Grade): Promise<boolean>;
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
    async queue({ courseId }, lineItemId, wanted) {
      if (wanted.length === 0) return;
      const fresh = {
        courseId,
        lineItemId,
        posted: null,
        sent: null,
        instead: null,
        found: null,
        mark: null,
        changedAt: clock(),
      };
      const write = (upsert: boolean) =>
        model.bulkWrite(
          wanted.map(({ personId, score, activityAt }) => ({
            updateOne: {
              filter: { _id: `${lineItemId}.${personId}`, courseId, state: { $ne: 'kept' as const } },
              update: {
                $set: { ...waits(), score, activityAt },
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
      }
    },
    async queueLost({ courseId }, lineItemId) {
      await model.updateMany(
        {
          courseId,
          lineItemId,
          $or: [
            { state: 'refused', reason: 'service_gone' },
            { state: 'held', found: null },
          ],
        },
        { $set: waits() },
      );
    },
    async withdraw({ courseId }, lineItemId, personIds) {
      if (personIds.length === 0) return;
      await model.updateMany(
        { courseId, personId: { $in: personIds }, lineItemId, state: 'waiting' },
        { $set: { state: 'refused', reason: 'nothing_counts', leaseId: null, changedAt: clock() } },
      );
    },
    async keep({ courseId }, lineItemId, personId, seen) {
      const { modifiedCount } = await model.updateOne(
        { courseId, personId, lineItemId, state: 'held', found: seen },
        { $set: { state: 'kept', instead: null, changedAt: clock() } },
      );
      return modifiedCount === 1;
    },
    async postInstead({ courseId }, lineItemId, { personId, score, activityAt }, seen) {
      const state = { $in: ['held', 'kept'] as OutboxState[] };
      const held = { courseId, personId, lineItemId, state, found: seen };
      // Should the grade change once more from here on, the order names another than the LMS shows.
      const { modifiedCount } = await model.updateOne(held, {
        $set: { ...waits(), score, activityAt, instead: { of: seen } },
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

export function plain({ _id, ...rest }: OutboxDocument): OutboxRow {
  return { id: _id, ...rest };
}
