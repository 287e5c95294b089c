import { newBytes } from './growing.ts';
import { isMixed, localsOf } from './hall.ts';
import type { Kept, KeptGroup } from './kept-groups.ts';
import type { Plot } from './pool.ts';
import { type Plan, type PlannedPool, poolSeed } from './solution.ts';
import type { UnplacedReason } from './types.ts';

/** Makes groups of an update into pools for the search, which may exchange only those whose group is new to them. */
export function freezeGroups(
  plot: Plot,
  groups: readonly KeptGroup[],
  kept: Kept,
  unplaced: ReadonlyMap<number, UnplacedReason>,
): { plan: Plan; names: (string | null)[][] } {
  const { cohort, rules } = plot;
  const frozen = newBytes(cohort.size).fill(1);
  const byPool = new Map<string, KeptGroup[]>();
  for (const group of groups) {
    if (group.people.length === 0) continue;
    const key = `${group.track} ${group.node}`;
    const pool = byPool.get(key);
    if (pool === undefined) byPool.set(key, [group]);
    else pool.push(group);
    // Who makes a group of several tracks legal must not leave it, nor the few who live where it stands.
    if (isMixed(plot, group) || localsOf(plot, group) < Math.min(rules.min, group.people.length)) continue;
    for (const person of group.people) if (kept.before(person) !== group.name) frozen[person] = 0;
  }
  const pools: PlannedPool[] = [];
  const names: (string | null)[][] = [];
  const seatOf = new Int32Array(cohort.size);
  for (const own of byPool.values()) {
    const { track, node } = own[0] ?? { track: 0, node: 0 };
    for (const [at, group] of own.entries()) for (const person of group.people) seatOf[person] = at;
    // Groups come by name and people by identity, so this order is the same whatever the roster's.
    const members = Int32Array.from(own.flatMap((group) => group.people));
    const start = members.map((person) => seatOf[person] ?? 0);
    const seed = poolSeed(cohort, rules, track, node);
    pools.push({ track, node, groups: own.length, members, start, seed });
    names.push(own.map((group) => group.name));
  }
  return { plan: { pools, unplaced, proven: new Set(), frozen }, names };
}
