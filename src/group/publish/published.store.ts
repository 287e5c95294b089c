import type { CourseStores } from '../../course/room.ts';
import type { PublishedGroups } from '../../formation/proposals/propose.job.ts';
import type { CourseScope } from '../../scope.ts';
import type { GroupStore } from '../groups/groups.store.ts';

/** Of people asked for at once. */
const BATCH = 1_000;

/** What formation asks of the groups that are published. */
export function createPublished(course: CourseStores, groups: GroupStore): PublishedGroups {
  const versionOf = async (scope: CourseScope): Promise<number> =>
    (await course.courses.find(scope))?.groupsVersion ?? 0;
  return {
    personIds: async (scope) => groups.placedPersonIds(scope, await versionOf(scope)),
    foldedNames: (scope) => groups.foldedNames(scope),
    async count(scope) {
      const version = await versionOf(scope);
      let count = await groups.countPlaced(scope, version);
      if (count === 0) return 0;
      // Whoever has left the course keeps the membership until the next publish ends it.
      const others = await course.enrolments.otherIds(scope);
      for (let start = 0; start < others.length; start += BATCH) {
        const batch = others.slice(start, start + BATCH);
        count -= (await groups.membershipsOf(scope, version, batch)).length;
      }
      return count;
    },
  };
}
