import type { Plot } from './pool.ts';

/** How many groups so many people should open beside groups of these sizes, for the sake of sizes. */
export function newGroups({ rules }: Plot, sizes: readonly number[], people: number): number {
  let best = 0;
  let bestCost = Infinity;
  for (let opened = 0; opened * rules.min <= people; opened++) {
    const cost = fillCost(sizes, opened, people, rules);
    if (cost < bestCost) [best, bestCost] = [opened, cost];
    else if (bestCost < Infinity) break;
  }
  return best;
}

/** What sizes cost more where so many people fill the smallest groups first; infinite where they have no room. */
function fillCost(
  sizes: readonly number[],
  opened: number,
  people: number,
  { min, ideal, max }: Plot['rules'],
): number {
  const levels = new Map<number, number>([[min, opened]]);
  for (const size of sizes) levels.set(size, (levels.get(size) ?? 0) + 1);
  let left = people - opened * min;
  let cost = opened * (min - ideal) ** 2;
  let rising = 0;
  for (let size = Math.min(min, ...sizes); size < max && left > 0; size++) {
    rising += levels.get(size) ?? 0;
    const raised = Math.min(rising, left);
    cost += raised * (2 * (size - ideal) + 1);
    left -= raised;
  }
  return left > 0 ? Infinity : cost;
}
