import { createHash } from 'node:crypto';
import type { Enrolment } from '../../course/roster/enrolments.store.ts';
import type { Database } from '../../database/index.ts';
import { newId } from '../../database/index.ts';
import type { CourseScope } from '../../scope.ts';
import { type Cause, type PlanDocument, planModels, type PlanRowDocument } from './plans.model.ts';

export type Plan = Omit<PlanDocument, '_id'> & { readonly id: string };
export type PlanRow = Omit<PlanRowDocument, '_id' | 'courseId' | 'planId'>;
export type NewPlan = Pick<Plan, 'proposalId' | 'by' | 'at' | 'publication'>;

export type PlanStore = {
  /** Step 1: the rows, their count and checksum, under an id of their own; a second freeze disturbs no first. */
  freeze(scope: CourseScope, plan: NewPlan, rows: readonly PlanRow[]): Promise<Plan>;
  find(scope: CourseScope, planId: string): Promise<Plan | null>;
  rows(scope: CourseScope, planId: string): Promise<readonly PlanRow[]>;
  /** Whose group changed for one of these causes, the newest first. */
  newest(scope: CourseScope, causes: readonly Cause[], limit: number): Promise<readonly PlanRow[]>;
  /** When staff took each of these people out of a group last. */
  takenOut(scope: CourseScope, personIds: readonly string[]): Promise<ReadonlyMap<string, Date>>;
  /** Only for a plan that is known not to have been bound. */
  discard(scope: CourseScope, planId: string): Promise<void>;
};

/** The end of a membership of somebody who is no fellow of the course any more: by the day they left, or now. */
export function endOf(
  { personId, state, leftAt }: Pick<Enrolment, 'personId' | 'state' | 'leftAt'>,
  fromGroupId: string | null,
  now: Date,
): PlanRow {
  const cause = state === 'left' ? 'left' : 'other_role';
  return { personId, fromGroupId, toGroupId: null, guest: false, cause, meets: null, at: leftAt ?? now };
}

const BATCH = 1_000;
// Rows by the ten thousand, made here: the database's own validator is enough, and five times as fast.
const LEAN = { ordered: false, throwOnValidationError: true, lean: true } as const;

/** What a plan's rows are worth: who goes where and when, whatever their order. */
export function checksumOf(rows: readonly PlanRow[]): string {
  const lines = rows.map(({ personId, fromGroupId, toGroupId, guest, at }) =>
    JSON.stringify([personId, fromGroupId, toGroupId, guest, at.toISOString()]),
  );
  return createHash('sha256').update(lines.toSorted().join('\n')).digest('base64url').slice(0, 22);
}

/** Frozen plans of publishes. */
export function createPlanStore(database: Database): PlanStore {
  const { plans, rows } = planModels(database);
  return {
    async freeze({ courseId }, plan, frozen) {
      const id = newId();
      for (let start = 0; start < frozen.length; start += BATCH) {
        await rows.insertMany(
          frozen
            .slice(start, start + BATCH)
            .map((row) => ({ ...row, _id: `${id}.${row.personId}`, courseId, planId: id })),
          LEAN,
        );
      }
      const made = { ...plan, courseId, count: frozen.length, checksum: checksumOf(frozen) };
      await plans.create({ _id: id, ...made });
      return { id, ...made };
    },
    async find({ courseId }, planId) {
      const row = await plans.findOne({ courseId, _id: planId }).lean<PlanDocument>();
      if (row === null) return null;
      const { _id, ...rest } = row;
      return { id: _id, ...rest };
    },
    async rows({ courseId }, planId) {
      const found = await rows.find({ courseId, planId }).lean<PlanRowDocument[]>();
      return found.map(({ _id, courseId: _course, planId: _plan, ...row }) => row);
    },
    async newest({ courseId }, causes, limit) {
      const found = await rows
        .find({ courseId, cause: { $in: [...causes] } })
        .sort({ at: -1 })
        .limit(limit)
        .lean<PlanRowDocument[]>();
      return found.map(({ _id, courseId: _course, planId: _plan, ...row }) => row);
    },
    async takenOut({ courseId }, personIds) {
      const found = await rows
        .find({ courseId, cause: 'staff', toGroupId: null, personId: { $in: personIds } })
        .sort({ at: 1 })
        .lean<PlanRowDocument[]>();
      return new Map(found.map(({ personId, at }) => [personId, at]));
    },
    async discard({ courseId }, planId) {
      await plans.deleteOne({ courseId, _id: planId });
      await rows.deleteMany({ courseId, planId });
    },
  };
}
