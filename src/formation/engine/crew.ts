import type { Worker } from 'node:worker_threads';
import { type Batch, divideNext, isDivided } from './batch.ts';
import { startThread } from './thread.ts';

/** Threads that divide pools beside the calling one. */
export type Crew = {
  /** Divides all pools of a batch; the calling thread works as well. */
  divide(batch: Batch): Promise<void>;
  dismiss(): Promise<void>;
};

/**
 * Starts so many threads, the calling one among them; they warm up while the roster is read.
 * @param workers at least 1
 */
export function hireCrew(workers: number): Crew {
  const others = Array.from({ length: workers - 1 }, () => startThread('pool.worker', null));
  for (const worker of others) worker.unref();
  return {
    async divide(batch) {
      const answers = others.map((worker) => answerOf(worker));
      for (const worker of others) worker.postMessage(batch);
      while (divideNext(batch) > 0);
      // A thread that is still starting has taken nothing: there is nothing to wait for.
      if (!isDivided(batch)) await Promise.all(answers);
    },
    async dismiss() {
      await Promise.all(others.map((worker) => worker.terminate()));
    },
  };
}

function answerOf(worker: Worker): Promise<void> {
  const answer = new Promise<void>((resolve, reject) => {
    worker.ref();
    worker.once('message', () => resolve());
    worker.once('error', reject);
  });
  // Whoever need not wait must not fall over a late failure.
  answer.catch(() => undefined);
  return answer;
}
