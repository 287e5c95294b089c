import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

/** Writes a process's peak memory down when it ends; it is loaded into the process that is measured. */
const PRELOAD = `data:text/javascript,${encodeURIComponent(`
import { writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
if (isMainThread) process.on('exit', () => {
  writeFileSync(process.env.PEAK_FILE, String(process.resourceUsage().maxRSS));
});`)}`;

export type Cost = { readonly seconds: number; readonly megabytes: number };

/** Runs a Node program to its end. @returns the time it took and the most memory it held */
export async function costOf(program: readonly string[]): Promise<Cost> {
  const folder = await mkdtemp(join(tmpdir(), 'peak-'));
  const file = join(folder, 'peak');
  try {
    const started = performance.now();
    await new Promise<void>((resolve, reject) => {
      const child = spawn(process.execPath, ['--import', PRELOAD, ...program], {
        stdio: ['ignore', 'inherit', 'inherit'],
        env: { ...process.env, PEAK_FILE: file },
      });
      child.once('error', reject);
      child.once('exit', (code) => {
        if (code === 0) resolve();
        else reject(new Error(`${program.join(' ')} ended with ${String(code)}`));
      });
    });
    const seconds = (performance.now() - started) / 1000;
    return { seconds, megabytes: Number(await readFile(file, 'utf8')) / 1024 };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The middle one of several measurements. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
