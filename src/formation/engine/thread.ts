import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';

/**
 * Starts a worker file beside this one, built or from source. A thread inherits no loader: from source it first has to be
 * taught to read TypeScript.
 */
export function startThread(name: string, workerData: unknown): Worker {
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL(`./${name}.js`, import.meta.url), { workerData });
  }
  // What `require` resolves to registers hooks for a process; the module beside it works in a thread.
  const loader = createRequire(import.meta.url)
    .resolve('tsx/esm/api')
    .replace(/\.cjs$/, '.mjs');
  const file = new URL(`./${name}.ts`, import.meta.url).href;
  const start = `import(${JSON.stringify(loader)}).then((tsx) => (tsx.register(), import(${JSON.stringify(file)})));`;
  return new Worker(start, { eval: true, workerData });
}
