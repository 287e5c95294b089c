import type { CourseStores } from '../../course/room.ts';
import { displayName } from '../../course/roster/enrolments.store.ts';
import type { LeftOut, Publication } from '../../formation/proposals/proposals.store.ts';
import type { CourseScope } from '../../scope.ts';
import type { GroupStore } from '../groups/groups.store.ts';
import type { NamedGroup } from '../groups/publish-writes.store.ts';
import type { Draft } from './draft.job.ts';
import { tellingsOf } from './told.page.ts';

/** Whom a publish leaves out, by cause and name. */
export async function leftOutByName(
  course: CourseStores,
  scope: CourseScope,
  { leftOut, gone, placed, promised = 0, waits = 0 }: Publication,
) {
  const people = await course.enrolments.findMany(
    scope,
    leftOut.map(({ personId }) => personId),
  );
  const names = new Map(people.map((person) => [person.personId, displayName(person)]));
  const of = (cause: LeftOut) =>
    leftOut
      .filter((one) => one.cause === cause)
      .map(({ personId }) => ({ personId, name: names.get(personId) ?? '–' }))
      .toSorted((a, b) => a.name.localeCompare(b.name));
  return [
    { cause: 'gone' as const, count: gone, people: of('gone') },
    { cause: 'placed' as const, count: placed, people: of('placed') },
    { cause: 'promised' as const, count: promised, people: of('promised') },
    { cause: 'waits' as const, count: waits, people: of('waits') },
  ].filter(({ count }) => count > 0);
}

const DAY_MS = 24 * 3_600_000;
export type ToldDeps = {
  readonly course: CourseStores;
  readonly groups: GroupStore;
  readonly clock: () => Date;
};

/** Who is told what if this is published now, with the first notice of each kind as it will read. */
export async function toldBy({ course, groups, clock }: ToldDeps, scope: CourseScope, draft: Draft) {
  const { groupsVersion, settings } = await course.courses.select(scope);
  const all = [...draft.rows, ...draft.moves];
  const ids = all.flatMap(({ fromGroupId, toGroupId }) =>
    [fromGroupId, toGroupId].filter((id) => id !== null),
  );
  const [there, members] = await Promise.all([
    groups.named(scope, [...new Set(ids)]),
    groups.places(scope, groupsVersion),
  ]);
  const named = new Map<string, NamedGroup>([...draft.fresh, ...there]);
  const sizes = new Map<string, number>();
  for (const groupId of members.values()) sizes.set(groupId, (sizes.get(groupId) ?? 0) + 1);
  const dueAt = new Date(clock().getTime() + settings.graceDays * DAY_MS);
  const tellings = tellingsOf(draft, named, sizes, dueAt);
  const who = tellings.flatMap(({ params }) =>
    typeof params['whoId'] === 'string' ? [params['whoId']] : [],
  );
  const people = await course.enrolments.findMany(scope, who);
  const names = new Map(people.map((person) => [person.personId, displayName(person)]));
  return tellings.map((one) => ({
    ...one,
    params: { ...one.params, who: names.get(String(one.params['whoId'])) ?? '' },
  }));
}
