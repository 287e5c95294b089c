import type { Database } from '../../database/index.ts';
import type { CourseScope } from '../../scope.ts';
import { proposalModels } from './proposals.model.ts';
import { EDITED_RUN } from './proposed.store.ts';
import { recordModel } from './records.model.ts';

/** What of proposals nobody can see any more. */
export function createSweepStore(database: Database, clock: () => Date) {
  const { proposals, groups, unplaced } = proposalModels(database);
  const records = recordModel(database);
  return {
    /** From here on nobody brings these proposals back: those discarded before a moment, and what a sweep left half done. */
    async forgettable({ courseId }: CourseScope, before: Date): Promise<readonly string[]> {
      const discarded = { courseId, state: 'discarded' };
      // Discarded before this was kept: its time begins now.
      await proposals.updateMany({ ...discarded, discardedAt: null }, { $set: { discardedAt: clock() } });
      await proposals.updateMany(
        { ...discarded, discardedAt: { $lt: before } },
        { $set: { state: 'forgetting' } },
      );
      const old = await proposals
        .find({ courseId, state: 'forgetting' }, { _id: 1 })
        .lean<{ _id: string }[]>();
      return old.map(({ _id }) => _id);
    },
    /** The proposal itself goes last, so that a sweep that died is gone on with. */
    async forget({ courseId }: CourseScope, proposalId: string): Promise<void> {
      const rows = { courseId, proposalId };
      await groups.deleteMany(rows);
      await unplaced.deleteMany(rows);
      await records.deleteMany(rows);
      await proposals.deleteOne({ courseId, _id: proposalId });
    },
    /** Runs that an improvement wrote. */
    async editedRuns({ courseId }: CourseScope): Promise<readonly string[]> {
      return groups.distinct('run', { courseId, run: EDITED_RUN });
    },
    async forgetRuns({ courseId }: CourseScope, runs: readonly string[]): Promise<void> {
      if (runs.length === 0) return;
      await groups.deleteMany({ courseId, run: { $in: [...runs] } });
      await unplaced.deleteMany({ courseId, run: { $in: [...runs] } });
    },
  };
}
export type SweepStore = ReturnType<typeof createSweepStore>;
