import { availableParallelism, cpus, totalmem } from 'node:os';
import type { Bench } from './bench.ts';

/** The benches, by the name to call them by. */
const BENCHES: Readonly<Record<string, () => Promise<{ bench: Bench }>>> = {
  formation: () => import('./formation.ts'),
  launch: () => import('./launch.ts'),
  page: () => import('./page.ts'),
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
