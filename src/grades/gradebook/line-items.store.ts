import type { Database } from '../../database/index.ts';
import { isDuplicateKey, newId } from '../../database/index.ts';
import type { CourseScope } from '../../scope.ts';
import { type LineItemDocument, lineItemModel } from './line-items.model.ts';

export type LineItem = Omit<LineItemDocument, '_id' | 'leaseId' | 'leaseUntil'> & { readonly id: string };

export type LineItemStore = {
  find(scope: CourseScope, purpose: string): Promise<LineItem | null>;
  /**
   * Makes the row where there is none, and opens it for posting: what stopped it before is forgotten.
   * `wantedRun` names a posting whose scores are to go in line, by whichever worker sees it first.
   */
  open(scope: CourseScope, purpose: string, label: string, wantedRun?: string): Promise<LineItem>;
  /** Opens it again where it is there: something waits. */
  reopen(scope: CourseScope, purpose: string): Promise<void>;
  /**
   * Asks `look` for the column's address while nobody else does, and keeps the answer: of two workers one creates.
   * Null where another is at it.
   */
  locate(
    scope: CourseScope,
    purpose: string,
    look: (knownUrl: string | null) => Promise<string>,
  ): Promise<LineItem | null>;
  /** `without`: how many fellows have no score to post. */
  markPrepared(scope: CourseScope, purpose: string, runId: string, without: number): Promise<void>;
  /** Nothing waits any more. */
  close(scope: CourseScope, purpose: string): Promise<void>;
  /** No worker comes by itself until staff post again. */
  stop(scope: CourseScope, purpose: string, reason: string): Promise<void>;
  /** Counts a failure of the LMS as a whole, and answers how many there were in a row; a success begins anew. */
  countFailure(scope: CourseScope, purpose: string): Promise<number>;
  forgetFailures(scope: CourseScope, purpose: string): Promise<void>;
  /** Courses where something waits, for the job that comes back to them. */
  listOpen(purpose: string): Promise<readonly string[]>;
};

/** Longer than a platform in health takes to answer for a column. */
const LEASE_MS = 60_000;

/** Line items: the columns of gradebooks that we post into, one a course and purpose. */
export function createLineItemStore(
  database: Database,
  clock: () => Date,
  leaseMs = LEASE_MS,
): LineItemStore {
  const model = lineItemModel(database);
  const idOf = ({ courseId }: CourseScope, purpose: string): string => `${courseId}.${purpose}`;
  const find: LineItemStore['find'] = async ({ courseId }, purpose) => {
    const row = await model.findOne({ courseId, purpose }).lean<LineItemDocument>();
    return row === null ? null : plain(row);
  };
  const set = async ({ courseId }: CourseScope, purpose: string, fields: Partial<LineItemDocument>) => {
    await model.updateOne({ courseId, purpose }, { $set: fields });
  };
  return {
    find,
    async open(scope, purpose, label, wantedRun) {
      const { courseId } = scope;
      const fresh = {
        courseId,
        purpose,
        url: null,
        number: 1,
        preparedRun: null,
        without: null,
        failures: 0,
      };
      const opened = { label, open: true, stopped: null, ...(wantedRun === undefined ? {} : { wantedRun }) };
      try {
        const row = await model
          .findOneAndUpdate(
            { _id: idOf(scope, purpose) },
            { $set: opened, $setOnInsert: { ...fresh, leaseId: null, leaseUntil: null } },
            { upsert: true, new: true },
          )
          .lean<LineItemDocument>();
        return plain(row);
      } catch (error) {
        // Another process made it at the same moment.
        if (!isDuplicateKey(error)) throw error;
        return this.open(scope, purpose, label, wantedRun);
      }
    },
    reopen: (scope, purpose) => set(scope, purpose, { open: true }),
    async locate(scope, purpose, look) {
      const { courseId } = scope;
      const leaseId = newId();
      const free = { $or: [{ leaseUntil: null }, { leaseUntil: { $lte: clock() } }] };
      const leaseUntil = new Date(clock().getTime() + leaseMs);
      const row = await model
        .findOneAndUpdate({ courseId, purpose, ...free }, { $set: { leaseId, leaseUntil } }, { new: true })
        .lean<LineItemDocument>();
      if (row === null) return null;
      const mine = { courseId, purpose, leaseId };
      try {
        const url = await look(row.url);
        const moved = row.url !== null && row.url !== url;
        await model.updateOne(mine, { $set: { url, number: row.number + (moved ? 1 : 0) } });
      } finally {
        await model.updateOne(mine, { $set: { leaseId: null, leaseUntil: null } });
      }
      return find(scope, purpose);
    },
    markPrepared: (scope, purpose, preparedRun, without) => set(scope, purpose, { preparedRun, without }),
    close: (scope, purpose) => set(scope, purpose, { open: false, failures: 0 }),
    stop: (scope, purpose, stopped) => set(scope, purpose, { stopped }),
    async countFailure({ courseId }, purpose) {
      const row = await model
        .findOneAndUpdate({ courseId, purpose }, { $inc: { failures: 1 } }, { new: true })
        .lean<LineItemDocument>();
      return row?.failures ?? 1;
    },
    forgetFailures: (scope, purpose) => set(scope, purpose, { failures: 0 }),
    async listOpen(purpose) {
      const rows = await model
        .find({ open: true, stopped: null, purpose }, { courseId: 1 })
        .lean<{ courseId: string }[]>();
      return rows.map(({ courseId }) => courseId);
    },
  };
}

function plain({ _id, leaseId: _leaseId, leaseUntil: _leaseUntil, ...rest }: LineItemDocument): LineItem {
  return { id: _id, ...rest };
}
