import { locationBound, locationByTrack, peopleByTrack } from './location.ts';
import { type Figure, measurePool } from './measure.ts';
import type { Plot } from './pool.ts';
import { largestFeasible } from './sizes.ts';
import type { Solution } from './solution.ts';
import { RULE_NAMES, type Term, type TermName } from './types.ts';

/** Every term of the score, counted afresh from who is where, beside its bound and what chance would give. */
export function measure(plot: Plot, solution: Solution): Term[] {
  const total: Record<string, Figure> = {};
  for (const name of [...RULE_NAMES, 'size'] as const)
    total[name] = { value: 0, bound: 0, random: 0, weight: 1 };
  const weights: Record<string, number> = {};
  for (const pool of solution.pools) {
    const figures = measurePool(plot, solution, pool);
    for (const name of [...RULE_NAMES, 'size'] as const) {
      const { weight } = figures[name];
      add(total[name], figures[name]);
      weights[name] = (weights[name] ?? 0) + weight;
    }
  }
  for (const name of ['balance_skill', 'balance_activity'] as const) {
    const figure = total[name];
    const people = weights[name] ?? 0;
    if (figure !== undefined && people > 0) {
      total[name] = { value: figure.value / people, bound: 0, random: figure.random / people, weight: 1 };
    }
  }
  const unplaced = {
    value: solution.unplaced.size,
    bound: unplacedBound(plot),
    random: solution.unplaced.size,
  };
  const costs = locationByTrack(plot, solution);
  const location = costs.reduce((sum, cost) => sum + cost, 0);
  return [
    term('unplaced', unplaced),
    term('location', {
      value: location,
      bound: locationBound(plot, solution, costs),
      random: location,
    }),
    ...RULE_NAMES.slice(0, 5).map((name) => term(name, total[name])),
    term('size', total['size']),
    term('balance_skill', total['balance_skill']),
    term('balance_activity', total['balance_activity']),
  ];
}

function term(name: TermName, figure: Omit<Figure, 'weight'> = { value: 0, bound: 0, random: 0 }): Term {
  return { name, value: figure.value, bound: figure.bound, random: figure.random };
}

function add(sum: Figure | undefined, { value, bound, random, weight }: Figure): void {
  if (sum === undefined) return;
  sum.value += value * weight;
  sum.bound += bound * weight;
  sum.random += random * weight;
}

/** Per track, whoever exceeds the largest number that groups can hold; nothing is proven where tracks may mix. */
function unplacedBound({ cohort, rules }: Plot): number {
  if (rules.crossTrack) return 0;
  let bound = 0;
  for (const [code, people] of peopleByTrack(cohort).entries()) {
    const hasTrack = cohort.trackNames[code] !== '';
    bound += people.length - (hasTrack ? largestFeasible(people.length, rules) : 0);
  }
  return bound;
}
