import { arrange, membersOf } from './arrange.ts';
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
  if (pool.arrangement === null && !units.some((unit) => plot.pairs.bound[unit] === 1)) {
    const people = pool.people + units.length;
    const locals = pool.locals + countLocals(plot, units, pool.node);
    const groupCount = bestGroupCount(people, plot.rules, Math.floor(locals / plot.rules.min));
    if (groupCount === 0) return null;
    return { ...pool, units: [...pool.units, ...units], people, locals, groupCount };
  }
  return formPool(plot, pool.track, pool.node, [...pool.units, ...units]);
}
