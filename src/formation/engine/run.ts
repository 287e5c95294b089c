import { startThread } from './thread.ts';
import type { Explanation } from './explanation.ts';
import type { FormationInput, FormationProgress, FormationResult, FormOptions } from './types.ts';
import { FormationRefused } from './types.ts';

/** What the worker thread is asked. */
export type WorkerTask = { readonly input: FormationInput; readonly explains: boolean };

/** What the worker thread says. */
export type WorkerMessage =
  | { readonly kind: 'progress'; readonly progress: FormationProgress }
  | { readonly kind: 'explained'; readonly explanations: readonly Explanation[] }
  | { readonly kind: 'done'; readonly result: FormationResult }
  | { readonly kind: 'refused'; readonly code: string; readonly at: number | null }
  | { readonly kind: 'failed'; readonly message: string };

/**
 * Forms groups in a thread of its own, so that pages never wait.
 * @throws FormationRefused as `form` does; the signal's reason where it is aborted, and then the thread is gone
 */
export async function formInWorker(
  input: FormationInput,
  options: FormOptions = {},
): Promise<FormationResult> {
  const { onProgress, onExplained, signal } = options;
  signal?.throwIfAborted();
  return await new Promise((resolve, reject) => {
    const worker = startThread('form.worker', {
      input,
      explains: onExplained !== undefined,
    } satisfies WorkerTask);
    const abort = (): void => {
      void worker.terminate();
      reject(signal?.reason instanceof Error ? signal.reason : new Error('aborted'));
    };
    signal?.addEventListener('abort', abort, { once: true });
    worker.on('message', (message: WorkerMessage) => {
      if (message.kind === 'progress') return onProgress?.(message.progress);
      if (message.kind === 'explained') return onExplained?.(message.explanations);
      if (message.kind === 'done') resolve(message.result);
      else if (message.kind === 'refused') reject(new FormationRefused(message.code, message.at));
      else reject(new Error(message.message));
    });
    worker.once('error', reject);
    worker.once('exit', (code) => {
      signal?.removeEventListener('abort', abort);
      reject(new Error(`the formation thread ended with ${code}`));
    });
  });
}
