import { newInts } from './growing.ts';
import type { Plot } from './pool.ts';
import type { PairColumns } from './pool-state.ts';
import { solvePool } from './search.ts';
import type { Plan } from './solution.ts';
import type { Traits } from './cohort.ts';
import { type Weights, weightsFor } from './weights.ts';

/** All pools of a run in shared memory. Threads take them one by one; who takes which does not matter to the result. */
export type Batch = {
  readonly traits: Traits;
  readonly pairs: PairColumns;
  readonly weights: Weights;
  readonly pools: number;
  /** Where the members of each pool start; one entry more than pools. */
  readonly from: Int32Array;
  readonly members: Int32Array;
  /** The group of each member: at first the given start or -1, in the end the division. */
  readonly groupOf: Int32Array;
  readonly groups: Int32Array;
  readonly tracks: Int32Array;
  readonly seeds: Int32Array;
  /** Pools by size, the largest first, so that no thread is left with one at the end. */
  readonly order: Int32Array;
  /** [next in order, pools finished, 1 where the run is cancelled]. */
  readonly state: Int32Array;
};

/** Lays pools out for threads to share. */
export function createBatch(
  { cohort, pairs, rules }: Plot,
  { pools, frozen }: Pick<Plan, 'pools' | 'frozen'>,
): Batch {
  const from = newInts(pools.length + 1);
  for (const [at, pool] of pools.entries()) from[at + 1] = (from[at] ?? 0) + pool.members.length;
  const members = newInts(from[pools.length] ?? 0);
  const groupOf = newInts(members.length).fill(-1);
  const groups = newInts(pools.length);
  const tracks = newInts(pools.length);
  const seeds = newInts(pools.length);
  for (const [at, pool] of pools.entries()) {
    members.set(pool.members, from[at]);
    if (pool.start !== null) groupOf.set(pool.start, from[at]);
    groups[at] = pool.groups;
    tracks[at] = pool.track;
    seeds[at] = pool.seed;
  }
  const order = newInts(pools.length);
  for (let at = 0; at < order.length; at++) order[at] = at;
  order.sort((a, b) => (pools[b]?.members.length ?? 0) - (pools[a]?.members.length ?? 0) || a - b);
  const { atomOf, bound, foeStart, foes } = pairs;
  return {
    traits: cohort.traits,
    pairs: { atomOf, bound, foeStart, foes, frozen },
    weights: weightsFor(rules),
    pools: pools.length,
    from,
    members,
    groupOf,
    groups,
    tracks,
    seeds,
    order,
    state: newInts(3),
  };
}

/** Divides the next pool that nobody has taken. @returns how many people it held; 0 where none is left */
export function divideNext(batch: Batch): number {
  if (Atomics.load(batch.state, 2) === 1) return 0;
  const turn = Atomics.add(batch.state, 0, 1);
  if (turn >= batch.pools) return 0;
  const pool = batch.order[turn] ?? 0;
  const from = batch.from[pool] ?? 0;
  const to = batch.from[pool + 1] ?? 0;
  const given = batch.groupOf[from] === -1 ? null : batch.groupOf.slice(from, to);
  const division = solvePool(
    {
      traits: batch.traits,
      pairs: batch.pairs,
      members: batch.members.subarray(from, to),
      groups: batch.groups[pool] ?? 1,
      track: batch.tracks[pool] ?? 0,
      weights: batch.weights,
      seed: batch.seeds[pool] ?? 0,
    },
    given,
  );
  batch.groupOf.set(division, from);
  Atomics.add(batch.state, 1, 1);
  return to - from;
}

/** Whether every pool is divided. */
export function isDivided(batch: Batch): boolean {
  return Atomics.load(batch.state, 1) === batch.pools;
}

/** The division of each pool. */
export function divisionsOf(batch: Batch): Int32Array[] {
  return Array.from({ length: batch.pools }, (_, pool) =>
    batch.groupOf.subarray(batch.from[pool] ?? 0, batch.from[pool + 1] ?? 0),
  );
}
