import { membersOf } from './arrange.ts';
import { enlarged, formPool, type Plot, type Pool, unitCost } from './pool.ts';

/** How many people may be looked at, pool by pool, before a plan is left as it is. */
const MOST_LOOKED_AT = 200_000;

type Plan = { readonly pools: readonly Pool[]; readonly left: readonly number[] };

/**
 * Betters a plan step by step: somebody who has no place, or could have a nearer one, goes to another pool, if need be in exchange
 * for one of its units, as long as fewer are left out, or as few nearer to their places.
 */
export function relocate(plot: Plot, track: number, units: readonly number[], plan: Plan): Plan {
  const state = { pools: [...plan.pools], left: [...plan.left], budget: MOST_LOOKED_AT };
  const price = leftCost(plot, units);
  for (let found = true; found && state.budget > 0;) {
    found = false;
    for (const unit of [...state.left]) found = betterOne(plot, track, state, unit, null, price) || found;
    for (const pool of [...state.pools]) {
      if (!state.pools.includes(pool)) continue;
      const far = pool.units.filter((unit) => unitCost(plot, unit, pool.node) > 0);
      for (const unit of far) {
        if (!state.pools.includes(pool)) break;
        found = betterOne(plot, track, state, unit, pool, price) || found;
      }
    }
  }
  return { pools: state.pools, left: state.left };
}

type State = { pools: Pool[]; left: number[]; budget: number };

/** What leaving somebody out weighs: more than all location together. */
function leftCost(plot: Plot, units: readonly number[]): number {
  return 10 * units.reduce((sum, unit) => sum + membersOf(unit, plot.pairs).length, 0);
}

/** Takes the first step that helps a unit. @returns whether there was one */
function betterOne(
  plot: Plot,
  track: number,
  state: State,
  unit: number,
  from: Pool | null,
  price: number,
): boolean {
  const weight = (other: number): number => price * membersOf(other, plot.pairs).length;
  const now = from === null ? weight(unit) : unitCost(plot, unit, from.node);
  const near = state.pools
    .filter((pool) => pool !== from && unitCost(plot, unit, pool.node) < now)
    .sort((a, b) => unitCost(plot, unit, a.node) - unitCost(plot, unit, b.node) || b.node - a.node);
  const without = from === null ? null : smaller(plot, track, state, from, unit);
  for (const to of near) {
    if ((state.budget -= to.people) <= 0) return false;
    const larger = from === null || without !== null ? enlarged(plot, to, [unit]) : null;
    if (larger !== null) return apply(state, [from, to], [without, larger], from === null ? [unit] : [], []);
    for (const other of to.units) {
      const gain = now - unitCost(plot, unit, to.node) + unitCost(plot, other, to.node);
      const after = from === null ? weight(other) : unitCost(plot, other, from.node);
      if (after >= gain) continue;
      if ((state.budget -= to.people) <= 0) return false;
      const taken = formPool(plot, track, to.node, [...to.units.filter((one) => one !== other), unit]);
      if (taken === null) continue;
      if (from === null) return apply(state, [to], [taken], [unit], [other]);
      const given = formPool(plot, track, from.node, [...from.units.filter((one) => one !== unit), other]);
      if (given !== null) return apply(state, [from, to], [given, taken], [], []);
    }
  }
  return false;
}

/** A pool without a unit; null where it would not be legal. */
function smaller(plot: Plot, track: number, state: State, pool: Pool, unit: number): Pool | null {
  state.budget -= pool.people;
  return formPool(
    plot,
    track,
    pool.node,
    pool.units.filter((other) => other !== unit),
  );
}

function apply(
  state: State,
  before: readonly (Pool | null)[],
  after: readonly (Pool | null)[],
  seated: readonly number[],
  unseated: readonly number[],
): true {
  const gone = new Set(before);
  state.pools = [
    ...state.pools.filter((pool) => !gone.has(pool)),
    ...after.filter((pool): pool is Pool => pool !== null),
  ];
  state.left = [...state.left.filter((unit) => !seated.includes(unit)), ...unseated];
  return true;
}
