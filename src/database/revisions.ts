import type { Model, mongo } from 'mongoose';
import { Unavailable } from '../errors.ts';
import { isDuplicateKey } from './errors.ts';

/** A row that counts its changes, so that nobody writes over what they have not read. */
export type Revised = { _id: string; revision: number };
export type RevisedWrite<T> = {
  readonly id: string;
  /** As it was read; 0 for a row that is not there yet. */
  readonly revision: number;
  /** What changes; all of it for a new row. */
  readonly set: Partial<Omit<T, '_id' | 'revision'>>;
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
    if (writes.length === 0 || (await allStood(model, writes))) return;
  }
  throw new Unavailable();
}

async function allStood<T extends Revised>(
  model: Model<T>,
  writes: readonly RevisedWrite<T>[],
): Promise<boolean> {
  // Past Mongoose, whose casting takes ten times as long as the write and whose filters do not know that every T is
  // Revised; the validator in the database holds the shape.
  const collection = model.collection as unknown as mongo.Collection<Revised>;
  try {
    // eslint-disable-next-line no-restricted-syntax -- The driver's own write drops nothing; the database refuses aloud.
    const done = await collection.bulkWrite(writes.map(operationOf), { ordered: false });
    return done.matchedCount + done.insertedCount === writes.length;
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    return false;
  }
}

/** Of two who make a row, its _id refuses the second; of two who change it, the second finds another revision. */
function operationOf<T>({ id, revision, set }: RevisedWrite<T>): mongo.AnyBulkWriteOperation<Revised> {
  if (revision === 0) return { insertOne: { document: { ...set, _id: id, revision: 1 } } };
  return {
    updateOne: {
      filter: { _id: id, revision },
      update: { $set: { ...set, revision: revision + 1 } },
    },
  };
}
