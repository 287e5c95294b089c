import { meetFoes, membersOf } from './arrange.ts';
import type { KeptGroup } from './kept-groups.ts';
import { byIdentity } from './pairs.ts';
import { isWithin, WORLD } from './places.ts';
import { formPool, type Plot, unitCost, weigh } from './pool.ts';
import { evenSizeCost } from './sizes.ts';

/** The groups of one track in an update, found by place. */
export type Hall = {
  readonly plot: Plot;
  readonly track: number;
  readonly groups: KeptGroup[];
  /** Groups at a node or below it. */
  readonly under: Map<number, KeptGroup[]>;
};

export function openHall(plot: Plot, track: number, groups: readonly KeptGroup[]): Hall {
  const hall: Hall = { plot, track, groups: [], under: new Map() };
  for (const group of groups) admit(hall, group);
  return hall;
}

function admit(hall: Hall, group: KeptGroup): void {
  hall.groups.push(group);
  for (let node = group.node; ; node = hall.plot.cohort.tree.parent[node] ?? 0) {
    const known = hall.under.get(node);
    if (known === undefined) hall.under.set(node, [group]);
    else known.push(group);
    if (node === 0) return;
  }
}

/** Whether a unit can sit in a group by size and pair rules. */
export function fits(hall: Hall, group: KeptGroup, unit: number): boolean {
  const members = membersOf(unit, hall.plot.pairs);
  return (
    group.people.length + members.length <= hall.plot.rules.max &&
    !meetFoes(members, group.people, hall.plot.pairs)
  );
}

/**
 * Seats units up the ladder: in groups of their place with room, those under the least size first; where enough of them wait,
 * in a group of their own if that is better for sizes.
 * @returns units for whom there is no seat
 */
export function seatJoiners(hall: Hall, units: readonly number[]): number[] {
  const { tree: places, traits } = hall.plot.cohort;
  const waiting = new Map<number, number[]>();
  const put = (node: number, unit: number): void => {
    const known = waiting.get(node);
    if (known === undefined) waiting.set(node, [unit]);
    else known.push(unit);
  };
  const nodes = new Set<number>([0]);
  for (const unit of units) {
    const home = traits.home[unit] ?? 0;
    put(home, unit);
    for (let node = home; !nodes.has(node); node = places.parent[node] ?? 0) nodes.add(node);
  }
  let rest: number[] = [];
  for (const node of [...nodes].sort((a, b) => b - a)) {
    rest = seatAt(hall, node, (waiting.get(node) ?? []).sort(byIdentity(hall.plot.cohort)));
    if (node !== 0) for (const unit of rest) put(places.parent[node] ?? 0, unit);
  }
  return rest;
}

function seatAt(hall: Hall, node: number, units: readonly number[]): number[] {
  if (units.length === 0) return [];
  const groups = hall.under.get(node) ?? [];
  const { min } = hall.plot.rules;
  const waiting = seatEach(
    hall,
    groups.filter((group) => group.people.length < min),
    node,
    units,
    min,
  );
  if (waiting.length === 0 || opens(hall, groups, node, waiting)) return [];
  return seatEach(hall, groups, node, waiting, hall.plot.rules.max);
}

/** Seats each unit where sizes gain most, in groups of fewer than `limit` people. */
function seatEach(
  hall: Hall,
  groups: readonly KeptGroup[],
  node: number,
  units: readonly number[],
  limit: number,
): number[] {
  if (groups.length === 0) return [...units];
  return units.filter((unit) => {
    let best: KeptGroup | null = null;
    let bestCost = Infinity;
    for (const group of groups) {
      if (group.people.length >= limit || !hosts(hall, group, unit, node) || !fits(hall, group, unit))
        continue;
      const short = group.people.length < hall.plot.rules.min ? -1e6 : 0;
      const cost =
        unitCost(hall.plot, unit, group.node) * 1e3 +
        short +
        2 * (group.people.length - hall.plot.rules.ideal);
      if (cost < bestCost) [best, bestCost] = [group, cost];
    }
    best?.people.push(...membersOf(unit, hall.plot.pairs));
    return best === null;
  });
}

/** A group at the node takes anybody of it; one below takes guests only with enough locals. */
function hosts(hall: Hall, group: KeptGroup, unit: number, node: number): boolean {
  if (group.node === node) return true;
  const { tree: places, traits } = hall.plot.cohort;
  const isLocal = (person: number): boolean => isWithin(places, traits.home[person] ?? 0, group.node);
  return isLocal(unit) || group.people.filter(isLocal).length >= hall.plot.rules.min;
}

/** Opens groups for all who wait at a node, where they are enough and sizes are better so than in the groups there are. */
function opens(hall: Hall, groups: readonly KeptGroup[], node: number, units: readonly number[]): boolean {
  const { plot } = hall;
  if ((plot.cohort.tree.level[node] ?? 0) >= WORLD || weigh(plot, units) < plot.rules.min) return false;
  const pool = formPool(plot, hall.track, node, units);
  if (pool === null) return false;
  const sizes = groups.map((group) => group.people.length);
  if (evenSizeCost(pool.people, pool.groupCount, plot.rules) > fillCost(sizes, pool.people, plot))
    return false;
  const people = units.flatMap((unit) => [...membersOf(unit, plot.pairs)]);
  const parts = pool.arrangement ?? splitEvenly(people, pool.groupCount);
  for (const part of parts) admit(hall, { name: null, track: hall.track, node, people: part });
  return true;
}

function splitEvenly(people: readonly number[], groups: number): number[][] {
  const parts: number[][] = Array.from({ length: groups }, () => []);
  for (const [at, person] of people.entries()) parts[at % groups]?.push(person);
  return parts;
}

/** What it would cost in sizes to seat so many people in groups of these sizes; infinite where they have no room. */
function fillCost(sizes: number[], people: number, { rules }: Plot): number {
  let cost = 0;
  for (let i = 0; i < people; i++) {
    let best = -1;
    for (let at = 0; at < sizes.length; at++) {
      if ((sizes[at] ?? 0) < rules.max && (best < 0 || (sizes[at] ?? 0) < (sizes[best] ?? 0))) best = at;
    }
    if (best < 0) return Infinity;
    cost += 2 * ((sizes[best] ?? 0) - rules.ideal) + 1;
    sizes[best] = (sizes[best] ?? 0) + 1;
  }
  return cost;
}
