import type { Stage } from '../database/index.ts';

/**
 * Puts the rows of a collection that are of one person of one course beside a row, in a field of the collection's name.
 * By both keys, so that the unique index answers, and on a sharded cluster one shard.
 * @param courseId an expression upon the row, as is personId
 */
export function besideBy(collection: string, courseId: unknown, personId: unknown): Stage {
  const isTheirs = { $and: [{ $eq: ['$courseId', '$$course'] }, { $eq: ['$personId', '$$person'] }] };
  return {
    $lookup: {
      from: collection,
      let: { course: courseId, person: personId },
      pipeline: [{ $match: { $expr: isTheirs } }],
      as: collection,
    },
  };
}
