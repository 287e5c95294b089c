import type { Database } from '../database/index.ts';
import { isDuplicateKey } from '../database/index.ts';
import { timerModel } from './jobs.model.ts';

/** When each timed job is due next, over all processes. */
export function createTimerStore(database: Database, clock: () => Date) {
  const timers = timerModel(database);
  const after = (ms: number): Date => new Date(clock().getTime() + ms);
  return {
    /** True for the one process that may run the timed job now. */
    async claim(name: string, everyMs: number): Promise<boolean> {
      try {
        const { matchedCount, upsertedCount } = await timers.updateOne(
          { _id: name, nextAt: { $lte: clock() } },
          { $set: { nextAt: after(everyMs) } },
          { upsert: true },
        );
        return matchedCount + upsertedCount === 1;
      } catch (error) {
        // The row is there and not due: the upsert met it.
        if (isDuplicateKey(error)) return false;
        throw error;
      }
    },
    async again(name: string, inMs: number): Promise<void> {
      await timers.updateOne({ _id: name }, { $set: { nextAt: after(inMs) } });
    },
  };
}
export type TimerStore = ReturnType<typeof createTimerStore>;
