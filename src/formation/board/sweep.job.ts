import type { Database } from '../../database/index.ts';
import { proposalModels } from '../proposals/proposals.model.ts';
import { EDITED_RUN, editedRunBegan } from '../proposals/proposed.store.ts';
import { recordModel } from '../proposals/records.model.ts';
import { courseScope, type CourseScope } from '../../scope.ts';
import type { TimedJob } from '../../room.ts';
import { editModel } from './edits.model.ts';

const DAY_MS = 86_400_000;
/** For so long what was discarded can be brought back. */
const KEPT_MS = 90 * DAY_MS;
/** No attempt at improving is alive after so long. */
const ORPHANED_MS = DAY_MS;

/** Forgets what nobody can see any more: proposals discarded long ago, and runs that no edit ever let in. */
export function sweepProposals(database: Database, clock: () => Date): TimedJob {
  const { proposals, groups, unplaced } = proposalModels(database);
  const records = recordModel(database);
  const edits = editModel(database);
  const before = (ms: number): Date => new Date(clock().getTime() - ms);

  /** From `forgetting` nobody brings a proposal back; one whose sweep died is gone on with by the next. */
  const forgetDiscarded = async ({ courseId }: CourseScope): Promise<void> => {
    const discarded = { courseId, state: 'discarded' };
    // Discarded before this was kept: its time begins now.
    await proposals.updateMany({ ...discarded, discardedAt: null }, { $set: { discardedAt: clock() } });
    await proposals.updateMany(
      { ...discarded, discardedAt: { $lt: before(KEPT_MS) } },
      { $set: { state: 'forgetting' } },
    );
    const old = await proposals.find({ courseId, state: 'forgetting' }, { _id: 1 }).lean<{ _id: string }[]>();
    for (const { _id: proposalId } of old) {
      const rows = { courseId, proposalId };
      await groups.deleteMany(rows);
      await unplaced.deleteMany(rows);
      await records.deleteMany(rows);
      await edits.deleteMany(rows);
      await proposals.deleteOne({ courseId, _id: proposalId });
    }
  };
  const forgetOrphans = async ({ courseId }: CourseScope): Promise<void> => {
    const runs = await groups.distinct('run', { courseId, run: EDITED_RUN });
    const old = runs.filter((run) => editedRunBegan(run) < before(ORPHANED_MS));
    const known = new Set(await edits.distinct('next.run', { courseId, 'next.run': { $in: old } }));
    const orphans = { courseId, run: { $in: old.filter((run) => !known.has(run)) } };
    if (orphans.run.$in.length === 0) return;
    await groups.deleteMany(orphans);
    await unplaced.deleteMany(orphans);
  };
  return {
    name: 'sweep proposals',
    everyMs: DAY_MS,
    async run() {
      for (const courseId of await proposals.distinct('courseId')) {
        const scope = courseScope(courseId);
        await forgetDiscarded(scope);
        await forgetOrphans(scope);
      }
    },
  };
}
