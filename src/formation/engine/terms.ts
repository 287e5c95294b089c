import { locationBound, locationByTrack, peopleByTrack } from './location.ts';
import { type Figure, measurePool } from './measure.ts';
import type { Plot } from './pool.ts';
import { largestFeasible } from './sizes.ts';
import type { Solution } from './solution.ts';
import { RULE_NAMES, type Term, type TermName } from './types.ts';

/** What the terms are made of. Sums of several tracks add up to the sums of all; balance is weighted by people. */
export type Sums = {
  readonly figures: Readonly<Record<TermName, Pick<Figure, 'value' | 'bound' | 'random'>>>;
  /** People in groups with a known skill and activity. */
  readonly known: { readonly skill: number; readonly activity: number };
};

const NAMES = [
  'unplaced',
  'location',
  ...RULE_NAMES.slice(0, 5),
  'size',
  'balance_skill',
  'balance_activity',
] as const satisfies readonly TermName[];

/** Every term of the score, counted afresh from who is where, beside its bound and what chance would give. */
export function measure(plot: Plot, solution: Solution): Term[] {
  return termsFrom(sumsOf(plot, solution));
}

/** Counts what the terms are made of. */
export function sumsOf(plot: Plot, solution: Solution): Sums {
  const figures = Object.fromEntries(
    NAMES.map((name) => [name, { value: 0, bound: 0, random: 0 }]),
  ) as Record<TermName, { value: number; bound: number; random: number }>;
  const known = { skill: 0, activity: 0 };
  for (const pool of solution.pools) {
    const found = measurePool(plot, solution, pool);
    for (const name of [...RULE_NAMES, 'size'] as const) add(figures[name], found[name]);
    known.skill += found.balance_skill.weight;
    known.activity += found.balance_activity.weight;
  }
  const unplaced = solution.unplaced.size;
  figures.unplaced = { value: unplaced, bound: unplacedBound(plot), random: unplaced };
  const costs = locationByTrack(plot, solution);
  const location = costs.reduce((sum, cost) => sum + cost, 0);
  figures.location = { value: location, bound: locationBound(plot, solution, costs), random: location };
  return { figures, known };
}

/** The sums that terms were made of. */
export function sumsBehind(terms: readonly Term[], known: Sums['known']): Sums {
  const figures = Object.fromEntries(
    NAMES.map((name) => {
      const found = terms.find((term) => term.name === name);
      const { value = 0, bound = 0, random = 0 } = found ?? {};
      const people = peopleBehind(name, known);
      return [name, { value: value * people, bound: bound * people, random: random * people }];
    }),
  ) as Sums['figures'];
  return { figures, known };
}

/** The sums with those of some tracks replaced, as they were before by as they are after. */
export function replaceSums(all: Sums, before: Sums, after: Sums): Sums {
  const change = (total: number, less: number, more: number): number => total - less + more;
  const figures = Object.fromEntries(
    NAMES.map((name) => {
      const [sum, less, more] = [all.figures[name], before.figures[name], after.figures[name]];
      return [
        name,
        {
          value: change(sum.value, less.value, more.value),
          bound: change(sum.bound, less.bound, more.bound),
          random: change(sum.random, less.random, more.random),
        },
      ];
    }),
  ) as Sums['figures'];
  const known = {
    skill: change(all.known.skill, before.known.skill, after.known.skill),
    activity: change(all.known.activity, before.known.activity, after.known.activity),
  };
  return { figures, known };
}

export function termsFrom({ figures, known }: Sums): Term[] {
  return NAMES.map((name) => {
    const people = peopleBehind(name, known);
    const { value, bound, random } = figures[name];
    return people === 0
      ? { name, value, bound, random }
      : { name, value: value / people, bound: bound / people, random: random / people };
  });
}

/** How many people a term is an average over; 1 for what is a sum. */
function peopleBehind(name: TermName, known: Sums['known']): number {
  if (name === 'balance_skill') return known.skill;
  return name === 'balance_activity' ? known.activity : 1;
}

function add(
  sum: { value: number; bound: number; random: number },
  { value, bound, random, weight }: Figure,
): void {
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
