import { availableParallelism, cpus, totalmem } from 'node:os';

/** A figure beside what it is compared with; `ratio` below 1 is better than the comparison. */
export type Figure = {
  readonly what: string;
  readonly value: string;
  readonly comparison: string;
  readonly ratio: string;
};
export type Bench = (print: (figure: Figure) => void, args: readonly string[]) => Promise<void>;

/** The benches, by the name to call them by. */
const BENCHES: Readonly<Record<string, () => Promise<{ bench: Bench }>>> = {
  formation: () => import('./formation.ts'),
};

const [name = '', ...args] = process.argv.slice(2);
const load = BENCHES[name];
if (load === undefined) {
  process.stderr.write(
    `Usage: npm run bench -- ${Object.keys(BENCHES).join(' | ')} [options of the bench]\n`,
  );
  process.exitCode = 2;
} else {
  const [cpu] = cpus();
  process.stdout.write(
    `${cpu?.model.trim() ?? 'unknown processor'}, ${availableParallelism()} threads, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.version}\n`,
  );
  const { bench } = await load();
  await bench(({ what, value, comparison, ratio }) => {
    const row = [what.padEnd(46), value.padStart(12), comparison.padStart(24), ratio.padStart(20)];
    process.stdout.write(`${row.join('  ')}\n`);
  }, args);
}
