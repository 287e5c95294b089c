import { Unavailable } from '../../errors.ts';
import type { CourseScope } from '../../scope.ts';
import { type Checkpoint, type FinishDeps, finishPublish } from './finish.job.ts';
import type { NewPlan, PlanRow } from './plans.store.ts';

/**
 * Steps 1, 2 and all that follow: the rows are frozen, bound to the version they were made for, and carried out. Whatever
 * changed the groups since makes the binding fail, so that nobody is placed by what is not true any more.
 * @throws Unavailable (to be tried again) where another publish was quicker
 */
export async function publishRows(
  deps: FinishDeps,
  scope: CourseScope,
  version: number,
  newPlan: NewPlan,
  rows: readonly PlanRow[],
  checkpoint: Checkpoint,
): Promise<void> {
  const { course, plans } = deps;
  const { id: publishId, count, checksum } = await plans.freeze(scope, newPlan, rows);
  await checkpoint('frozen');
  const publishing = { publishId, version: version + 1, count, checksum };
  if (!(await course.courses.bindPublish(scope, version, publishing))) {
    await plans.discard(scope, publishId);
    throw new Unavailable('publish_busy');
  }
  await checkpoint('bound');
  await finishPublish(deps, scope, publishing, checkpoint);
}
