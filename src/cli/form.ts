import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import { createBatch, divisionsOf } from '../formation/engine/batch.ts';
import type { Cohort } from '../formation/engine/cohort.ts';
import { type Crew, hireCrew } from '../formation/engine/crew.ts';
import { CsvRefused } from '../formation/engine/csv.ts';
import { finish, type Formed, type PlannedRun, planRun, unprovenTracks } from '../formation/engine/form.ts';
import { resolvePairs } from '../formation/engine/pairs.ts';
import { readPrevious, RosterReader } from '../formation/engine/roster-file.ts';
import { placementLines } from '../formation/engine/groups-file.ts';
import type { CurrentPlacement, FormationRules } from '../formation/engine/types.ts';
import { type FormOptions, Misused, readOptions } from './form-options.ts';
import { writeAll } from './write-files.ts';

/** Where the command's words go. */
export type FormIo = { print(line: string): void; printError(line: string): void };

/** Below so many people a second thread starts more slowly than one works. */
const WORTH_THREADS = 2_000;
/** A roster of fewer bytes holds fewer people than that. */
const WORTH_BYTES = 150_000;

/**
 * The `form` command: reads a roster, forms groups, writes them and a report of the score.
 * @param args what stands after `form`
 * @returns the exit code: 0 done, 1 failed, 2 input or options make no sense; the files are then as they were
 */
export async function formCommand(args: readonly string[], io: FormIo): Promise<number> {
  let crew: Crew | null = null;
  try {
    const options = readOptions(args, availableParallelism());
    if (options.help) {
      for (const line of options.usage) io.print(line);
      return 0;
    }
    // Threads warm up while the roster is read, so they start by its length in bytes.
    crew = hireCrew((await bytesOf(options.roster)) < WORTH_BYTES ? 1 : options.workers);
    await run(options, crew);
    return 0;
  } catch (error) {
    if (!(error instanceof Misused)) {
      io.printError(`Forming groups failed: ${error instanceof Error ? error.message : String(error)}`);
      return 1;
    }
    io.printError(error.message);
    return 2;
  } finally {
    await crew?.dismiss();
  }
}

async function run(options: FormOptions, crew: Crew): Promise<void> {
  const { rules } = options;
  const started = performance.now();
  const { cohort, lines } = await readRoster(options.roster);
  const previous = options.previous === null ? null : await readKept(options.previous);
  const pairs = resolvePairs(cohort, rules);
  refusePairs(pairs.refused, lines, options.roster);
  const planned = planRun({ cohort, pairs, rules }, previous);
  const batch = createBatch(planned.plot, planned.plan);
  await (cohort.size < WORTH_THREADS ? hireCrew(1) : crew).divide(batch);
  const formed = finish(planned, divisionsOf(batch));
  const seconds = (performance.now() - started) / 1000;
  await writeAll([
    { path: options.out, chunks: placementLines(cohort, formed) },
    ...(options.report === null
      ? []
      : [{ path: options.report, chunks: [report(planned, formed, rules, seconds)] }]),
  ]);
}

async function bytesOf(path: string): Promise<number> {
  return await named(path, async () => (await stat(path)).size);
}

async function readRoster(path: string): Promise<{ cohort: Cohort; lines: Int32Array }> {
  const reader = new RosterReader();
  return await named(path, async () => {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 18 }))
      reader.push(chunk as Buffer);
    return reader.end();
  });
}

async function readKept(path: string): Promise<readonly CurrentPlacement[]> {
  return await named(path, async () => readPrevious(await readFile(path)));
}

/** Runs a reading step and says which file, and which line of it, was wrong. */
async function named<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof CsvRefused) throw new Misused(`${path}, line ${error.line}: ${error.message}.`);
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new Misused(`${path} does not exist.`);
    if (/^E[A-Z]+$/.test(code)) throw new Misused(`${path} cannot be read (${code}).`);
    throw error;
  }
}

const PAIR_WORDS: Readonly<Record<string, string>> = {
  must_set_too_large: 'the must-together set of this person is larger than the largest group',
  must_set_contradicts: 'this person is in a must-together set with somebody they must not be with',
  must_set_across_tracks: 'the must-together set of this person spans tracks, which needs --cross-track',
};

function refusePairs(refused: ReadonlyMap<number, string>, lines: Int32Array, path: string): void {
  let first = Infinity;
  for (const person of refused.keys()) first = Math.min(first, person);
  const reason = refused.get(first);
  if (reason !== undefined) {
    throw new Misused(`${path}, line ${lines[first] ?? 0}: ${PAIR_WORDS[reason] ?? reason}.`);
  }
}

function report(planned: PlannedRun, formed: Formed, rules: FormationRules, seconds: number): string {
  const { solution, terms } = formed;
  const unproven = unprovenTracks(planned);
  const figures = {
    people: planned.plot.cohort.size,
    groups: solution.groupCount,
    unplaced: solution.unplaced.size,
    seconds,
    seed: rules.seed,
    terms,
    ...(unproven.length > 0 && { not_proven: unproven }),
  };
  return `${JSON.stringify(figures, null, 1)}\n`;
}
