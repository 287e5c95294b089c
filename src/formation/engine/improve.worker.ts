import { parentPort, workerData } from 'node:worker_threads';
import { improve, type ImproveInput, type Improved } from './improve.ts';
import type { FormationProgress } from './types.ts';

/** What this thread says. */
export type ImproveMessage =
  | { readonly kind: 'progress'; readonly progress: FormationProgress }
  | { readonly kind: 'done'; readonly improved: Improved };

const tell = (message: ImproveMessage): void => parentPort?.postMessage(message);
let told = 0;
const improved = improve(workerData as ImproveInput, (progress) => {
  if (progress.done - told < progress.total / 100) return;
  told = progress.done;
  tell({ kind: 'progress', progress });
});
tell({ kind: 'done', improved });
