import { createHash } from 'node:crypto';
import type { Database } from '../../database/index.ts';
import { newId } from '../../database/index.ts';
import type { CourseScope } from '../../scope.ts';
import { type PlanDocument, planModels, type PlanRowDocument } from './plans.model.ts';

export type Plan = Omit<PlanDocument, '_id'> & { readonly id: string };
export type PlanRow = Pick<PlanRowDocument, 'personId' | 'fromGroupId' | 'toGroupId'>;
export type NewPlan = {
  readonly proposalId: string;
  readonly by: string;
  readonly at: Date;
  readonly dropped: number;
};

export type PlanStore = {
  /** Step 1: the rows, their count and checksum, under an id of their own; a second freeze disturbs no first. */
  freeze(scope: CourseScope, plan: NewPlan, rows: readonly PlanRow[]): Promise<Plan>;
  find(scope: CourseScope, planId: string): Promise<Plan | null>;
  rows(planId: string): Promise<readonly PlanRow[]>;
};

const BATCH = 1_000;

/** What a plan's rows are worth: the same rows, whatever their order. */
export function checksumOf(rows: readonly PlanRow[]): string {
  const lines = rows.map(({ personId, fromGroupId, toGroupId }) =>
    JSON.stringify([personId, fromGroupId, toGroupId]),
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
            .map((row) => ({ ...row, _id: `${id}.${row.personId}`, planId: id })),
          { ordered: false },
        );
      }
      const made = { ...plan, courseId, count: frozen.length, checksum: checksumOf(frozen) };
      await plans.create({ _id: id, ...made });
      return { id, ...made };
    },
    async find({ courseId }, planId) {
      const row = await plans.findOne({ _id: planId, courseId }).lean<PlanDocument>();
      if (row === null) return null;
      const { _id, ...rest } = row;
      return { id: _id, ...rest };
    },
    async rows(planId) {
      const found = await rows.find({ planId }).lean<PlanRowDocument[]>();
      return found.map(({ personId, fromGroupId, toGroupId }) => ({ personId, fromGroupId, toGroupId }));
    },
  };
}
