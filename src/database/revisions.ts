import type { AnyBulkWriteOperation, Model, UpdateQuery } from 'mongoose';
import { Unavailable } from '../errors.ts';
import { isDuplicateKey } from './errors.ts';

/** A row that counts its changes, so that nobody writes over what they have not read. */
export type Revised = { _id: string; revision: number };
export type RevisedWrite<T> = {
  readonly id: string;
  /** As it was read; 0 for a row that is not there yet, whose update must make all of it. */
  readonly revision: number;
  readonly update: UpdateQuery<T>;
};

/** Each round somebody else's write stood, so many rounds mean many writers of one row at one moment. */
const MOST_ROUNDS = 20;

/**
 * Writes what was computed from rows that were read, but only where they are still as they were read; for the others
 * `attempt` reads and computes anew. It is asked until nothing is left to write, so it must answer nothing for what is
 * right already.
 * @throws Unavailable where others keep being faster
 */
export async function writeByRevision<T extends Revised>(
  model: Model<T>,
  attempt: () => Promise<readonly RevisedWrite<T>[]>,
): Promise<void> {
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const writes = await attempt();
    if (writes.length === 0 || (await allMatched(model, writes))) return;
  }
  throw new Unavailable();
}

async function allMatched<T extends Revised>(
  model: Model<T>,
  writes: readonly RevisedWrite<T>[],
): Promise<boolean> {
  const operations = writes.map(({ id, revision, update }) => ({
    updateOne: {
      filter: { _id: id, revision },
      update: { ...update, $inc: { revision: 1 } },
      // Of two who make a row, its _id refuses the second.
      upsert: revision === 0,
    },
  }));
  try {
    // Mongoose's filters do not know that every T has an id and a revision.
    const done = await model.bulkWrite(operations as AnyBulkWriteOperation[], {
      ordered: false,
      throwOnValidationError: true,
    });
    return done.matchedCount + done.upsertedCount === writes.length;
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    return false;
  }
}
