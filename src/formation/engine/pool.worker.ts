import { parentPort } from 'node:worker_threads';
import { type Batch, divideNext } from './batch.ts';

parentPort?.once('message', (batch: Batch) => {
  while (divideNext(batch) > 0);
  parentPort?.postMessage('done');
});
