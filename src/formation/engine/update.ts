import { mixTracks } from './across.ts';
import { membersOf } from './arrange.ts';
import { admit, dissolve, type Hall, openHall, snapshot } from './hall.ts';
import { type Kept, type KeptGroup, readKept } from './kept-groups.ts';
import { mend, openByLoans, seatAround } from './mend.ts';
import { freezeGroups } from './freeze.ts';
import { type Plot, type Pool, weigh } from './pool.ts';
import { polish } from './polish.ts';
import { recast } from './recast.ts';
import { seatBelow, seatJoiners, splitEvenly } from './seat.ts';
import { settlePlaces } from './settle-places.ts';
import type { Plan } from './solution.ts';
import { isWithin } from './places.ts';
import { mixers, reasonFor, unitsByTrack } from './tracks.ts';
import type { CurrentPlacement, UnplacedReason } from './types.ts';
import { unseatTheIllegal } from './unseat.ts';

/** An update between planning and the search, which only exchanges people whose group is new to them. */
export type Update = {
  readonly plan: Plan;
  readonly kept: Kept;
  /** Names of the groups of each planned pool; null for new ones. */
  readonly names: readonly (readonly (string | null)[])[];
  /** Sizes of the groups before anybody moved. */
  readonly sizes: readonly { readonly track: number; readonly size: number; readonly fixed: number }[];
};

/** Keeps the groups of before with as few moves as can be; who joins is seated first. */
export function planUpdate(plot: Plot, previous: readonly CurrentPlacement[]): Update {
  const { cohort, pairs, rules } = plot;
  const kept = readKept(plot, previous);
  const sizes = kept.groups.map(({ track, people }) => ({
    track,
    size: people.length,
    fixed: people.filter((person) => cohort.pinned[person] === 1).length,
  }));
  const unplaced = new Map<number, UnplacedReason>(pairs.refused);
  const units = unitsByTrack(plot, unplaced);
  unseatTheIllegal(plot, kept.groups);
  const seats = seatsOf(kept.groups);
  const groups: KeptGroup[] = [];
  const left: number[] = [];
  for (const [track, own] of units.entries()) {
    const mine = kept.groups.filter((group) => group.track === track && group.people.length > 0);
    const joiners = own.filter((unit) => !seats.has(unit));
    const hall = openHall(plot, track, mine, kept.before);
    const lost = updateTrack(hall, joiners);
    for (const unit of lost) {
      left.push(unit);
      for (const member of membersOf(unit, pairs)) unplaced.set(member, reasonFor(plot, unit, own));
    }
    groups.push(...hall.groups);
  }
  const all = rules.crossTrack ? mixInto(plot, kept, groups, left) : groups;
  for (const group of all) for (const person of group.people) unplaced.delete(person);
  return { ...freezeGroups(plot, all, kept, unplaced), kept, sizes };
}

function seatsOf(groups: readonly KeptGroup[]): Map<number, KeptGroup> {
  const seats = new Map<number, KeptGroup>();
  for (const group of groups) for (const person of group.people) seats.set(person, group);
  return seats;
}

function updateTrack(hall: Hall, joiners: readonly number[]): number[] {
  let left = seatJoiners(hall, joiners);
  left = seatAround(hall, [...left, ...mend(hall)]);
  left = seatAround(hall, [...left, ...settlePlaces(hall)]);
  polish(hall);
  const short = [...hall.groups].filter((group) => group.people.length < hall.plot.rules.min);
  if (left.length === 0 && short.length === 0) return left;
  const goBack = snapshot(hall);
  let rest = left.length > 0 ? openByLoans(hall, left, (group) => admit(hall, group)) : left;
  rest = recast(hall, rest);
  rest = seatAround(hall, [...rest, ...settlePlaces(hall)]);
  const without = short.reduce((sum, group) => sum + group.people.length, weigh(hall.plot, left));
  if (weigh(hall.plot, rest) < without) return rest;
  goBack();
  return [...left, ...short.flatMap((group) => dissolve(hall, group))];
}

/** The cross-track fallback: seats those who may mix in groups of any track, or in new ones. */
function mixInto(plot: Plot, kept: Kept, groups: readonly KeptGroup[], left: readonly number[]): KeptGroup[] {
  const mayMix = mixers(plot);
  const halls = plot.cohort.trackNames.map((_, track) =>
    openHall(
      plot,
      track,
      groups.filter((group) => group.track === track),
      kept.before,
    ),
  );
  let rest = left.filter((unit) => mayMix(unit));
  for (const node of nodesAbove(plot, rest))
    for (const hall of halls)
      rest = [
        ...rest.filter((unit) => !isAt(plot, unit, node)),
        ...seatBelow(
          hall,
          node,
          rest.filter((unit) => isAt(plot, unit, node)),
        ),
      ];
  const pools: Pool[] = [];
  mixTracks(plot, rest, pools);
  const opened = pools.flatMap(({ track, node, units, groupCount, arrangement }) => {
    const people = units.flatMap((unit) => [...membersOf(unit, plot.pairs)]);
    const parts = arrangement ?? splitEvenly(people, groupCount);
    return parts.map((part): KeptGroup => ({ name: null, track, node, people: [...part] }));
  });
  return [...halls.flatMap((hall) => [...hall.groups]), ...opened];
}

/** The places of units and those above, the lowest first. */
function nodesAbove({ cohort: { tree, traits } }: Plot, units: readonly number[]): number[] {
  const nodes = new Set<number>();
  for (const unit of units)
    for (let node = traits.home[unit] ?? 0; node !== 0; node = tree.parent[node] ?? 0) nodes.add(node);
  return [...nodes].sort((a, b) => (tree.level[a] ?? 0) - (tree.level[b] ?? 0) || b - a);
}

function isAt({ cohort }: Plot, unit: number, node: number): boolean {
  return isWithin(cohort.tree, cohort.traits.home[unit] ?? 0, node);
}
