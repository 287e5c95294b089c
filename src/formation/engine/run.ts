import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { FormationInput, FormationProgress, FormationResult, FormOptions } from './types.ts';
import { FormationRefused } from './types.ts';

/** What the worker thread says. */
export type WorkerMessage =
  | { readonly kind: 'progress'; readonly progress: FormationProgress }
  | { readonly kind: 'done'; readonly result: FormationResult }
  | { readonly kind: 'refused'; readonly code: string; readonly at: number | null }
  | { readonly kind: 'failed'; readonly message: string };

/**
 * Forms groups in a thread of its own, so that pages never wait.
 * @throws FormationRefused as `form` does; the signal's reason where it is aborted, and then the thread is gone
 */
export function formInWorker(input: FormationInput, options: FormOptions = {}): Promise<FormationResult> {
  const { onProgress, signal } = options;
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    const worker = startWorker('form.worker', input);
    const abort = (): void => {
      void worker.terminate();
      reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
    };
    signal?.addEventListener('abort', abort, { once: true });
    worker.on('message', (message: WorkerMessage) => {
      if (message.kind === 'progress') return onProgress?.(message.progress);
      signal?.removeEventListener('abort', abort);
      if (message.kind === 'done') resolve(message.result);
      else if (message.kind === 'refused') reject(new FormationRefused(message.code, message.at));
      else reject(new Error(message.message));
    });
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`the formation thread ended with ${code}`)));
  });
}

/** Starts a worker file beside this one, built or from source; a thread has to be taught to read source by itself. */
export function startWorker(name: string, workerData: unknown): Worker {
  if (!import.meta.url.endsWith('.ts')) {
    return new Worker(new URL(`./${name}.js`, import.meta.url), { workerData });
  }
  const loader = createRequire(import.meta.url).resolve('tsx/esm/api');
  const file = new URL(`./${name}.ts`, import.meta.url).href;
  const start = `require(${JSON.stringify(loader)}).register(); import(${JSON.stringify(file)});`;
  return new Worker(start, { eval: true, workerData });
}
