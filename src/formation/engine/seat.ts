import { membersOf } from './arrange.ts';
import { admit, fits, type Hall, hosts, raise } from './hall.ts';
import type { KeptGroup } from './kept-groups.ts';
import { newGroups } from './new-groups.ts';
import { byIdentity } from './pairs.ts';
import { WORLD } from './places.ts';
import { planMend } from './plan-mend.ts';
import { type Plot, unitCost, weigh } from './pool.ts';
import { keepFeasible } from './subset.ts';
import { settleThin } from './thin.ts';

/**
 * Seats units up the ladder: in groups of their place that are too small, then where rules and sizes gain most; where enough
 * wait in a place without a group, in new ones; else as guests below, or at the next rung. Pools that are too small for a group
 * go up with them.
 * @returns units for whom there is no seat
 */
export function seatJoiners(hall: Hall, units: readonly number[]): number[] {
  const { tree, traits } = hall.plot.cohort;
  const waiting = new Map<number, number[]>();
  const nodes = new Set<number>([0, ...hall.under.keys()]);
  for (const unit of units) {
    const home = traits.home[unit] ?? 0;
    wait(waiting, home, unit);
    for (let node = home; !nodes.has(node); node = tree.parent[node] ?? 0) nodes.add(node);
  }
  let rest: number[] = [];
  for (const node of [...nodes].sort((a, b) => b - a)) {
    rest = seatAt(hall, node, (waiting.get(node) ?? []).sort(byIdentity(hall.plot.cohort)));
    if (node !== 0) for (const unit of rest) wait(waiting, tree.parent[node] ?? 0, unit);
    if ((tree.level[node] ?? WORLD) < WORLD) liftThin(hall, node);
  }
  return rest;
}

function wait(waiting: Map<number, number[]>, node: number, unit: number): void {
  const known = waiting.get(node);
  if (known === undefined) waiting.set(node, [unit]);
  else known.push(unit);
}

function seatAt(hall: Hall, node: number, units: readonly number[]): number[] {
  if (units.length === 0) return [];
  let rest = fillOwn(hall, node, units);
  rest = fillBelow(hall, node, rest);
  rest = (hall.at.get(node)?.size ?? 0) > 0 ? seatInPool(hall, node, rest) : openPool(hall, node, rest);
  return seatBelow(hall, node, rest);
}

/** Fills groups of the place that are too small, but for those that had better end. */
function fillOwn(hall: Hall, node: number, units: readonly number[]): number[] {
  const short = shortGroups(hall, hall.at.get(node));
  if (short.length === 0) return [...units];
  const plan = planMend(hall, node, weigh(hall.plot, units));
  const doomed = new Set(plan?.doomed ?? []);
  let rest = [...units];
  for (const group of short) {
    if (doomed.has(group)) continue;
    while (group.people.length < hall.plot.rules.min) {
      const unit = bestFor(hall, group, rest);
      if (unit === null) break;
      sit(hall.plot, group, unit);
      rest = rest.filter((other) => other !== unit);
    }
  }
  return rest;
}

/** Fills groups below that are too small, where a guest saves a move. */
function fillBelow(hall: Hall, node: number, units: readonly number[]): number[] {
  let rest = [...units];
  const short = shortGroups(hall, hall.under.get(node)).filter((group) => group.node !== node);
  for (const at of new Set(short.map((group) => group.node))) {
    if (rest.length === 0) break;
    if (!hosts(hall, at)) continue;
    for (const group of short) {
      while (group.node === at && group.people.length < hall.plot.rules.min) {
        const before = planMend(hall, at, 0);
        const after = planMend(hall, at, 1);
        if (
          after === null ||
          after.doomed.includes(group) ||
          (before !== null && before.moves <= after.moves)
        )
          break;
        const unit = bestFor(hall, group, rest);
        if (unit === null) break;
        sit(hall.plot, group, unit);
        rest = rest.filter((other) => other !== unit);
      }
    }
  }
  return rest;
}

/** Groups under the least size, the largest first: they need the fewest. */
export function shortGroups(hall: Hall, groups: Iterable<KeptGroup> | undefined): KeptGroup[] {
  const short = [...(groups ?? [])].filter((group) => group.people.length < hall.plot.rules.min);
  return short.sort(
    (a, b) => b.people.length - a.people.length || ((a.name ?? '') < (b.name ?? '') ? -1 : 1),
  );
}

