import { isWithin } from './places.ts';
import { costOfTaking, enlarged, type Plot, type Pool, unitCost } from './pool.ts';

/** Seats units in the pools below a node where location costs least, and among those where sizes gain most. */
export function host(plot: Plot, node: number, units: readonly number[], pools: Pool[]): number[] {
  const near = [...pools.keys()].filter((at) => isWithin(plot.cohort.tree, pools[at]?.node ?? 0, node));
  return units.filter((unit) => {
    let best = -1;
    let bestCost = Infinity;
    for (const at of near) {
      const pool = pools[at];
      if (pool === undefined) continue;
      const location = unitCost(plot, unit, pool.node) * 1e6;
      if (location - 1e6 >= bestCost) continue;
      const cost = location + (costOfTaking(plot, pool, unit) ?? Infinity);
      if (cost < bestCost) [best, bestCost] = [at, cost];
    }
    const pool = pools[best];
    const larger = pool === undefined ? null : enlarged(plot, pool, [unit]);
    if (larger !== null) pools[best] = larger;
    return larger === null;
  });
}

/** Seats several units in one pool at once, where one alone would spoil its size. */
export function hostTogether(plot: Plot, units: readonly number[], pools: Pool[]): number[] {
  for (const [at, pool] of pools.entries()) {
    for (let count = units.length; count > 1; count--) {
      const larger = enlarged(plot, pool, units.slice(0, count));
      if (larger === null) continue;
      pools[at] = larger;
      return units.slice(count);
    }
  }
  return [...units];
}
