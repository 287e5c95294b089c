import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parse } from 'csv-parse/sync';
import { finish, planRun } from '../../src/formation/engine/form.ts';
import { placementLines } from '../../src/formation/engine/groups-file.ts';
import { readPrevious } from '../../src/formation/engine/roster-file.ts';
import { dividePool } from '../../src/formation/engine/solution.ts';
import type { CurrentPlacement, FormationPerson } from '../../src/formation/engine/types.ts';
import { DEFAULT_RULES } from '../../src/formation/engine/types.ts';
import { sufficientMoves } from '../formation/engine/support/sufficient-moves.ts';
import { generateCohort, numbers, writeRoster } from './cohort.ts';
import { plotOf } from './formation-explain.ts';
import { costOf, median } from './peak.ts';
import type { Figure } from './bench.ts';

const PEOPLE = 30_000;
const SCENARIOS: readonly (readonly [what: string, leaving: number, joining: number])[] = [
  ['1 % leave and join', 0.01, 0.01],
  ['5 % leave and join', 0.05, 0.05],
  ['10 % leave and join', 0.1, 0.1],
  ['30 % leave and join', 0.3, 0.3],
  ['10 % leave', 0.1, 0],
  ['30 % leave', 0.3, 0],
];

/** Updates of 30,000 people: moves beside those that suffice pool by pool and the yardstick's, and the search's time. */
export async function benchUpdates(print: (figure: Figure) => void, folder: string): Promise<void> {
  const plot = plotOf(generateCohort(PEOPLE, 1));
  const first = planRun(plot, null);
  const divisions = first.plan.pools.map((pool) => dividePool(plot, pool, first.plan.frozen));
  const before = join(folder, 'before.csv');
  await writeFile(before, [...placementLines(plot.cohort, finish(first, divisions))].join(''));
  const previous = readPrevious(await readFile(before));
  for (const [what, leaving, joining] of SCENARIOS) {
    const people = changed(leaving, joining);
    const turns = Array.from({ length: 5 }, () => update(people, previous));
    const [{ moves }] = turns as [Turn];
    const planning = median(turns.map((turn) => turn.planning));
    const searching = median(turns.map((turn) => turn.searching));
    const suffice = sufficientMoves(people, previous, DEFAULT_RULES);
    const theirs = await yardstickMoves(folder, before, people, previous);
    print({
      what: `${what}: moves`,
      value: String(moves),
      comparison: `${suffice} suffice`,
      ratio: `${(moves / suffice).toFixed(2)} (yardstick ${theirs})`,
    });
    print({
      what: `${what}: seconds of the search`,
      value: searching.toFixed(3),
      comparison: '0.200 allowed',
      ratio: `${(searching / 0.2).toFixed(2)} (with planning ${(planning + searching).toFixed(3)})`,
    });
  }
}

function changed(leaving: number, joining: number): FormationPerson[] {
  const chance = numbers(99);
  const all = [...generateCohort(PEOPLE + Math.round(PEOPLE * joining), 1)];
  return all.filter((_, at) => at >= PEOPLE || chance() >= leaving);
}

type Turn = { readonly moves: number; readonly planning: number; readonly searching: number };

function update(people: readonly FormationPerson[], previous: readonly CurrentPlacement[]): Turn {
  const plot = plotOf(people);
  const started = performance.now();
  const run = planRun(plot, previous);
  const planned = performance.now();
  const divisions = run.plan.pools.map((pool) => dividePool(plot, pool, run.plan.frozen));
  const searched = performance.now();
  const moves = finish(run, divisions).terms.find(({ name }) => name === 'moves')?.value ?? 0;
  return { moves, planning: (planned - started) / 1000, searching: (searched - planned) / 1000 };
}

async function yardstickMoves(
  folder: string,
  before: string,
  people: readonly FormationPerson[],
  previous: readonly CurrentPlacement[],
): Promise<number> {
  const roster = join(folder, 'after.csv');
  const out = join(folder, 'updated.csv');
  await writeRoster(roster, people);
  await costOf(['tests/bench/yardstick/formation-yardstick.mjs', roster, '--out', out, '--previous', before]);
  const rows = parse<Record<string, string>>(await readFile(out), { columns: true });
  const now = new Map(rows.map((row) => [row['id'], row['group']]));
  const here = new Set(people.map(({ id }) => id));
  return previous.filter(({ id, group }) => here.has(id) && now.get(id) !== group).length;
}
