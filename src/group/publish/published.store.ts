import type { CourseStores } from '../../course/room.ts';
import type { PublishedGroups } from '../../formation/proposals/propose.job.ts';
import type { CourseScope } from '../../scope.ts';
import type { Group, GroupKey, GroupStore } from '../groups/groups.store.ts';
import type { MoveStore } from './moves.store.ts';

/** Of people asked for at once. */
const BATCH = 1_000;

/** What formation asks of the groups that are published. */
export function createPublished(course: CourseStores, groups: GroupStore, moves: MoveStore): PublishedGroups {
  const versionOf = async (scope: CourseScope): Promise<number> =>
    (await course.courses.find(scope))?.groupsVersion ?? 0;
  return {
    personIds: async (scope) => groups.placedPersonIds(scope, await versionOf(scope)),
    foldedNames: (scope) => groups.foldedNames(scope),
    async current(scope) {
      const version = await versionOf(scope);
      const known = new Map<string, Pick<Group, 'name' | 'track' | 'place' | 'rung'>>();
      const people = new Map<string, { groupId: string; guest: boolean }>();
      for (let after: GroupKey | null = null; ;) {
        const page: readonly Group[] = await groups.list(scope, version, null, after, BATCH);
        const ids = page.map(({ id }) => id);
        for (const { id, name, track, place, rung } of page) known.set(id, { name, track, place, rung });
        for (const { personId, groupId, guest } of await groups.membersOf(scope, version, ids))
          people.set(personId, { groupId, guest });
        const last = page.at(-1);
        if (last === undefined || page.length < BATCH) break;
        after = { nameFolded: last.nameFolded, id: last.id };
      }
      // Whoever is told that they move is planned with where they will be.
      for (const { personId, fromGroupId, toGroupId, guest } of await moves.all(scope)) {
        if (people.get(personId)?.groupId !== fromGroupId) continue;
        if (toGroupId === null) people.delete(personId);
        else if (known.has(toGroupId)) people.set(personId, { groupId: toGroupId, guest });
      }
      return { groups: known, people };
    },
    async former(scope, personIds) {
      const version = await versionOf(scope);
      const former = new Map<string, string>();
      for (let start = 0; version > 0 && start < personIds.length; start += BATCH) {
        const rows = await groups.historyOf(scope, version, personIds.slice(start, start + BATCH));
        // Newest last, so that of several the last one stays.
        for (const { personId, groupId } of rows.toSorted((a, b) => a.fromVersion - b.fromVersion))
          former.set(personId, groupId);
      }
      return former;
    },
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
