import { arrange, meetFoes, membersOf } from './arrange.ts';
import type { Cohort } from './cohort.ts';
import type { Pairs } from './pairs.ts';
import { isWithin, levelCost, meetingNode } from './places.ts';
import { bestGroupCount, evenSizeCost } from './sizes.ts';
import type { FormationRules } from './types.ts';

/** What planning needs to know; nothing in it changes. */
export type Plot = { readonly cohort: Cohort; readonly pairs: Pairs; readonly rules: FormationRules };

/** All groups of one track at one place. */
export type Pool = {
  readonly track: number;
  readonly node: number;
  /** Sets by their first member, and single people. */
  units: number[];
  people: number;
  /** Those whose place is in the pool's. */
  locals: number;
  groupCount: number;
  /** People by group, where pair rules have a say; null where any split will do. */
  arrangement: number[][] | null;
};

/** How many people units hold. */
export function weigh(plot: Plot, units: readonly number[]): number {
  let people = 0;
  for (const unit of units) people += plot.pairs.bound[unit] === 1 ? membersOf(unit, plot.pairs).length : 1;
  return people;
}

/** How many people of the units live within a node. */
export function countLocals(plot: Plot, units: readonly number[], node: number): number {
  let locals = 0;
  const { home } = plot.cohort.traits;
  for (const unit of units) {
    for (const member of membersOf(unit, plot.pairs)) {
      if (isWithin(plot.cohort.tree, home[member] ?? 0, node)) locals++;
    }
  }
  return locals;
}

/** What location costs a unit in a group at a node. */
export function unitCost(plot: Plot, unit: number, node: number): number {
  const { tree: places, traits } = plot.cohort;
  let cost = 0;
  for (const member of membersOf(unit, plot.pairs)) {
    cost += levelCost(places.level[meetingNode(places, traits.home[member] ?? 0, node)] ?? 0);
  }
  return cost;
}

/** A legal pool of exactly these units, or null where sizes, locals or pair rules forbid it. */
export function formPool(plot: Plot, track: number, node: number, units: readonly number[]): Pool | null {
  const people = weigh(plot, units);
  const locals = countLocals(plot, units, node);
  const { rules, pairs } = plot;
  const limit = Math.floor(locals / rules.min);
  const groupCount = bestGroupCount(people, rules, limit);
  if (groupCount === 0) return null;
  const pool: Pool = { track, node, units: [...units], people, locals, groupCount, arrangement: null };
  if (!units.some((unit) => pairs.bound[unit] === 1)) return pool;
  for (const count of countsByCost(people, limit, rules)) {
    const arrangement = arrange(units, count, rules, pairs);
    if (arrangement !== null) return { ...pool, groupCount: count, arrangement };
  }
  return null;
}

function countsByCost(people: number, limit: number, rules: FormationRules): number[] {
  const counts: number[] = [];
  const most = Math.min(limit, Math.floor(people / rules.min));
  for (let count = Math.ceil(people / rules.max); count <= most; count++) counts.push(count);
  return counts.sort((a, b) => evenSizeCost(people, a, rules) - evenSizeCost(people, b, rules) || a - b);
}

/** What a pool's sizes cost, as even as they can be. */
export function poolSizeCost(pool: Pick<Pool, 'people' | 'groupCount'>, rules: FormationRules): number {
  return evenSizeCost(pool.people, pool.groupCount, rules);
}

/** The pool with more units, or null where it would not be legal. */
export function enlarged(plot: Plot, pool: Pool, units: readonly number[]): Pool | null {
  const people = pool.people + weigh(plot, units);
  const locals = pool.locals + countLocals(plot, units, pool.node);
  const limit = Math.floor(locals / plot.rules.min);
  const isFree = !units.some((unit) => plot.pairs.bound[unit] === 1);
  if (pool.arrangement === null && isFree) {
    const groupCount = bestGroupCount(people, plot.rules, limit);
    return groupCount === 0
      ? null
      : { ...pool, units: [...pool.units, ...units], people, locals, groupCount };
  }
  const [unit, ...others] = units;
  const seat = others.length > 0 || unit === undefined ? -1 : seatIn(plot, pool, unit);
  if (seat < 0 || pool.groupCount > limit)
    return formPool(plot, pool.track, pool.node, [...pool.units, ...units]);
  const arrangement = pool.arrangement?.map((group, at) =>
    at === seat ? [...group, ...membersOf(unit ?? 0, plot.pairs)] : group,
  );
  return { ...pool, units: [...pool.units, ...units], people, locals, arrangement: arrangement ?? null };
}

/**
 * What one more unit would add to the cost of a pool's sizes.
 * @returns null where the pool would not be legal
 */
export function costOfTaking(plot: Plot, pool: Pool, unit: number): number | null {
  const { rules, pairs } = plot;
  const people = pool.people + membersOf(unit, pairs).length;
  if (people > Math.floor(people / rules.min) * rules.max) return null;
  const limit = Math.floor((pool.locals + countLocals(plot, [unit], pool.node)) / rules.min);
  const groups = bestGroupCount(people, rules, limit);
  if (groups === 0) return null;
  const isFree = pool.arrangement === null && pairs.bound[unit] !== 1;
  if (!isFree && (seatIn(plot, pool, unit) < 0 || pool.groupCount > limit)) {
    const larger = formPool(plot, pool.track, pool.node, [...pool.units, unit]);
    return larger === null ? null : poolSizeCost(larger, rules) - poolSizeCost(pool, rules);
  }
  return evenSizeCost(people, groups, rules) - poolSizeCost(pool, rules);
}

/** The smallest group of an arranged pool that can take a unit as it is; -1 where none can. */
function seatIn(plot: Plot, { arrangement }: Pool, unit: number): number {
  const members = membersOf(unit, plot.pairs);
  let best = -1;
  let least = plot.rules.max - members.length + 1;
  for (const [at, group] of (arrangement ?? []).entries()) {
    if (group.length < least && !meetFoes(members, group, plot.pairs)) [best, least] = [at, group.length];
  }
  return best;
}
