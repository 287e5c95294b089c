import { type Cohort, CohortBuilder } from './cohort.ts';
import { explainSeating } from './explain.ts';
import type { Explanation } from './explanation.ts';
import { nameGroups, poolTexts } from './names.ts';
import { resolvePairs } from './pairs.ts';
import { isWithin } from './places.ts';
import type { Plot } from './pool.ts';
import { seatingOf } from './seating.ts';
import { assemble, dividePool, type Plan, planCohort, type Solution } from './solution.ts';
import { measure } from './terms.ts';
import { concludeUpdate } from './moves.ts';
import { planUpdate, type Update } from './update.ts';
import {
  type CurrentPlacement,
  type FormationInput,
  FormationRefused,
  type FormationResult,
  type FormationRules,
  type FormedGroup,
  type FormOptions,
  type MoveReason,
  type Term,
  type UnplacedReason,
  type Placement,
  RUNGS,
} from './types.ts';

/** A run between planning and the search. */
export type PlannedRun = { readonly plot: Plot; readonly plan: Plan; readonly update: Update | null };

/** A run's outcome, in columns. */
export type Formed = {
  readonly solution: Solution;
  readonly names: readonly string[];
  /** Of an update, by person; those who stay have none. */
  readonly reasons: ReadonlyMap<number, MoveReason>;
  readonly terms: readonly Term[];
};

/**
 * Forms groups from a roster, or updates those it has. Pure: the same input gives the same result, whatever the order of
 * people, and a track's groups do not depend on other tracks.
 * @throws FormationRefused where the input is no roster, or the rules make no sense
 * @throws the signal's reason where it is aborted
 */
export function form(input: FormationInput, options: FormOptions = {}): FormationResult {
  checkRules(input.rules);
  const builder = new CohortBuilder();
  for (const person of input.people) builder.add(person);
  const cohort = builder.build();
  const { onProgress, signal } = options;
  onProgress?.({ stage: 'planning', done: 0, total: cohort.size });
  const plot = { cohort, rules: input.rules, pairs: resolvePairs(cohort, input.rules) };
  const run = planRun(plot, input.previous ?? null);
  const divisions: Int32Array[] = [];
  let done = 0;
  for (const pool of run.plan.pools) {
    signal?.throwIfAborted();
    divisions.push(dividePool(plot, pool, run.plan.frozen));
    done += pool.members.length;
    onProgress?.({ stage: 'searching', done, total: cohort.size });
  }
  onProgress?.({ stage: 'measuring', done: 0, total: cohort.size });
  const formed = finish(run, divisions);
  explainAll(run, formed, options);
  return present(run, formed);
}

/** Explanations at once are as many as a message to another thread should hold. */
const EXPLAINED_AT_ONCE = 500;

function explainAll(run: PlannedRun, formed: Formed, { onExplained, onProgress, signal }: FormOptions): void {
  if (onExplained === undefined) return;
  const total = run.plot.cohort.size;
  let batch: Explanation[] = [];
  let done = 0;
  const tell = (): void => {
    signal?.throwIfAborted();
    onExplained(batch);
    done += batch.length;
    batch = [];
    onProgress?.({ stage: 'explaining', done, total });
  };
  for (const explanation of explanationsOf(run, formed))
    if (batch.push(explanation) === EXPLAINED_AT_ONCE) tell();
  if (batch.length > 0) tell();
}

/** Why everybody of a run is where they are, one by one. */
export function explanationsOf({ plot, update }: PlannedRun, formed: Formed): Generator<Explanation> {
  const seating = seatingOf(formed.solution, formed.names, formed.reasons);
  return explainSeating(plot, seating, update?.kept.before ?? (() => undefined));
}

/** Decides who is in which pool, in a first run or an update. */
export function planRun(plot: Plot, previous: readonly CurrentPlacement[] | null): PlannedRun {
  if (previous === null) return { plot, plan: planCohort(plot), update: null };
  const update = planUpdate(plot, previous);
  return { plot, plan: update.plan, update };
}

/** Tracks whose location may not be the least there is; an update does not aim at it. */
export function unprovenTracks({ plot: { cohort }, plan, update }: PlannedRun): string[] {
  return update === null ? cohort.trackNames.filter((_, track) => !plan.proven.has(track)) : [];
}

/** Puts divided pools together, names the groups and counts the score. */
export function finish(run: PlannedRun, divisions: readonly Int32Array[]): Formed {
  const solution = assemble(run.plan, run.plot.cohort.size, divisions);
  const terms = measure(run.plot, solution);
  if (run.update === null) {
    return { solution, names: nameGroups(run.plot.cohort, solution), reasons: new Map(), terms };
  }
  const { kept, reasons, moves } = concludeUpdate(run.plot, run.update, solution);
  return {
    solution,
    names: nameGroups(run.plot.cohort, solution, kept, run.update.kept.names),
    reasons,
    terms: [...terms, moves],
  };
}

/** @throws FormationRefused `bad_sizes` unless 1 <= min <= ideal <= max, in whole numbers */
export function checkRules({ min, ideal, max, seed }: FormationRules): void {
  const whole = [min, ideal, max, seed].every((value) => Number.isSafeInteger(value));
  if (!whole || min < 1 || min > ideal || ideal > max) throw new FormationRefused('bad_sizes');
}

/** The result as the pages and the command take it. */
function present(run: PlannedRun, formed: Formed): FormationResult {
  const { cohort } = run.plot;
  const { solution, names, reasons, terms } = formed;
  const groups = formedGroups(cohort, solution, names);
  const placements: Placement[] = [];
  const unplaced: { id: string; reason: UnplacedReason }[] = [];
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
        reason: reasons.get(i) ?? '',
      });
    } else {
      const why = reason ?? 'no_feasible_size';
      unplaced.push({ id, reason: why });
      placements.push({ id, group: '', place: '', rung: '', guest: false, reason: why });
    }
  }
  return { groups, placements, unplaced, terms, unproven: unprovenTracks(run) };
}

function formedGroups(cohort: Cohort, solution: Solution, names: readonly string[]): FormedGroup[] {
  const groups: (FormedGroup & { memberIds: string[]; guestIds: string[] })[] = [];
  const texts = poolTexts(cohort, solution);
  for (const [at, pool] of solution.pools.entries()) {
    for (let group = 0; group < pool.groups; group++) {
      groups.push({
        name: names[pool.firstGroup + group] ?? '',
        track: cohort.trackNames[pool.track] ?? '',
        place: texts[at]?.text ?? '',
        rung: RUNGS[cohort.tree.level[pool.node] ?? 3] ?? 'country',
        memberIds: [],
        guestIds: [],
      });
    }
    for (const person of pool.members) {
      const group = groups[solution.groupOf[person] ?? -1];
      const id = cohort.ids[person] ?? '';
      group?.memberIds.push(id);
      if (!isWithin(cohort.tree, cohort.traits.home[person] ?? 0, pool.node)) group?.guestIds.push(id);
    }
  }
  return groups;
}
