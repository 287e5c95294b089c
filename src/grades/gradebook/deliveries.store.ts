import type { Database } from '../../database/index.ts';
import { newId } from '../../database/index.ts';
import type { CourseScope } from '../../scope.ts';
import type { Grade } from './decide.ts';
import { type OutboxDocument, outboxModel, type Sending } from './outbox.model.ts';
import { type OutboxRow, plain } from './outbox.store.ts';

export type Claimed = { readonly leaseId: string; readonly rows: readonly OutboxRow[] };

/** All but `claim` write only while the lease is still the caller's, and answer false where it is not. */
export type DeliveryStore = {
  /** Takes rows that are due, in one step each: of two workers one gets it. */
  claim(scope: CourseScope, lineItemId: string, limit: number, leaseMs: number): Promise<Claimed>;
  renew(scope: CourseScope, claimed: Claimed, leaseMs: number): Promise<void>;
  /** Gives back what was not come to. */
  release(scope: CourseScope, claimed: Claimed): Promise<void>;
  /** Before a post: what may be in the LMS from now on. False also where the lease has run out. */
  intend(scope: CourseScope, row: OutboxRow, sent: Sending): Promise<boolean>;
  /** The LMS has it. A row that went into line again meanwhile waits on. */
  arrived(scope: CourseScope, row: OutboxRow, posted: Sending): Promise<boolean>;
  /** Staff changed it in the LMS. */
  hold(scope: CourseScope, row: OutboxRow, found: Grade, reason: string): Promise<boolean>;
  refuse(scope: CourseScope, row: OutboxRow, reason: string): Promise<boolean>;
  /** Not now. `counts`: an attempt was spent. */
  putBack(scope: CourseScope, row: OutboxRow, dueAt: Date, reason: string, counts: boolean): Promise<boolean>;
};

/** What workers do with rows of the outbox. */
export function createDeliveryStore(database: Database, clock: () => Date): DeliveryStore {
  const model = outboxModel(database);
  const mine = ({ courseId }: CourseScope, { id, leaseId }: OutboxRow) => ({
    _id: id,
    courseId,
    leaseId,
    state: 'waiting' as const,
  });
  const update = async (filter: object, fields: Partial<OutboxDocument>, $inc = {}): Promise<boolean> =>
    (await model.updateOne(filter, { $set: fields, $inc })).matchedCount === 1;
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
    intend: (scope, row, sent) => update({ ...mine(scope, row), dueAt: { $gt: clock() } }, { sent }),
    async arrived(scope, row, posted) {
      const fields = { posted, sent: null, found: null, reason: null, instead: null, ...over() };
      if (await update(mine(scope, row), { ...fields, state: 'posted' })) return true;
      // The row went into line again while this was on the way: what arrived is known all the same.
      return update({ _id: row.id, courseId: scope.courseId, 'sent.at': posted.at }, { posted, sent: null });
    },
    hold: (scope, row, found, reason) =>
      update(mine(scope, row), { state: 'held', found, reason, instead: null, ...over() }),
    refuse: (scope, row, reason) =>
      update(mine(scope, row), { state: 'refused', reason, instead: null, ...over() }),
    putBack: (scope, row, dueAt, reason, counts) =>
      update(mine(scope, row), { dueAt, reason, leaseId: null }, counts ? { attempts: 1 } : {}),
  };
}
