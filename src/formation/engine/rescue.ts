import { isWithin, levelCost } from './places.ts';
import { formPool, type Plot, type Pool, weigh } from './pool.ts';
import { keepFeasible } from './subset.ts';
import { bestGroupCount, isFeasible } from './sizes.ts';

/**
 * Opens a pool at a node for units that are too few, with people borrowed from pools below it, who then travel further.
 * @param budget what borrowing may cost at most, in location cost
 * @returns whether it did; the pools are changed only then
 */
export function openByBorrowing(
  plot: Plot,
  track: number,
  node: number,
  units: readonly number[],
  pools: Pool[],
  budget: number,
): boolean {
  const people = weigh(plot, units);
  let size = Math.max(people, plot.rules.min);
  while (!isFeasible(size, plot.rules)) size++;
  const { level } = plot.cohort.tree;
  const lenders = pools
    .map((pool, at) => ({ pool, at, step: levelCost(level[node] ?? 0) - levelCost(level[pool.node] ?? 0) }))
    .filter(({ pool }) => pool.node !== node && isWithin(plot.cohort.tree, pool.node, node))
    .sort((a, b) => a.step - b.step || b.pool.people - a.pool.people || a.at - b.at);
  const loans: { at: number; pool: Pool; units: number[] }[] = [];
  let wanted = size - people;
  let cost = 0;
  for (const { pool, at, step } of lenders) {
    if (wanted === 0) break;
    const loan = lend(plot, pool, wanted);
    if (loan === null) continue;
    wanted -= loan.units.length;
    cost += step * loan.units.length;
    loans.push({ at, ...loan });
  }
  if (wanted > 0 || cost > budget) return false;
  const opened = formPool(plot, track, node, [...units, ...loans.flatMap((loan) => loan.units)]);
  if (opened === null) return false;
  for (const loan of loans) pools[loan.at] = loan.pool;
  pools.push(opened);
  return true;
}

/** As many single locals as a pool can spare, up to `wanted`; null where none. */
function lend(plot: Plot, pool: Pool, wanted: number): { pool: Pool; units: number[] } | null {
  const { home } = plot.cohort.traits;
  const movable = pool.units.filter(
    (unit) => plot.pairs.bound[unit] !== 1 && isWithin(plot.cohort.tree, home[unit] ?? 0, pool.node),
  );
  for (let count = Math.min(wanted, movable.length); count > 0; count--) {
    const limit = Math.floor((pool.locals - count) / plot.rules.min);
    if (bestGroupCount(pool.people - count, plot.rules, limit) === 0) continue;
    const lent = new Set(movable.slice(0, count));
    const kept = pool.units.filter((unit) => !lent.has(unit));
    const smaller = formPool(plot, pool.track, pool.node, kept);
    if (smaller !== null) return { pool: smaller, units: [...lent] };
  }
  return null;
}

/**
 * Dissolves pools into one at the top until as many as possible are placed, the dearest rungs first. With all of them
 * dissolved, only the number of people can leave somebody out.
 * @returns the units for whom there still is no place
 */
export function dissolveAbove(
  plot: Plot,
  track: number,
  node: number,
  left: readonly number[],
  pools: Pool[],
): number[] {
  const { level } = plot.cohort.tree;
  const below = pools
    .filter((pool) => isWithin(plot.cohort.tree, pool.node, node))
    .sort((a, b) => (level[b.node] ?? 0) - (level[a.node] ?? 0) || a.people - b.people || a.node - b.node);
  let best: { pool: Pool; dropped: number[]; gone: Set<Pool> } | null = null;
  let fewest = weigh(plot, left);
  const gathered = [...left];
  const gone = new Set<Pool>();
  for (const next of [null, ...below]) {
    if (next !== null) {
      for (const unit of next.units) gathered.push(unit);
      gone.add(next);
    }
    const { pool, dropped } = keepFeasible(plot, track, node, gathered);
    if (pool === null || weigh(plot, dropped) >= fewest) continue;
    fewest = weigh(plot, dropped);
    best = { pool, dropped, gone: new Set(gone) };
    if (fewest === 0) break;
  }
  if (best === null) return [...left];
  const { gone: replaced, pool, dropped } = best;
  const kept = pools.filter((candidate) => !replaced.has(candidate));
  pools.splice(0, pools.length, ...kept, pool);
  return dropped;
}
