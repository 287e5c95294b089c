import type { CourseStores } from '../../course/room.ts';
import type { PublishedGroups } from '../../formation/proposals/propose.job.ts';
import type { CourseScope } from '../../scope.ts';
import type { GroupStore } from '../groups/groups.store.ts';

/** Who has a membership and yet is no fellow of the course: gone, or of another role now. */
const NO_FELLOWS = [
  { state: 'left' },
  { state: 'active', role: 'manager' },
  { state: 'active', role: 'mentor' },
  { state: 'active', role: 'visitor' },
] as const;
const PAGE = 1_000;

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
      for (const filter of NO_FELLOWS) {
        for (let after: { nameFolded: string; id: string } | null = null; ;) {
          const people = await course.enrolments.list(scope, filter, after, PAGE);
          const ids = people.map(({ personId }) => personId);
          count -= (await groups.membershipsOf(scope, version, ids)).length;
          after = people.length < PAGE ? null : (people.at(-1) ?? null);
          if (after === null) break;
        }
      }
      return count;
    },
  };
}
