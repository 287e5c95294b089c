import { membersOf } from './arrange.ts';
import { byIdentity } from './pairs.ts';
import { isWithin, levelCost, WORLD } from './places.ts';
import { enlarged, type Plot, type Pool, poolSizeCost, unitCost, weigh } from './pool.ts';
import { dissolveAbove, openByBorrowing } from './rescue.ts';
import { keepFeasible } from './subset.ts';

export type TrackPlan = {
  readonly pools: readonly Pool[];
  /** Units for whom there is no legal group. */
  readonly left: readonly number[];
};

/**
 * Plans the pools of one track up the ladder: who is enough in a place forms a pool there, the others wait for the next
 * rung, are hosted below it, or borrow. Location comes first, then sizes.
 * @param units sets by their first member, and single people
 */
export function planTrack(plot: Plot, track: number, units: readonly number[]): TrackPlan {
  const { places } = plot.cohort;
  const waiting = new Map<number, number[]>();
  for (const unit of units) wait(waiting, unitHome(plot, unit), [unit]);
  const pools: Pool[] = [];
  const order = byIdentity(plot.cohort);
  let left: number[] = [];
  for (const node of nodesUpwards(plot, waiting)) {
    const here = (waiting.get(node) ?? []).sort(order);
    if (here.length === 0) continue;
    const rest = settle(plot, track, node, here, pools);
    if (rest.length === 0) continue;
    if (node === 0) left = rest;
    else wait(waiting, places.parent[node] ?? 0, rest);
  }
  if (left.length > 0) left = rescue(plot, track, left, pools);
  return { pools, left };
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
    for (let node = start; !nodes.has(node); node = plot.cohort.places.parent[node] ?? 0) nodes.add(node);
  }
  return [...nodes].sort((a, b) => b - a);
}

/** Places as many as it can of those waiting at a node; the others are given back. */
function settle(plot: Plot, track: number, node: number, here: number[], pools: Pool[]): number[] {
  let rest = here;
  if ((plot.cohort.places.level[node] ?? 0) < WORLD && weigh(plot, here) >= plot.rules.min) {
    const { pool, dropped } = keepFeasible(plot, track, node, here);
    if (pool !== null) pools.push(pool);
    rest = dropped;
  }
  rest = host(plot, node, rest, pools);
  if (rest.length === 0 || node === 0) return rest;
  const { level, parent } = plot.cohort.places;
  const step = levelCost(level[parent[node] ?? 0] ?? 0) - levelCost(level[node] ?? 0);
  return openByBorrowing(plot, track, node, rest, pools, step * weigh(plot, rest)) ? [] : rest;
}

/** Seats units in the pools below a node where location costs least, and among those where sizes gain most. */
export function host(plot: Plot, node: number, units: readonly number[], pools: Pool[]): number[] {
  const rest: number[] = [];
  for (const unit of units) {
    let best: Pool | null = null;
    let bestAt = -1;
    let bestCost = Infinity;
    for (const [at, pool] of pools.entries()) {
      if (!isWithin(plot.cohort.places, pool.node, node)) continue;
      if (pool.people >= Math.floor(pool.locals / plot.rules.min) * plot.rules.max) continue;
      const larger = enlarged(plot, pool, [unit]);
      if (larger === null) continue;
      const sizes = poolSizeCost(larger, plot.rules) - poolSizeCost(pool, plot.rules);
      const cost = unitCost(plot, unit, pool.node) * 1e6 + sizes;
      if (cost < bestCost) [best, bestAt, bestCost] = [larger, at, cost];
    }
    if (best === null) rest.push(unit);
    else pools[bestAt] = best;
  }
  return rest;
}

/** The last resort, country by country: borrow from pools below whatever it costs, or dissolve some. */
function rescue(plot: Plot, track: number, left: number[], pools: Pool[]): number[] {
  const { places, traits } = plot.cohort;
  const byCountry = new Map<number, number[]>();
  for (const unit of left) {
    let node = traits.home[unit] ?? 0;
    while (node !== 0 && places.parent[node] !== 0) node = places.parent[node] ?? 0;
    wait(byCountry, places.level[0] === WORLD ? node : 0, [unit]);
  }
  const lost: number[] = [];
  for (const [country, units] of [...byCountry].sort(([a], [b]) => a - b)) {
    if (
      (places.level[country] ?? WORLD) >= WORLD ||
      openByBorrowing(plot, track, country, units, pools, Infinity)
    ) {
      if ((places.level[country] ?? WORLD) >= WORLD) lost.push(...units);
      continue;
    }
    lost.push(...dissolveAbove(plot, track, country, units, pools));
  }
  return lost;
}
