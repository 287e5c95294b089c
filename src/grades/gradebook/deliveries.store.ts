import type { Database } from '../../database/index.ts';
import { newId } from '../../database/index.ts';
import type { CourseScope } from '../../scope.ts';
import type { Grade } from './decide.ts';
import { type OutboxDocument, outboxModel, type Sending } from './outbox.model.ts';
import { type OutboxRow, plain } from './outbox.store.ts';
import { settledMarks, triedMarks } from './runs.ts';

export type Claimed = { readonly leaseId: string; readonly rows: readonly OutboxRow[] };

/** All but `claim` write only while the lease is still the caller's, and answer false where it is not. */
export type DeliveryStore = {
  /** Takes rows that are due, in one step each: of two workers one gets it. */
  claim(scope: CourseScope, lineItemId: string, limit: number, leaseMs: number): Promise<Claimed>;
  renew(scope: CourseScope, claimed: Claimed, leaseMs: number): Promise<void>;
  /** Gives back what was not come to. */
  release(scope: CourseScope, claimed: Claimed): Promise<void>;
  /**
   * Before a post: what may be in the LMS from now on, and what of before was found there (`arrived`), null for nothing.
   * False also where the lease has run out.
   */
  intend(scope: CourseScope, row: OutboxRow, sent: Sending, arrived: Sending | null): Promise<boolean>;
  /** The LMS has it, from now (`posted`) or from before. A row that went into line again meanwhile waits on. */
  arrived(
    scope: CourseScope,
    row: OutboxRow,
    posted: Sending,
    outcome: 'posted' | 'unchanged',
  ): Promise<boolean>;
  /** Staff changed it in the LMS. */
  hold(scope: CourseScope, row: OutboxRow, found: Grade, reason: string): Promise<boolean>;
  refuse(scope: CourseScope, row: OutboxRow, reason: string): Promise<boolean>;
  /** Not now. `counts`: an attempt was spent. */
  putBack(scope: CourseScope, row: OutboxRow, dueAt: Date, reason: string, counts: boolean): Promise<boolean>;
};

/** What workers do with rows of the outbox. */
export function createDeliveryStore(database: Database, clock: () => Date): DeliveryStore {
  const model = outboxModel(database);
  const write = createGroupWriter(model);
  const mine = ({ courseId }: CourseScope, { id, leaseId }: OutboxRow) => ({
    _id: id,
    courseId,
    leaseId,
    state: 'waiting' as const,
  });
  const over = () => ({ leaseId: null, attempts: 0, changedAt: clock() });
  const ahead = (ms: number): Date => new Date(clock().getTime() + ms);
  const held = ({ courseId }: CourseScope, { leaseId, rows }: Claimed) => ({
    courseId,
    _id: { $in: rows.map(({ id }) => id) },
    leaseId,
    state: 'waiting' as const,
  });
  return {
    async claim({ courseId }, lineItemId, limit, leaseMs) {
      const leaseId = newId();
      const due = { courseId, lineItemId, state: 'waiting' as const, dueAt: { $lte: clock() } };
      const ids = (
        await model.find(due, { _id: 1 }).sort({ dueAt: 1 }).limit(limit).lean<{ _id: string }[]>()
      ).map(({ _id }) => _id);
      if (ids.length === 0) return { leaseId, rows: [] };
      await model.updateMany({ ...due, _id: { $in: ids } }, { $set: { leaseId, dueAt: ahead(leaseMs) } });
      const rows = await model.find({ courseId, _id: { $in: ids }, leaseId }).lean<OutboxDocument[]>();
      return { leaseId, rows: rows.map(plain) };
    },
    async renew(scope, claimed, leaseMs) {
      await model.updateMany(held(scope, claimed), { $set: { dueAt: ahead(leaseMs) } });
    },
    async release(scope, claimed) {
      await model.updateMany(held(scope, claimed), { $set: { leaseId: null, dueAt: clock() } });
    },
    intend: (scope, row, sent, arrived) =>
      write(
        { ...mine(scope, row), dueAt: { $gt: clock() } },
        { sent, ...triedMarks(row), ...(arrived === null ? {} : { posted: arrived }) },
      ),
    async arrived(scope, row, posted, outcome) {
      // One that was there already keeps the day it was posted.
      const known = row.posted?.score === posted.score && row.posted.number === posted.number;
      const changedAt = known ? row.changedAt : clock();
      const done = { posted, sent: null, found: null, reason: null, instead: null };
      const fields = { ...done, ...settledMarks(row, outcome), ...over(), changedAt };
      if (await write(mine(scope, row), { ...fields, state: 'posted' })) return true;
      // The row went into line again while this was on the way: what arrived is known all the same.
      return write({ _id: row.id, courseId: scope.courseId, 'sent.at': posted.at }, { posted, sent: null });
    },
    hold: (scope, row, found, reason) =>
      write(mine(scope, row), {
        ...{ state: 'held', found, reason, instead: null },
        ...settledMarks(row, 'held', { found, reason }),
        ...over(),
      }),
    refuse: (scope, row, reason) =>
      write(mine(scope, row), {
        ...{ state: 'refused', reason, instead: null },
        ...settledMarks(row, 'refused', { reason }),
        ...over(),
      }),
    putBack: (scope, row, dueAt, reason, counts) =>
      write(mine(scope, row), {
        dueAt,
        reason,
        leaseId: null,
        attempts: row.attempts + (counts ? 1 : 0),
      }),
  };
}

