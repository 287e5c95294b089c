import { membersOf } from './arrange.ts';
import type { Cohort } from './cohort.ts';
import { levelCost, meetingNode } from './places.ts';
import { type Plot, type Pool, unitCost } from './pool.ts';
import { mixers } from './tracks.ts';
import type { Solution } from './solution.ts';

/** What location costs everybody who is placed, by track of the person. */
export function locationByTrack({ cohort }: Plot, solution: Solution): Float64Array {
  const costs = new Float64Array(cohort.trackNames.length);
  for (const pool of solution.pools) {
    for (const person of pool.members) {
      const track = cohort.traits.track[person] ?? 0;
      costs[track] = (costs[track] ?? 0) + personCost(cohort, person, pool.node);
    }
  }
  return costs;
}

/** What location costs everybody in these pools. */
export function locationOfPools(plot: Plot, pools: readonly Pool[]): number {
  let cost = 0;
  for (const { units, node } of pools) for (const unit of units) cost += unitCost(plot, unit, node);
  return cost;
}

/** The rung of a group at `node` for locals; for guests the level where their place and the group's meet. */
export function personCost({ tree, traits }: Cohort, person: number, node: number): number {
  return levelCost(tree.level[meetingNode(tree, traits.home[person] ?? 0, node)] ?? 0);
}

/**
 * What location must cost people of one track at least: everybody at the lowest place above theirs that holds enough of them.
 * @param unplaced how many may be left out; they pay nothing, so they are taken to be the dearest
 */
export function leastLocation(plot: Plot, units: readonly number[], unplaced: number): number {
  const counts = new Map<number, number>();
  for (const unit of units)
    for (const person of membersOf(unit, plot.pairs)) countPlaces(plot.cohort, person, counts);
  const isEnough = (node: number): boolean => (counts.get(node) ?? 0) >= plot.rules.min;
  if (unplaced === 0) return units.reduce((sum, unit) => sum + leastUnitCost(plot, unit, isEnough), 0);
  const costs = units.flatMap((unit) =>
    membersOf(unit, plot.pairs).map((person) => leastCost(plot, person, isEnough)),
  );
  costs.sort((a, b) => a - b);
  return costs.slice(0, Math.max(0, costs.length - unplaced)).reduce((sum, cost) => sum + cost, 0);
}

/** The cost of the lowest place above somebody's that holds enough people. */
function leastCost({ cohort }: Plot, person: number, isEnough: (node: number) => boolean): number {
  const { tree, traits } = cohort;
  let node = traits.home[person] ?? 0;
  while (node !== 0 && !isEnough(node)) node = tree.parent[node] ?? 0;
  return levelCost(tree.level[node] ?? 0);
}

/** What a set must cost its people at least, who all go to one place: it holds enough people, and is above one of them. */
function leastUnitCost(plot: Plot, unit: number, isEnough: (node: number) => boolean): number {
  const members = membersOf(unit, plot.pairs);
  if (members.length === 1) return leastCost(plot, unit, isEnough);
  const { tree, traits } = plot.cohort;
  let least = Infinity;
  for (const member of members) {
    for (let node = traits.home[member] ?? 0; node !== 0; node = tree.parent[node] ?? 0)
      if (isEnough(node)) least = Math.min(least, unitCost(plot, unit, node));
  }
  return least < Infinity
    ? least
    : members.reduce((sum, member) => sum + leastCost(plot, member, isEnough), 0);
}

/**
 * What location must cost those who are placed at least. A track whose plan is proven cannot cost less than it does. Where
 * tracks may mix, those who can complete any group count in every track.
 */
export function locationBound(plot: Plot, solution: Solution, costs: Float64Array): number {
  const { cohort, pairs, rules } = plot;
  const mayMix = mixers(plot);
  const mixed = rules.crossTrack
    ? Uint8Array.from({ length: cohort.size }, (_, i) => (mayMix(i) ? 1 : 0))
    : null;
  const common = new Map<number, number>();
  if (mixed !== null)
    for (let i = 0; i < mixed.length; i++) if (mixed[i] === 1) countPlaces(cohort, i, common);
  let bound = 0;
  for (const [code, people] of peopleByTrack(cohort).entries()) {
    const cost = costs[code] ?? 0;
    if (mixed === null && solution.proven.has(code)) {
      bound += cost;
      continue;
    }
    const counts = new Map<number, number>();
    for (const person of people) if (mixed?.[person] !== 1) countPlaces(cohort, person, counts);
    const isEnough = (node: number): boolean =>
      (counts.get(node) ?? 0) + (common.get(node) ?? 0) >= rules.min;
    let least = 0;
    for (const person of people) {
      if (mixed?.[person] === 1 || solution.unplaced.has(person)) continue;
      if (pairs.bound[person] !== 1) least += leastCost(plot, person, isEnough);
      else if (pairs.atomOf[person] === person) least += leastUnitCost(plot, person, isEnough);
    }
    bound += Math.min(cost, least);
  }
  return bound;
}

/** The people of each track. */
export function peopleByTrack({ size, trackNames, traits }: Cohort): Int32Array[] {
  const counts = new Int32Array(trackNames.length);
  for (const code of traits.track) counts[code] = (counts[code] ?? 0) + 1;
  const people = Array.from(counts, (count) => new Int32Array(count));
  counts.fill(0);
  for (let i = 0; i < size; i++) {
    const code = traits.track[i] ?? 0;
    const at = counts[code] ?? 0;
    const own = people[code];
    if (own !== undefined) own[at] = i;
    counts[code] = at + 1;
  }
  return people;
}

function countPlaces({ tree, traits }: Cohort, person: number, counts: Map<number, number>): void {
  for (let node = traits.home[person] ?? 0; node !== 0; node = tree.parent[node] ?? 0)
    counts.set(node, (counts.get(node) ?? 0) + 1);
}
