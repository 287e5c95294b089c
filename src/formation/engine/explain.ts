import { CohortBuilder } from './cohort.ts';
import { type Explanation, say, type Statement } from './explanation.ts';
import { groupStatements, pairStatements } from './explain-group.ts';
import { type Crowds, countCrowds, placeStatements, sizeStatement } from './explain-place.ts';
import { swapFinder } from './explain-swap.ts';
import { spelling } from './names.ts';
import { resolvePairs } from './pairs.ts';
import { WORLD } from './places.ts';
import type { Plot } from './pool.ts';
import { isLocal, type SeatedPool, type Seating, seatingOfGroups } from './seating.ts';
import { poolSeed } from './solution.ts';
import type { FormationInput, FormationResult } from './types.ts';

/**
 * Why everybody is where they are, from a roster and the groups as they stand, also after people were moved by hand. Pure, and
 * streamed: nothing is kept for people who were explained already.
 * @throws FormationRefused where the input is no roster
 */
export function* explain(
  input: FormationInput,
  result: Pick<FormationResult, 'groups' | 'placements'>,
): Generator<Explanation> {
  const builder = new CohortBuilder();
  for (const person of input.people) builder.add(person);
  const cohort = builder.build();
  const plot = { cohort, rules: input.rules, pairs: resolvePairs(cohort, input.rules) };
  const before = new Map<number, string>();
  for (const { id, group } of input.previous ?? []) before.set(cohort.indexOf(id), group);
  yield* explainSeating(plot, seatingOfGroups(plot, result), (person) => before.get(person));
}

/**
 * The same from the engine's own columns.
 * @param before the group of before, in an update
 */
export function* explainSeating(
  plot: Plot,
  seating: Seating,
  before: (person: number) => string | undefined,
): Generator<Explanation> {
  const crowds = countCrowds(plot.cohort);
  for (const pool of seating.pools) yield* explainPool(plot, crowds, seating, pool, before);
  for (const [person, reason] of seating.unplaced) {
    const track = plot.cohort.traits.track[person] ?? 0;
    const params = { reason, people: crowds(track, 0), needed: plot.rules.min };
    yield { id: plot.cohort.ids[person] ?? '', statements: [say('unplaced', params)] };
  }
}

function* explainPool(
  plot: Plot,
  crowds: Crowds,
  seating: Seating,
  pool: SeatedPool,
  before: (person: number) => string | undefined,
): Generator<Explanation> {
  const { cohort, rules } = plot;
  const locals = pool.members.filter((person) => isLocal(plot, person, pool.node));
  const place = spelling(cohort, locals, cohort.tree.level[pool.node] ?? WORLD);
  const findSwap = swapFinder(plot, pool, poolSeed(cohort, rules, pool.track, pool.node));
  const groups: number[][] = pool.names.map(() => []);
  for (let at = 0; at < pool.members.length; at++) groups[pool.groupOf[at] ?? 0]?.push(pool.members[at] ?? 0);
  const facts = groups.map((people) => [
    sizeStatement(plot, pool, people.length),
    ...groupStatements(plot, people),
  ]);
  for (let at = 0; at < pool.members.length; at++) {
    const person = pool.members[at] ?? 0;
    const group = pool.groupOf[at] ?? 0;
    yield {
      id: cohort.ids[person] ?? '',
      statements: [
        ...placeStatements(plot, crowds, person, pool, place),
        ...(facts[group] ?? []),
        ...pairStatements(plot, person, groups[group] ?? []),
        ...findSwap(at),
        ...moveStatements(seating, person, before),
      ],
    };
  }
}

function moveStatements(
  seating: Seating,
  person: number,
  before: (person: number) => string | undefined,
): Statement[] {
  const reason = seating.reasons.get(person);
  if (reason === undefined || reason === '') return [];
  return [say(`move_${reason}`, { from: before(person) ?? '' })];
}
