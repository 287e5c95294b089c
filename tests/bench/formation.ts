import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Term } from '../../src/formation/engine/types.ts';
import { generateCohort, writeRoster } from './cohort.ts';
import { benchExplaining } from './formation-explain.ts';
import { benchUpdates } from './formation-update.ts';
import { type Cost, costOf, median } from './peak.ts';
import type { Bench, Figure } from './bench.ts';

const OURS = ['--import', 'tsx', 'src/cli.ts', 'form'];
const YARDSTICK = ['tests/bench/yardstick/formation-yardstick.mjs'];
const SIZES: readonly (readonly [people: number, rounds: number, megabytes: number])[] = [
  [30_000, 3, 110],
  [300_000, 1, 200],
];
/** So few that nearly all of a run is its start, which is taken off. */
const FEW = 20;

type Report = { readonly terms: readonly Term[] };
type Run = { readonly costs: readonly Cost[]; readonly report: Report };

/**
 * The engine beside the yardstick, by turns in one run: time, every term, memory. `quick` leaves 300,000 people out. Times and
 * memory are those of the whole process, less those of one that forms groups of 20 people.
 */
export const bench: Bench = async (print, args) => {
  const folder = await mkdtemp(join(tmpdir(), 'formation-'));
  try {
    const few = join(folder, 'few.csv');
    await writeRoster(few, generateCohort(FEW, 1));
    for (const [people, rounds, megabytes] of args.includes('quick') ? SIZES.slice(0, 1) : SIZES) {
      const roster = join(folder, `${people}.csv`);
      await writeRoster(roster, generateCohort(people, 1));
      for (const workers of [1, 2])
        await sideBySide(print, { folder, roster, few, people, rounds, workers, megabytes });
    }
    await benchExplaining(print, [...generateCohort(30_000, 1)]);
    await benchUpdates(print, folder);
  } finally {
    await rm(folder, { recursive: true });
  }
};

type Round = {
  readonly folder: string;
  readonly roster: string;
  readonly few: string;
  readonly people: number;
  readonly rounds: number;
  readonly workers: number;
  /** What the engine may hold at most beyond its start. */
  readonly megabytes: number;
};

async function sideBySide(print: (figure: Figure) => void, round: Round): Promise<void> {
  const { people, workers, rounds, megabytes } = round;
  const ours: Cost[] = [];
  const theirs: Cost[] = [];
  let own: Run | null = null;
  let yardstick: Run | null = null;
  for (let turn = 0; turn < rounds; turn++) {
    own = await runOf(OURS, round);
    yardstick = await runOf(YARDSTICK, round);
    ours.push(...own.costs);
    theirs.push(...yardstick.costs);
  }
  const label = `${people.toLocaleString('en')} people, ${workers} worker${workers > 1 ? 's' : ''}`;
  const seconds = [ours, theirs].map((costs) => median(costs.map((cost) => cost.seconds))) as [
    number,
    number,
  ];
  print({
    what: `${label}: seconds`,
    value: seconds[0].toFixed(2),
    comparison: `${seconds[1].toFixed(2)} yardstick`,
    ratio: (seconds[0] / seconds[1]).toFixed(2),
  });
  const peak = median(ours.map((cost) => cost.megabytes));
  print({
    what: `${label}: MB beyond the start`,
    value: peak.toFixed(0),
    comparison: `${megabytes} allowed`,
    ratio: `${(peak / megabytes).toFixed(2)} (yardstick ${median(theirs.map((cost) => cost.megabytes)).toFixed(0)})`,
  });
  if (workers === 1 && own !== null && yardstick !== null)
    for (const term of own.report.terms) printTerm(print, label, term, yardstick.report);
}

/** One run, less what starting costs. */
async function runOf(program: readonly string[], { folder, roster, few, workers }: Round): Promise<Run> {
  const out = join(folder, 'groups.csv');
  const report = join(folder, 'report.json');
  const options = ['--out', out, '--report', report, '--workers', String(workers)];
  const start = await costOf([...program, few, ...options]);
  const whole = await costOf([...program, roster, ...options]);
  return {
    costs: [{ seconds: whole.seconds - start.seconds, megabytes: whole.megabytes - start.megabytes }],
    report: JSON.parse(await readFile(report, 'utf8')) as Report,
  };
}

/** A term beside the yardstick's, and the difference as a share of the yardstick's distance to chance. */
function printTerm(print: (figure: Figure) => void, label: string, term: Term, yardstick: Report): void {
  const other = yardstick.terms.find(({ name }) => name === term.name);
  if (other === undefined) return;
  const distance = other.random - other.value;
  const worse = term.value === other.value ? 0 : (term.value - other.value) / distance;
  const number = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(4));
  print({
    what: `${label}: ${term.name}`,
    value: number(term.value),
    comparison: `${number(other.value)} [bound ${number(term.bound)}]`,
    ratio: Number.isFinite(worse)
      ? `${(100 * worse).toFixed(2)} % worse`
      : term.value < other.value
        ? 'better'
        : 'worse',
  });
}
