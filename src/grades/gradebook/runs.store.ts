import type { Database } from '../../database/index.ts';
import type { CourseScope } from '../../scope.ts';
import { type OutboxDocument, outboxModel } from './outbox.model.ts';
import { type OutboxRow, plain } from './outbox.store.ts';
import { OUTCOMES, type RunOutcome } from './runs.ts';

export type RunCounts = Readonly<Record<RunOutcome, number>>;
export type RunStore = {
  count(scope: CourseScope, lineItemId: string, runId: string): Promise<RunCounts>;
  /** What the posting did, fellow by fellow, a page at a time: what needs a person first; `only` one outcome. */
  list(
    scope: CourseScope,
    lineItemId: string,
    runId: string,
    only: RunOutcome | null,
    afterId: string | null,
    limit: number,
  ): Promise<readonly OutboxRow[]>;
};

/** What the last posting of the whole course did: read from the marks that it left on the outbox's rows. */
export function createRunStore(database: Database): RunStore {
  const model = outboxModel(database);
  const conditionsOf = ({ courseId }: CourseScope, lineItemId: string, runId: string) => ({
    courseId,
    lineItemId,
    'run.id': runId,
  });
  return {
    async count(scope, lineItemId, runId) {
      const conditions = conditionsOf(scope, lineItemId, runId);
      const counted = await Promise.all(
        OUTCOMES.map(
          async (outcome) =>
            [outcome, await model.countDocuments({ ...conditions, 'run.outcome': outcome })] as const,
        ),
      );
      return Object.fromEntries(counted) as RunCounts;
    },
    async list(scope, lineItemId, runId, only, afterId, limit) {
      const conditions = conditionsOf(scope, lineItemId, runId);
      const last =
        afterId === null
          ? null
          : await model.findOne({ ...conditions, _id: afterId }, { run: 1 }).lean<OutboxDocument>();
      const outcomes = only === null ? OUTCOMES : [only];
      const first = last?.run == null ? -1 : outcomes.indexOf(last.run.outcome);
      const rows: OutboxRow[] = [];
      for (const [index, outcome] of outcomes.entries()) {
        if (index < first || rows.length >= limit) continue;
        const behind = index === first ? { _id: { $gt: afterId } } : {};
        const found = await model
          .find({ ...conditions, 'run.outcome': outcome, ...behind })
          .sort({ _id: 1 })
          .limit(limit - rows.length)
          .lean<OutboxDocument[]>();
        rows.push(...found.map(plain));
      }
      return rows;
    },
  };
}
