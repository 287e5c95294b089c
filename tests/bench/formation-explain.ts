import { performance } from 'node:perf_hooks';
import { explanationsOf, finish, planRun } from '../../src/formation/engine/form.ts';
import { CohortBuilder } from '../../src/formation/engine/cohort.ts';
import { resolvePairs } from '../../src/formation/engine/pairs.ts';
import type { Plot } from '../../src/formation/engine/pool.ts';
import { dividePool } from '../../src/formation/engine/solution.ts';
import { DEFAULT_RULES, type FormationPerson } from '../../src/formation/engine/types.ts';
import type { Figure } from './bench.ts';

export function plotOf(people: Iterable<FormationPerson>): Plot {
  const builder = new CohortBuilder();
  for (const person of people) builder.add(person);
  const cohort = builder.build();
  return { cohort, rules: DEFAULT_RULES, pairs: resolvePairs(cohort, DEFAULT_RULES) };
}

/** The second pass: everybody explained, beside the time of the run itself. */
export async function benchExplaining(
  print: (figure: Figure) => void,
  people: readonly FormationPerson[],
): Promise<void> {
  const started = performance.now();
  const plot = plotOf(people);
  const run = planRun(plot, null);
  const divisions = run.plan.pools.map((pool) => dividePool(plot, pool, run.plan.frozen));
  const formed = finish(run, divisions);
  const between = performance.now();
  let statements = 0;
  for (const explanation of explanationsOf(run, formed)) statements += explanation.statements.length;
  const seconds = (performance.now() - between) / 1000;
  const before = (between - started) / 1000;
  print({
    what: `${people.length.toLocaleString('en')} people explained: seconds`,
    value: seconds.toFixed(2),
    comparison: `${before.toFixed(2)} to form them`,
    ratio: `${(seconds / before).toFixed(2)} (${statements} statements)`,
  });
  return Promise.resolve();
}
