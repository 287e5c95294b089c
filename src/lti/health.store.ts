import type { Logger } from 'pino';
import type { Database } from '../database/index.ts';
import { healthModel, type HealthDocument } from './health.model.ts';

/** What works when a platform is well. */
export type Success = 'launch' | 'roster' | 'score';
export type Health = Omit<HealthDocument, '_id'>;

export type HealthStore = {
  /** Never waited for and never failing: what it looks at is not to depend on it. */
  succeeded(platformId: string, what: Success): void;
  /** @param code the reason, a key of words */
  failed(platformId: string, code: string): void;
  list(): Promise<ReadonlyMap<string, Health>>;
};

/** One write a minute for each platform and kind: two hundred launches at once are one line of news. */
const EVERY_MS = 60_000;

/** Remembers when each platform last did well, and what it last did not. */
export function createHealthStore(database: Database, clock: () => Date, log: Logger): HealthStore {
  const model = healthModel(database);
  const written = new Map<string, number>();
  const note = (platformId: string, kind: string, change: Partial<Health>) => {
    const now = clock().getTime();
    const key = `${platformId} ${kind}`;
    if (now - (written.get(key) ?? -Infinity) < EVERY_MS) return;
    written.set(key, now);
    model
      .updateOne({ _id: platformId }, { $set: change }, { upsert: true })
      .exec()
      .catch((error: unknown) => {
        written.delete(key);
        log.debug({ err: error, platformId }, 'health not noted');
      });
  };
  return {
    succeeded: (platformId, what) => note(platformId, what, { [`${what}At`]: clock() }),
    failed: (platformId, code) => note(platformId, code, { errorAt: clock(), error: code }),
    async list() {
      const rows = await model.find({}).lean<HealthDocument[]>().exec();
      return new Map(rows.map(({ _id, ...health }) => [_id, health]));
    },
  };
}