export function bestFor(hall: Hall, group: KeptGroup, units: readonly number[]): number | null {
  let best: number | null = null;
  let bestCost = Infinity;
  for (const unit of units) {
    if (!fits(hall, group, unit)) continue;
    const cost = hall.scale.costOfSeating(group, unit);
    if (cost < bestCost) [best, bestCost] = [unit, cost];
  }
  return best;
}

export function sit(plot: Plot, group: KeptGroup, unit: number): void {
  group.people.push(...membersOf(unit, plot.pairs));
}

/** Seats units in the groups of a place, and in new ones where that suits sizes better. */
function seatInPool(hall: Hall, node: number, units: readonly number[]): number[] {
  if (units.length === 0) return [];
  const { plot } = hall;
  const sizes = [...(hall.at.get(node) ?? [])].map((group) => group.people.length);
  const opened = Array.from({ length: newGroups(plot, sizes, weigh(plot, units)) }, () => {
    const group: KeptGroup = { name: null, track: hall.track, node, people: [] };
    admit(hall, group);
    return group;
  });
  let rest = [...units];
  for (let size = 0; size < plot.rules.min; size++) {
    for (const group of opened) {
      if (group.people.length > size) continue;
      const unit = bestFor(hall, group, rest);
      if (unit === null) continue;
      sit(plot, group, unit);
      rest = rest.filter((other) => other !== unit);
    }
  }
  return seatEach(hall, rest, [...(hall.at.get(node) ?? [])]);
}

/** Seats each unit where it costs least. @returns those who fit nowhere */
export function seatEach(hall: Hall, units: readonly number[], groups: readonly KeptGroup[]): number[] {
  return units.filter((unit) => {
    let best: KeptGroup | null = null;
    let bestCost = Infinity;
    for (const group of groups) {
      if (group.people.length >= hall.plot.rules.max || !fits(hall, group, unit)) continue;
      const location = unitCost(hall.plot, unit, group.node) * 1e4;
      const cost = location + hall.scale.costOfSeating(group, unit);
      if (cost < bestCost) [best, bestCost] = [group, cost];
    }
    if (best !== null) sit(hall.plot, best, unit);
    return best === null;
  });
}

/** Opens the first groups of a place for as many as can be seated so. */
function openPool(hall: Hall, node: number, units: readonly number[]): number[] {
  const { plot } = hall;
  if ((plot.cohort.tree.level[node] ?? WORLD) >= WORLD || weigh(plot, units) < plot.rules.min)
    return [...units];
  const { pool, dropped } = keepFeasible(plot, hall.track, node, units);
  if (pool === null) return [...units];
  const people = pool.units.flatMap((unit) => [...membersOf(unit, plot.pairs)]);
  const parts = pool.arrangement ?? splitEvenly(people, pool.groupCount);
  for (const part of parts) admit(hall, { name: null, track: hall.track, node, people: [...part] });
  return dropped;
}

/** People dealt into so many groups, in turn. */
export function splitEvenly(people: readonly number[], groups: number): number[][] {
  const parts: number[][] = Array.from({ length: groups }, () => []);
  for (const [at, person] of people.entries()) parts[at % groups]?.push(person);
  return parts;
}

/** Seats units as guests in pools below that have enough people of their own. */
export function seatBelow(hall: Hall, node: number, units: readonly number[]): number[] {
  if (units.length === 0) return [];
  const hosting = new Map<number, boolean>();
  const groups = [...(hall.under.get(node) ?? [])].filter((group) => {
    const known = hosting.get(group.node) ?? hosts(hall, group.node);
    hosting.set(group.node, known);
    return known || group.node === node;
  });
  return seatEach(hall, units, groups);
}

/** A pool with too few people for one group is settled where it is, or goes up a level. */
function liftThin(hall: Hall, node: number): void {
  const pool = [...(hall.at.get(node) ?? [])];
  let people = 0;
  for (const group of pool) people += group.people.length;
  if (pool.length === 0 || people >= hall.plot.rules.min) return;
  if (settleThin(hall, node)) return;
  const { parent, level } = hall.plot.cohort.tree;
  const above = parent[node] ?? 0;
  if ((level[above] ?? WORLD) < WORLD) for (const group of pool) raise(hall, group, above);
}
