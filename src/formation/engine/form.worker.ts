import { parentPort, workerData } from 'node:worker_threads';
import { form } from './form.ts';
import type { WorkerMessage, WorkerTask } from './run.ts';
import { FormationRefused } from './types.ts';

const tell = (message: WorkerMessage): void => parentPort?.postMessage(message);

let told = 0;
try {
  const { input, explains } = workerData as WorkerTask;
  const result = form(input, {
    ...(explains && { onExplained: (explanations) => tell({ kind: 'explained', explanations }) }),
    onProgress: (progress) => {
      // A message per pool would be thousands; a hundred steps are enough for a bar.
      if (progress.stage === 'searching' && progress.done - told < progress.total / 100) return;
      told = progress.stage === 'searching' ? progress.done : 0;
      tell({ kind: 'progress', progress });
    },
  });
  tell({ kind: 'done', result });
} catch (error) {
  if (error instanceof FormationRefused) tell({ kind: 'refused', code: error.code, at: error.at });
  else tell({ kind: 'failed', message: error instanceof Error ? error.message : 'unknown' });
}
