import { locationBound, locationOf } from './location.ts';
import { measurePool, type PoolFigures, type Figure } from './measure.ts';
import type { Plot } from './pool.ts';
import { largestFeasible } from './sizes.ts';
import type { Solution } from './solution.ts';
import { RULE_NAMES, type Term, type TermName } from './types.ts';

/** Every term of the score, counted afresh from who is where, beside its bound and what chance would give. */
export function measure(plot: Plot, solution: Solution): Term[] {
  const total: Record<string, Figure> = {};
  for (const name of [...RULE_NAMES, 'size'] as const) total[name] = { value: 0, bound: 0, random: 0 };
  let people = 0;
  for (const pool of solution.pools) {
    const figures = measurePool(plot, solution, pool);
    people += pool.members.length;
    for (const name of [...RULE_NAMES, 'size'] as const) {
      add(total[name], figures, name, name.startsWith('balance') ? pool.members.length : 1);
    }
  }
  for (const name of ['balance_skill', 'balance_activity'] as const) {
    const figure = total[name];
    if (figure !== undefined && people > 0) {
      total[name] = { value: figure.value / people, bound: 0, random: figure.random / people };
    }
  }
  const unplaced = {
    value: solution.unplaced.size,
    bound: unplacedBound(plot),
    random: solution.unplaced.size,
  };
  const location = locationOf(plot, solution);
  return [
    term('unplaced', unplaced),
    term('location', {
      value: location,
      bound: Math.min(location, locationBound(plot, solution)),
      random: location,
    }),
    ...RULE_NAMES.slice(0, 5).map((name) => term(name, total[name])),
    term('size', total['size']),
    term('balance_skill', total['balance_skill']),
    term('balance_activity', total['balance_activity']),
  ];
}

function term(name: TermName, figure: Figure = { value: 0, bound: 0, random: 0 }): Term {
  return { name, value: figure.value, bound: figure.bound, random: figure.random };
}

function add(sum: Figure | undefined, figures: PoolFigures, name: keyof PoolFigures, weight: number): void {
  const figure = figures[name];
  if (sum === undefined) return;
  sum.value += figure.value * weight;
  sum.bound += figure.bound * weight;
  sum.random += figure.random * weight;
}

/** Per track, whoever exceeds the largest number that groups can hold; nothing is proven where tracks may mix. */
function unplacedBound({ cohort, rules }: Plot): number {
  if (rules.crossTrack) return 0;
  const sizes = cohort.trackNames.map(() => 0);
  for (const track of cohort.traits.track) sizes[track] = (sizes[track] ?? 0) + 1;
  let bound = 0;
  for (const size of sizes) bound += size - largestFeasible(size, rules);
  return bound;
}
