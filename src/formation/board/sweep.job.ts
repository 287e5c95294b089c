import type { CourseStores } from '../../course/room.ts';
import type { TimedJob } from '../../room.ts';
import type { CourseScope } from '../../scope.ts';
import { editedRunBegan } from '../proposals/proposed.store.ts';
import type { SweepStore } from '../proposals/sweep.store.ts';
import type { EditStore } from './edits.store.ts';

const DAY_MS = 86_400_000;
/** For so long what was discarded can be brought back. */
const KEPT_MS = 90 * DAY_MS;
/** No attempt at improving is alive after so long. */
const ORPHANED_MS = DAY_MS;

export type SweepDeps = {
  readonly clock: () => Date;
  readonly course: CourseStores;
  readonly sweeps: SweepStore;
  readonly edits: EditStore;
};

/** Forgets what nobody can see any more: proposals discarded long ago, and runs that no edit ever let in. */
export function sweepProposals({ clock, course, sweeps, edits }: SweepDeps): TimedJob {
  const before = (ms: number): Date => new Date(clock().getTime() - ms);
  const forgetDiscarded = async (scope: CourseScope): Promise<void> => {
    for (const proposalId of await sweeps.forgettable(scope, before(KEPT_MS))) {
      await edits.forget(scope, proposalId);
      await sweeps.forget(scope, proposalId);
    }
  };
  const forgetOrphans = async (scope: CourseScope): Promise<void> => {
    const runs = await sweeps.editedRuns(scope);
    const old = runs.filter((run) => editedRunBegan(run) < before(ORPHANED_MS));
    const known = await edits.letIn(scope, old);
    await sweeps.forgetRuns(
      scope,
      old.filter((run) => !known.has(run)),
    );
  };
  return {
    name: 'sweep proposals',
    everyMs: DAY_MS,
    async run() {
      for (const scope of await course.courses.all()) {
        await forgetDiscarded(scope);
        await forgetOrphans(scope);
      }
    },
  };
}
