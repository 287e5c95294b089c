import type { Database } from '../../database/index.ts';
import type { CourseScope } from '../../scope.ts';
import { type WaitingDocument, waitingModel } from './waiting.model.ts';

export type Waiter = Pick<WaitingDocument, 'personId' | 'reason' | 'since'>;
export type WaitingStore = {
  /**
   * Everybody who waits now, and why; whoever is not named waits no more. May be done twice.
   * @param unseen of whom it is not known: what is noted of them stays
   */
  note(
    scope: CourseScope,
    reasons: ReadonlyMap<string, string>,
    at: Date,
    unseen: ReadonlySet<string>,
  ): Promise<void>;
  reasonOf(scope: CourseScope, personId: string): Promise<string | null>;
  counts(scope: CourseScope): Promise<readonly { reason: string; count: number }[]>;
  /** The first who wait for this reason, those who have waited longest first. */
  list(scope: CourseScope, reason: string, limit: number): Promise<readonly Waiter[]>;
  erase(scope: CourseScope, personId: string): Promise<void>;
};

const BATCH = 1_000;

/** Fellows who wait for a seat in a group, as the last look found them. */
export function createWaitingStore(database: Database): WaitingStore {
  const model = waitingModel(database);
  const all = ({ courseId }: CourseScope) => model.find({ courseId }).lean<WaitingDocument[]>();
  return {
    async note(scope, reasons, at, unseen) {
      const { courseId } = scope;
      const known = new Map((await all(scope)).map(({ personId, reason }) => [personId, reason]));
      const over = [...known.keys()].filter((personId) => !reasons.has(personId) && !unseen.has(personId));
      const news = [...reasons].filter(([personId, reason]) => known.get(personId) !== reason);
      for (let start = 0; start < over.length; start += BATCH)
        await model.deleteMany({ courseId, personId: { $in: over.slice(start, start + BATCH) } });
      for (let start = 0; start < news.length; start += BATCH)
        await model.bulkWrite(
          news.slice(start, start + BATCH).map(([personId, reason]) => ({
            updateOne: {
              filter: { courseId, personId },
              update: {
                $set: { reason },
                $setOnInsert: { _id: `${courseId}.${personId}`, since: at },
              },
              upsert: true,
            },
          })),
          { ordered: false, throwOnValidationError: true },
        );
    },
    async reasonOf({ courseId }, personId) {
      return (await model.findOne({ courseId, personId }).lean<WaitingDocument>())?.reason ?? null;
    },
    async counts({ courseId }) {
      const rows = await model.aggregate<{ _id: string; count: number }>([
        { $match: { courseId } },
        { $group: { _id: '$reason', count: { $sum: 1 } } },
        { $sort: { count: -1, _id: 1 } },
      ]);
      return rows.map(({ _id, count }) => ({ reason: _id, count }));
    },
    list: ({ courseId }, reason, limit) =>
      model.find({ courseId, reason }).sort({ since: 1, _id: 1 }).limit(limit).lean<WaitingDocument[]>(),
    async erase({ courseId }, personId) {
      await model.deleteOne({ courseId, personId });
    },
  };
}
