import { type Cohort, CohortBuilder } from './cohort.ts';
import { nameGroups } from './names.ts';
import { resolvePairs } from './pairs.ts';
import { isWithin } from './places.ts';
import type { Plot } from './pool.ts';
import { assemble, dividePool, planCohort, type Solution } from './solution.ts';
import { measure } from './terms.ts';
import {
  type FormationInput,
  FormationRefused,
  type FormationResult,
  type FormationRules,
  type FormedGroup,
  type FormOptions,
  type Placement,
  RUNGS,
} from './types.ts';

/**
 * Forms groups from a roster. Pure: the same input gives the same result, whatever the order of people, and a track's groups do
 * not depend on other tracks.
 * @throws FormationRefused where the input is no roster, or the rules make no sense
 * @throws the signal's reason where it is aborted
 */
export function form(input: FormationInput, options: FormOptions = {}): FormationResult {
  checkRules(input.rules);
  const builder = new CohortBuilder();
  for (const person of input.people) builder.add(person);
  const cohort = builder.build();
  const plot = { cohort, rules: input.rules, pairs: resolvePairs(cohort, input.rules) };
  const solution = solve(plot, options);
  options.onProgress?.({ stage: 'measuring', done: 0, total: cohort.size });
  return present(plot, solution, nameGroups(cohort, solution));
}

/** Plans and divides, pool by pool. */
function solve(plot: Plot, { onProgress, signal }: FormOptions): Solution {
  const total = plot.cohort.size;
  onProgress?.({ stage: 'planning', done: 0, total });
  const plan = planCohort(plot);
  const divisions: Int32Array[] = [];
  let done = 0;
  for (const pool of plan.pools) {
    signal?.throwIfAborted();
    divisions.push(dividePool(plot, pool));
    done += pool.members.length;
    onProgress?.({ stage: 'searching', done, total });
  }
  return assemble(plan, total, divisions);
}

/** @throws FormationRefused `bad_sizes` unless 1 <= min <= ideal <= max, in whole numbers */
export function checkRules({ min, ideal, max, seed }: FormationRules): void {
  const whole = [min, ideal, max, seed].every((value) => Number.isSafeInteger(value));
  if (!whole || min < 1 || min > ideal || ideal > max) throw new FormationRefused('bad_sizes');
}

/** The result as the pages and the command take it. */
export function present(plot: Plot, solution: Solution, names: readonly string[]): FormationResult {
  const { cohort } = plot;
  const groups = formedGroups(cohort, solution, names);
  const placements: Placement[] = [];
  const unplaced: { id: string; reason: NonNullable<ReturnType<typeof solution.unplaced.get>> }[] = [];
  const guests = new Set(groups.flatMap((group) => group.guestIds));
  for (let i = 0; i < cohort.size; i++) {
    const id = cohort.ids[i] ?? '';
    const group = groups[solution.groupOf[i] ?? -1];
    const reason = solution.unplaced.get(i);
    if (group !== undefined) {
      placements.push({
        id,
        group: group.name,
        place: group.place,
        rung: group.rung,
        guest: guests.has(id),
        reason: '',
      });
    } else {
      const why = reason ?? 'no_feasible_size';
      unplaced.push({ id, reason: why });
      placements.push({ id, group: '', place: '', rung: '', guest: false, reason: why });
    }
  }
  return { groups, placements, unplaced, terms: measure(plot, solution) };
}

function formedGroups(cohort: Cohort, solution: Solution, names: readonly string[]): FormedGroup[] {
  const groups: (FormedGroup & { memberIds: string[]; guestIds: string[] })[] = [];
  for (const pool of solution.pools) {
    for (let group = 0; group < pool.groups; group++) {
      groups.push({
        name: names[pool.firstGroup + group] ?? '',
        track: cohort.trackNames[pool.track] ?? '',
        place: cohort.places.name[pool.node] ?? '',
        rung: RUNGS[cohort.places.level[pool.node] ?? 3] ?? 'country',
        memberIds: [],
        guestIds: [],
      });
    }
    for (const person of pool.members) {
      const group = groups[solution.groupOf[person] ?? -1];
      const id = cohort.ids[person] ?? '';
      group?.memberIds.push(id);
      if (!isWithin(cohort.places, cohort.traits.home[person] ?? 0, pool.node)) group?.guestIds.push(id);
    }
  }
  return groups;
}
