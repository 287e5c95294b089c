import { membersOf } from './arrange.ts';
import { byIdentity } from './pairs.ts';
import { host, hostTogether } from './host.ts';
import { levelCost, WORLD } from './places.ts';
import { planByCounts } from './count-plan.ts';
import { leastLocation, locationOfPools } from './location.ts';
import { mergePools } from './merge.ts';
import { type Plot, type Pool, poolSizeCost, unitCost, weigh } from './pool.ts';
import { relocate } from './relocate.ts';
import { dissolveAbove, openByBorrowing } from './rescue.ts';
import { largestFeasible } from './sizes.ts';
import { keepFeasible } from './subset.ts';
import { planByUnits } from './unit-plan.ts';

export type TrackPlan = {
  readonly pools: readonly Pool[];
  /** Units for whom there is no legal group. */
  readonly left: readonly number[];
  /** Whether no plan has fewer unplaced, or as few at less location cost. */
  readonly proven: boolean;
};

/**
 * Plans the pools of one track: up the ladder first, and where that misses what can be proven, by trying everything within a set
 * number of steps.
 * @param units sets by their first member, and single people
 */
export function planTrack(plot: Plot, track: number, units: readonly number[]): TrackPlan {
  const pools: Pool[] = [];
  const left = climb(plot, track, units, pools);
  const first = { pools, left, proven: false };
  if (units.length === 0 || meetsBounds(plot, units, first)) return { ...first, proven: true };
  const other = planOtherwise(plot, track, units, first);
  return isBetter(plot, first, other) ? { ...first, proven: other.proven } : other;
}

/** Without pair rules people can be counted; a few with them can be tried out; else who could be nearer is moved about. */
function planOtherwise(plot: Plot, track: number, units: readonly number[], first: TrackPlan): TrackPlan {
  if (units.every((unit) => plot.pairs.bound[unit] !== 1)) return planByCounts(plot, track, units) ?? first;
  const tried = planByUnits(plot, track, units, weigh(plot, first.left));
  if (tried?.proven === true) return tried;
  const moved = { ...relocate(plot, track, units, first), proven: false };
  return { ...moved, proven: meetsBounds(plot, units, moved) };
}

/** Whether nobody could be placed or nearer than they are. */
function meetsBounds(
  plot: Plot,
  units: readonly number[],
  { pools, left }: Omit<TrackPlan, 'proven'>,
): boolean {
  const people = weigh(plot, units);
  const unplaced = people - largestFeasible(people, plot.rules);
  if (weigh(plot, left) > unplaced) return false;
  return locationOfPools(plot, pools) <= leastLocation(plot, units, unplaced);
}

function isBetter(plot: Plot, a: Omit<TrackPlan, 'proven'>, b: Omit<TrackPlan, 'proven'>): boolean {
  const sizes = ({ pools }: Omit<TrackPlan, 'proven'>): number =>
    pools.reduce((sum, pool) => sum + poolSizeCost(pool, plot.rules), 0);
  return (
    (weigh(plot, a.left) - weigh(plot, b.left) ||
      locationOfPools(plot, a.pools) - locationOfPools(plot, b.pools) ||
      sizes(a) - sizes(b)) < 0
  );
}

/**
 * Fills pools up the ladder: who is enough in a place forms a pool there, the others wait for the next rung, are hosted below
 * it, or borrow. Location comes first, then sizes.
 * @param pools those there are already, and in the end all
 * @returns units for whom there is no legal group
 */
export function climb(plot: Plot, track: number, units: readonly number[], pools: Pool[]): number[] {
  const { tree } = plot.cohort;
  const waiting = new Map<number, number[]>();
  for (const unit of units) wait(waiting, unitHome(plot, unit), [unit]);
  const order = byIdentity(plot.cohort);
  let left: number[] = [];
  for (const node of nodesUpwards(plot, waiting)) {
    const here = (waiting.get(node) ?? []).sort(order);
    if (here.length === 0) continue;
    const rest = settle(plot, track, node, here, pools);
    if (rest.length === 0) continue;
    if (node === 0) left = rest;
    else wait(waiting, tree.parent[node] ?? 0, rest);
  }
  const lost = left.length === 0 ? left : rescue(plot, track, left, pools);
  pools.splice(0, pools.length, ...mergePools(plot, pools));
  return lost;
}

function wait(waiting: Map<number, number[]>, node: number, units: readonly number[]): void {
  const known = waiting.get(node);
  if (known === undefined) waiting.set(node, [...units]);
  else for (const unit of units) known.push(unit);
}

/** Where a set is at home: the member's place that costs its people least together. */
function unitHome(plot: Plot, unit: number): number {
  const { home } = plot.cohort.traits;
  if (plot.pairs.bound[unit] !== 1) return home[unit] ?? 0;
  let best = home[unit] ?? 0;
  let bestCost = Infinity;
  for (const member of membersOf(unit, plot.pairs)) {
    const node = home[member] ?? 0;
    const cost = unitCost(plot, unit, node);
    if (cost < bestCost || (cost === bestCost && node < best)) {
      best = node;
      bestCost = cost;
    }
  }
  return best;
}

/** All nodes on the way from somebody's home to the root, children before parents. */
function nodesUpwards(plot: Plot, waiting: ReadonlyMap<number, unknown>): number[] {
  const nodes = new Set<number>([0]);
  for (const start of waiting.keys()) {
    for (let node = start; !nodes.has(node); node = plot.cohort.tree.parent[node] ?? 0) nodes.add(node);
  }
  return [...nodes].sort((a, b) => b - a);
}

/** Places as many as it can of those waiting at a node; the others are given back. */
function settle(plot: Plot, track: number, node: number, here: number[], pools: Pool[]): number[] {
  let rest = here;
  if ((plot.cohort.tree.level[node] ?? 0) < WORLD && weigh(plot, here) >= plot.rules.min) {
    const { pool, dropped } = keepFeasible(plot, track, node, here);
    if (pool !== null) pools.push(pool);
    rest = dropped;
  }
  rest = host(plot, node, rest, pools);
  if (rest.length === 0 || node === 0) return rest;
  const { level, parent } = plot.cohort.tree;
  const step = levelCost(level[parent[node] ?? 0] ?? 0) - levelCost(level[node] ?? 0);
  return openByBorrowing(plot, track, node, rest, pools, step * weigh(plot, rest)) ? [] : rest;
}

/** The last resort, country by country: borrow from pools below whatever it costs, or dissolve some. */
function rescue(plot: Plot, track: number, left: readonly number[], pools: Pool[]): number[] {
  const { tree, traits } = plot.cohort;
  const byTop = new Map<number, number[]>();
  for (const unit of left) {
    let node = traits.home[unit] ?? 0;
    while (node !== 0 && tree.parent[node] !== 0) node = tree.parent[node] ?? 0;
    wait(byTop, node, [unit]);
  }
  const lost: number[] = [];
  for (const [top, waiting] of [...byTop].sort(([a], [b]) => a - b)) {
    const units = hostTogether(plot, waiting, pools);
    if (units.length === 0) continue;
    if (top === 0) lost.push(...units);
    else if (openByBorrowing(plot, track, top, units, pools, Infinity)) continue;
    // Pools of several tracks must not flow into one: not all of their people may mix.
    else if (track < 0) lost.push(...units);
    else lost.push(...dissolveAbove(plot, track, top, units, pools));
  }
  return lost;
}