type RowFilter = { readonly _id: string; readonly courseId: string } & Readonly<Record<string, unknown>>;
type Write = {
  readonly filter: RowFilter;
  readonly fields: Partial<OutboxDocument> & { readonly mark: string };
  readonly done: (matched: boolean) => void;
  readonly failed: (error: unknown) => void;
};

/**
 * Writes of single rows, many at a time: what is asked for while a write is under way goes with the next one, since
 * each waits for the journal. Answers whether the row still was as the filter says.
 */
function createGroupWriter(model: ReturnType<typeof outboxModel>) {
  let waiting: Write[] = [];
  let writing = false;

  const writeAll = async (writes: readonly Write[]): Promise<void> => {
    const { matchedCount } = await model.bulkWrite(
      writes.map(({ filter, fields }) => ({ updateOne: { filter, update: { $set: fields } } })),
      { ordered: false, throwOnValidationError: true },
    );
    // Only their number is told; where some matched nothing, the marks say which did.
    const all = matchedCount === writes.length;
    const marks = all ? new Set<string | null>() : await marksOf(writes);
    for (const { fields, done } of writes) done(all || marks.has(fields.mark));
  };
  const marksOf = async (writes: readonly Write[]): Promise<ReadonlySet<string | null>> => {
    const [first] = writes;
    const ids = writes.map(({ filter }) => filter._id);
    const rows = await model
      .find({ courseId: first?.filter.courseId, _id: { $in: ids } }, { mark: 1 })
      .lean<{ mark: string | null }[]>();
    return new Set(rows.map(({ mark }) => mark));
  };
  const flush = async (): Promise<void> => {
    writing = true;
    while (waiting.length > 0) {
      const [{ filter } = { filter: null }] = waiting;
      const writes = waiting.filter((one) => one.filter.courseId === filter?.courseId);
      waiting = waiting.filter((one) => one.filter.courseId !== filter?.courseId);
      await writeAll(writes).catch((error: unknown) => {
        for (const { failed } of writes) failed(error);
      });
    }
    writing = false;
  };
  return (filter: RowFilter, fields: Partial<OutboxDocument>): Promise<boolean> =>
    new Promise((done, failed) => {
      waiting.push({ filter, fields: { ...fields, mark: newId() }, done, failed });
      if (!writing) void flush();
    });
}
