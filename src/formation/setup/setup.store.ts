import { type Database, isDuplicateKey } from '../../database/index.ts';
import type { CourseScope } from '../../scope.ts';
import { keyOf, type Setup, DEFAULT_SETUP, type Wish } from './setup.ts';
import { type SetupDocument, setupModels, type WishDocument } from './setup.model.ts';

/** As it was read; revision 0 where nobody has set anything yet. */
export type KnownSetup = Setup & { readonly revision: number };
export type KnownWish = Wish & { readonly key: string };

export type SetupStore = {
  find(scope: CourseScope): Promise<KnownSetup>;
  /** False where somebody changed it since it was read at `revision`. */
  save(scope: CourseScope, revision: number, setup: Setup, by: string): Promise<boolean>;
  /** Adds wishes, or puts them in the place of others about the same people. May run twice. */
  putWishes(scope: CourseScope, wishes: readonly Wish[], by: string): Promise<void>;
  /** False where it was gone already. */
  removeWish(scope: CourseScope, key: string): Promise<boolean>;
  /** Behind `afterKey` ('' for the first page). */
  wishes(scope: CourseScope, afterKey: string, limit: number): Promise<readonly KnownWish[]>;
  countWishes(scope: CourseScope): Promise<number>;
  allWishes(scope: CourseScope): Promise<readonly Wish[]>;
  wishesOf(scope: CourseScope, personId: string): Promise<readonly Wish[]>;
  /** Forgets who was to be with this person. May run twice. */
  erase(scope: CourseScope, personId: string): Promise<void>;
};

const BATCH = 1_000;

/** How a course forms its groups, and who must or must not be with whom. */
export function createSetupStore(database: Database, clock: () => Date): SetupStore {
  const { setups, wishes } = setupModels(database);
  return {
    async find({ courseId }) {
      const row = await setups.findOne({ courseId }).lean<SetupDocument>();
      if (row === null) return { ...DEFAULT_SETUP, revision: 0 };
      const { min, ideal, max, ignore, crossTrack, anywhere, revision } = row;
      return { min, ideal, max, ignore, crossTrack, anywhere, revision };
    },
    async save({ courseId }, revision, setup, updatedBy) {
      const row = { ...setup, ignore: [...setup.ignore], updatedBy, updatedAt: clock() };
      if (revision > 0) {
        const next = { $set: { ...row, revision: revision + 1 } };
        return (await setups.updateOne({ courseId, revision }, next)).matchedCount === 1;
      }
      try {
        await setups.create({ ...row, _id: courseId, courseId, revision: 1 });
        return true;
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        return false;
      }
    },
    async putWishes({ courseId }, put, addedBy) {
      const addedAt = clock();
      for (let start = 0; start < put.length; start += BATCH)
        await wishes.bulkWrite(
          put.slice(start, start + BATCH).map((wish) => {
            const key = keyOf(wish);
            const _id = `${courseId} ${key}`;
            const replacement = { ...wish, _id, courseId, key, addedBy, addedAt };
            return { replaceOne: { filter: { _id }, replacement, upsert: true } };
          }),
          { ordered: false, throwOnValidationError: true },
        );
    },
    async removeWish({ courseId }, key) {
      return (await wishes.deleteOne({ courseId, key })).deletedCount === 1;
    },
    async wishes({ courseId }, afterKey, limit) {
      const rows = await wishes
        .find({ courseId, key: { $gt: afterKey } })
        .sort({ key: 1 })
        .limit(limit)
        .lean<WishDocument[]>();
      return rows.map(({ kind, a, b, key }) => ({ kind, a, b, key }));
    },
    countWishes: ({ courseId }) => wishes.countDocuments({ courseId }),
    async allWishes({ courseId }) {
      const rows = await wishes.find({ courseId }).lean<WishDocument[]>();
      return rows.map(({ kind, a, b }) => ({ kind, a, b }));
    },
    async wishesOf({ courseId }, personId) {
      const rows = await wishes
        .find({ courseId, $or: [{ a: personId }, { b: personId }] })
        .lean<WishDocument[]>();
      return rows.map(({ kind, a, b }) => ({ kind, a, b }));
    },
    async erase({ courseId }, personId) {
      await wishes.deleteMany({ courseId, $or: [{ a: personId }, { b: personId }] });
    },
  };
}
