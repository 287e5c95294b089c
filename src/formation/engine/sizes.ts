import type { FormationRules } from './types.ts';

export type SizeRules = Pick<FormationRules, 'min' | 'ideal' | 'max'>;

/** Whether `people` can be split into groups of min..max: ceil(n/M) <= floor(n/m). Nobody is split into no groups. */
export function isFeasible(people: number, { min, max }: SizeRules): boolean {
  return Math.ceil(people / max) <= Math.floor(people / min);
}

/** The most of `people` that groups can hold; 0 where there are fewer than min. */
export function largestFeasible(people: number, rules: SizeRules): number {
  let most = people;
  while (most > 0 && !isFeasible(most, rules)) most--;
  return most;
}

/** The sum of (size - ideal)^2 of `people` in `groups` groups as even as can be, which is the least there is. */
export function evenSizeCost(people: number, groups: number, { ideal }: SizeRules): number {
  const small = Math.floor(people / groups);
  const larger = people - small * groups;
  return (groups - larger) * (small - ideal) ** 2 + larger * (small + 1 - ideal) ** 2;
}

/**
 * The number of groups for a pool: the one with the least size cost, the fewest among equals (fewer groups need fewer leads).
 * @param limit at most so many groups, e.g. because each needs locals
 * @returns 0 where no number fits
 */
export function bestGroupCount(people: number, rules: SizeRules, limit = Infinity): number {
  const most = Math.min(Math.floor(people / rules.min), limit);
  let best = 0;
  let bestCost = Infinity;
  for (let groups = Math.max(1, Math.ceil(people / rules.max)); groups <= most; groups++) {
    const cost = evenSizeCost(people, groups, rules);
    if (cost >= bestCost) {
      if (people / groups < rules.ideal) break;
      continue;
    }
    best = groups;
    bestCost = cost;
  }
  return best;
}
