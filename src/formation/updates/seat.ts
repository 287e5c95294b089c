import { type FormationPerson, type FormationPlace, type Rung, RUNG_COST } from '../engine/types.ts';
import { livesIn, meetingRung, pathOf, type Stand } from './ladder.ts';

/** A group as it is while people are seated one by one. */
export type OpenGroup = Stand & {
  readonly id: string;
  readonly name: string;
  readonly track: string;
  readonly people: readonly FormationPerson[];
  readonly guestIds: ReadonlySet<string>;
  /** Seats that are promised to people who move here soon. */
  readonly promised: number;
};
export type Seat = {
  readonly groupId: string;
  readonly guest: boolean;
  /** Where their place and the group's meet. */
  readonly meets: Rung;
};
/** Why nobody is seated: no group of the track, none with room, or none that pair rules allow. */
export type NoSeat = 'no_group_of_track' | 'no_room' | 'pair_rules';
export type Sizes = { readonly min: number; readonly max: number };

type Choice = Seat & { readonly rank: readonly number[]; readonly name: string };

/**
 * The seat of one who joins late, in the groups there are: of their track, the nearest on the ladder of places, local
 * before guest, then where it helps the rules most, then the smallest. A pool hosts guests only with `min` locals a group,
 * as when groups are formed. Nobody else is moved.
 * @param former their group of before, which is taken again where it may be
 */
export function seatFor(
  person: FormationPerson,
  groups: readonly OpenGroup[],
  sizes: Sizes,
  former: string | null = null,
): Seat | NoSeat {
  const own = groups.filter(({ track }) => track === person.track);
  if (own.length === 0) return 'no_group_of_track';
  const open = own.filter(({ people, promised }) => people.length + promised < sizes.max);
  if (open.length === 0) return 'no_room';
  const allowed = open.filter((group) => isAllowed(person, group));
  if (allowed.length === 0) return 'pair_rules';
  const paths = new Map(own.map((group) => [group.id, pathFor(group)]));
  const choices = allowed.flatMap((group) => choiceOf(person, group, own, paths, sizes));
  if (choices.length === 0) return 'no_room';
  const back = choices.find(({ groupId }) => groupId === former);
  const best = back ?? choices.reduce((a, b) => (isBetter(b, a) ? b : a));
  return { groupId: best.groupId, guest: best.guest, meets: best.meets };
}

/** Must-together sets are joined as a whole or not at all; must-not pairs count from either side. */
export function isAllowed(person: FormationPerson, { people }: Pick<OpenGroup, 'people'>): boolean {
  const here = new Set(people.map(({ id }) => id));
  if (!person.mustWith.every((id) => here.has(id))) return false;
  return !people.some(
    ({ id, mustNotWith }) => mustNotWith.includes(person.id) || person.mustNotWith.includes(id),
  );
}

function pathFor(group: OpenGroup): FormationPlace {
  return pathOf(
    group,
    group.people.filter(({ id }) => !group.guestIds.has(id)),
  );
}

function choiceOf(
  person: FormationPerson,
  group: OpenGroup,
  own: readonly OpenGroup[],
  paths: ReadonlyMap<string, FormationPlace>,
  { min }: Sizes,
): Choice[] {
  const path = paths.get(group.id) ?? pathFor(group);
  const local = livesIn(person.place, path, group.rung);
  const meets = local ? group.rung : meetingRung(person.place, path);
  if (meets === null || (!local && !hostsGuests(group, own, paths, min))) return [];
  const { id: groupId, name, people, promised } = group;
  const rank = [RUNG_COST[meets], local ? 0 : 1, harmOf(person, people), people.length + promised];
  return [{ groupId, name, guest: !local, meets, rank }];
}

/** All groups of one place together, since that is what a pool is. */
function hostsGuests(
  { rung, id }: OpenGroup,
  own: readonly OpenGroup[],
  paths: ReadonlyMap<string, FormationPlace>,
  min: number,
): boolean {
  const path = JSON.stringify(paths.get(id));
  const pool = own.filter((one) => one.rung === rung && JSON.stringify(paths.get(one.id)) === path);
  const locals = pool.reduce((sum, { people, guestIds }) => sum + people.length - guestIds.size, 0);
  return locals >= min * pool.length;
}

/** What joining does to the rules of the group: one for each that it breaks, one less for each that it mends. */
function harmOf(person: FormationPerson, people: readonly FormationPerson[]): number {
  return brokenRules([...people, person]) - brokenRules(people);
}

/** Rules of a group that its people break: nobody can lead, somebody is the only one, too few common times. */
function brokenRules(people: readonly FormationPerson[]): number {
  const count = (gender: 'F' | 'M'): number => people.filter((one) => one.gender === gender).length;
  const noLead = people.some(({ canLead }) => canLead) ? 0 : 1;
  const isolated = (count('F') === 1 ? 1 : 0) + (count('M') === 1 ? 1 : 0);
  return noLead + isolated + (commonSlots(people) < 2 ? 1 : 0) + (sharesLanguage(people) ? 0 : 1);
}

/** Blank is unknown, not busy. */
export function commonSlots(people: readonly FormationPerson[]): number {
  const said = people.flatMap(({ availability }) => availability ?? []);
  const [first] = said;
  if (first === undefined) return 21;
  return Array.from(first).filter((_, slot) => said.every((one) => one[slot] === '1')).length;
}

/** Whether those who state languages have one in common. */
export function sharesLanguage(people: readonly FormationPerson[]): boolean {
  const [first, ...others] = people.map(({ languages }) => languages).filter((list) => list.length > 0);
  return first === undefined || first.some((one) => others.every((list) => list.includes(one)));
}

function isBetter(a: Choice, b: Choice): boolean {
  for (const [at, value] of a.rank.entries()) {
    const other = b.rank[at] ?? 0;
    if (value !== other) return value < other;
  }
  return a.name === b.name ? a.groupId < b.groupId : a.name < b.name;
}
