import { mixTracks } from './across.ts';
import { membersOf } from './arrange.ts';
import type { Cohort } from './cohort.ts';
import { newBytes, newInts } from './growing.ts';
import { byIdentity } from './pairs.ts';
import { isWithin } from './places.ts';
import { planTrack } from './plan.ts';
import type { Plot, Pool } from './pool.ts';
import { hashText, mix } from './random.ts';
import { solvePool } from './search.ts';
import { reasonFor, unitsByTrack } from './tracks.ts';
import type { FormationRules, UnplacedReason } from './types.ts';
import { weightsFor } from './weights.ts';

/** A pool with its people, before or after they are divided. */
export type PlannedPool = {
  readonly track: number;
  readonly node: number;
  readonly groups: number;
  /** Ordered by identity, so that the roster's order does not matter. */
  readonly members: Int32Array;
  /** Group of each member, 0..groups-1, where pair rules settled a start; else null. */
  readonly start: Int32Array | null;
  readonly seed: number;
};

export type Plan = {
  readonly pools: readonly PlannedPool[];
  readonly unplaced: ReadonlyMap<number, UnplacedReason>;
  /** Tracks for which no plan leaves fewer people out, or as few nearer to their places. */
  readonly proven: ReadonlySet<number>;
  /** 1 for those whom the search must leave in the group that the start gives them; null where it may exchange everybody. */
  readonly frozen: Uint8Array | null;
};

/** Plans the pools of every track. */
export function planCohort(plot: Plot): Plan {
  const { pairs, rules } = plot;
  const unplaced = new Map<number, UnplacedReason>(pairs.refused);
  const pools: Pool[] = [];
  const proven = new Set<number>();
  const left: number[] = [];
  const reasons = new Map<number, UnplacedReason>();
  for (const [track, units] of unitsByTrack(plot, unplaced).entries()) {
    const plan = planTrack(plot, track, units);
    if (plan.proven) proven.add(track);
    pools.push(...plan.pools);
    left.push(...plan.left);
    for (const unit of plan.left) reasons.set(unit, reasonFor(plot, unit, units));
  }
  for (const unit of rules.crossTrack ? mixTracks(plot, left, pools) : left) {
    for (const member of membersOf(unit, pairs))
      unplaced.set(member, reasons.get(unit) ?? 'no_feasible_size');
  }
  let frozen: Uint8Array | null = null;
  const planned = pools.map((pool) => {
    const own = freeze(plot, pool);
    const guests = guestsToSpread(plot, own);
    if (guests.length === 0) return own;
    frozen ??= newBytes(plot.cohort.size);
    for (const guest of guests) frozen[guest] = 1;
    return { ...own, start: spread(own, guests) };
  });
  return { pools: planned, unplaced, proven, frozen };
}

/**
 * Guests of a pool who might come to be a group without anybody of its place, or with too few of them beside people of another
 * track: they are dealt out evenly and stay there.
 */
function guestsToSpread({ cohort }: Plot, pool: PlannedPool): number[] {
  if (pool.groups === 1 || pool.start !== null) return [];
  const { home, track } = cohort.traits;
  const guests = [...pool.members].filter((person) => !isWithin(cohort.tree, home[person] ?? 0, pool.node));
  const isMixed = guests.some((person) => track[person] !== pool.track);
  return isMixed || guests.length >= Math.floor(pool.members.length / pool.groups) ? guests : [];
}

/** Deals out a pool in turn: first the people of its place, then the guests. */
function spread({ members, groups }: PlannedPool, guests: readonly number[]): Int32Array {
  const last = new Set(guests);
  const start = newInts(members.length);
  let turn = 0;
  for (const isGuest of [false, true]) {
    for (let i = 0; i < members.length; i++) {
      if (last.has(members[i] ?? 0) === isGuest) start[i] = turn++ % groups;
    }
  }
  return start;
}

function freeze(plot: Plot, pool: Pool): PlannedPool {
  const { cohort, pairs, rules } = plot;
  const people: number[] = [];
  for (const unit of pool.units) {
    if (pairs.bound[unit] === 1) people.push(...membersOf(unit, pairs));
    else people.push(unit);
  }
  const members = Int32Array.from(people).sort(byIdentity(cohort));
  let start: Int32Array | null = null;
  if (pool.arrangement !== null) {
    const groupOf = new Map<number, number>();
    for (const [group, of] of pool.arrangement.entries()) for (const person of of) groupOf.set(person, group);
    start = newInts(members.length);
    for (let i = 0; i < members.length; i++) start[i] = groupOf.get(members[i] ?? 0) ?? 0;
  }
  const seed = poolSeed(cohort, rules, pool.track, pool.node);
  return { track: pool.track, node: pool.node, groups: pool.groupCount, members, start, seed };
}

/** A pool's own seed: from the run's seed, the track and the place's path, and from nothing else. */
export function poolSeed(cohort: Cohort, rules: FormationRules, track: number, node: number): number {
  return mix(hashText(cohort.trackNames[track] ?? '', rules.seed) ^ (cohort.tree.pathHash[node] ?? 0));
}

/** Divides one pool. @returns the group of each member */
export function dividePool(plot: Plot, pool: PlannedPool, frozen: Uint8Array | null): Int32Array {
  const { cohort, pairs, rules } = plot;
  return solvePool(
    {
      traits: cohort.traits,
      pairs: { ...pairs, frozen },
      members: pool.members,
      groups: pool.groups,
      track: pool.track,
      weights: weightsFor(rules),
      seed: pool.seed,
    },
    pool.start,
  );
}

/** Everybody's group. Groups are numbered throughout; a pool's own start at `firstGroup`. */
export type Solution = {
  readonly pools: readonly SolvedPool[];
  readonly unplaced: ReadonlyMap<number, UnplacedReason>;
  readonly proven: ReadonlySet<number>;
  /** By person; -1 where unplaced. */
  readonly groupOf: Int32Array;
  readonly groupCount: number;
};

export type SolvedPool = {
  readonly track: number;
  readonly node: number;
  readonly members: Int32Array;
  readonly groups: number;
  readonly firstGroup: number;
};

/** Puts the pools' divisions together. */
export function assemble(plan: Plan, size: number, divisions: readonly Int32Array[]): Solution {
  const groupOf = newInts(size).fill(-1);
  const pools: SolvedPool[] = [];
  let groupCount = 0;
  for (const [at, pool] of plan.pools.entries()) {
    const division = divisions[at];
    for (let i = 0; i < pool.members.length; i++) {
      groupOf[pool.members[i] ?? 0] = groupCount + (division?.[i] ?? 0);
    }
    pools.push({
      track: pool.track,
      node: pool.node,
      members: pool.members,
      groups: pool.groups,
      firstGroup: groupCount,
    });
    groupCount += pool.groups;
  }
  return { pools, unplaced: plan.unplaced, proven: plan.proven, groupOf, groupCount };
}
