import type { CourseStores } from '../../course/room.ts';
import type { FormationPerson } from '../../formation/engine/types.ts';
import { readPeople } from '../../formation/proposals/people.store.ts';
import type { SetupStore } from '../../formation/setup/setup.store.ts';
import { withWishes } from '../../formation/setup/setup.ts';
import type { OpenGroup } from '../../formation/updates/seat.ts';
import type { CourseScope } from '../../scope.ts';
import type { Group, GroupKey, GroupStore } from '../groups/groups.store.ts';
import type { Membership } from '../groups/memberships.store.ts';

export type OpenGroupsDeps = {
  readonly course: CourseStores;
  readonly groups: GroupStore;
  readonly setup: SetupStore;
};
/** A published group with the people in it, while some of them change. */
export type LiveGroup = OpenGroup & { people: FormationPerson[]; guestIds: Set<string>; promised: number };

const PAGE = 500;

/**
 * The groups of these tracks with everybody in them who is a fellow of the course; of all tracks where none are named.
 * @param gone who has left the course: their seats are free
 */
export async function readOpenGroups(
  { course, groups }: OpenGroupsDeps,
  scope: CourseScope,
  version: number,
  tracks: ReadonlySet<string> | null,
  gone: ReadonlySet<string>,
): Promise<LiveGroup[]> {
  const open: LiveGroup[] = [];
  for (let after: GroupKey | null = null; ;) {
    const page: readonly Group[] = await groups.list(scope, version, null, after, PAGE);
    const wanted = page.filter(({ track }) => tracks === null || tracks.has(track));
    const members = await groups.membersOf(
      scope,
      version,
      wanted.map(({ id }) => id),
    );
    const here = members.filter(({ personId }) => !gone.has(personId));
    const ids = here.map(({ personId }) => personId);
    const people = new Map((await readPeople(course, scope, ids)).map((one) => [one.id, one]));
    const live = new Map(wanted.map((group) => [group.id, liveGroup(group)]));
    for (const one of here) seat(live.get(one.groupId), one, people.get(one.personId));
    open.push(...live.values());
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE) return open;
    after = { nameFolded: last.nameFolded, id: last.id };
  }
}

function liveGroup({ id, name, track, place, rung }: Group): LiveGroup {
  return { ...{ id, name, track, place, rung }, people: [], guestIds: new Set(), promised: 0 };
}

function seat(group: LiveGroup | undefined, { personId, guest }: Membership, person?: FormationPerson): void {
  if (person !== undefined) group?.people.push(person);
  if (guest) group?.guestIds.add(personId);
}

/** Lays who must and must not be with whom over groups and joiners, so that either of two people says it. */
export async function withPairs(
  { setup }: Pick<OpenGroupsDeps, 'setup'>,
  scope: CourseScope,
  live: readonly LiveGroup[],
  joiners: readonly FormationPerson[],
): Promise<readonly FormationPerson[]> {
  const wishes = await setup.allWishes(scope);
  if (wishes.length === 0) return joiners;
  const turned = wishes.flatMap((wish) =>
    wish.kind === 'before' ? [] : [{ ...wish, a: wish.b, b: wish.a }],
  );
  const all = [...live.flatMap(({ people }) => people), ...joiners];
  const known = new Map(withWishes(all, [...wishes, ...turned]).map((one) => [one.id, one]));
  for (const group of live) group.people = group.people.map((one) => known.get(one.id) ?? one);
  return joiners.map((one) => known.get(one.id) ?? one);
}
