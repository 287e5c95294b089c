import { isDeepStrictEqual } from 'node:util';
import type { Model, mongo } from 'mongoose';
import type { Logger } from 'pino';

/** An index of the same keys or name but other options is there; rows that are not unique stand in its way. */
const CONFLICTS = new Map<unknown, string>([
  [85, 'another index has its place'],
  [86, 'another index has its name'],
  [11_000, 'rows there are not unique'],
]);

type Wanted = { keys: Record<string, 1 | -1>; options: mongo.CreateIndexesOptions };

/**
 * Makes a model's indexes and reads them back. One that differs is reported and never dropped by itself, because
 * dropping a unique index opens a hole; one that the code does not know is named in the log.
 * @returns a sentence for each finding
 */
export async function ensureIndexes(model: Model<unknown>, log: Logger): Promise<string[]> {
  const findings: string[] = [];
  const wanted = model.schema.indexes().map(([keys, { background: _background, ...options }]) => ({
    keys: keys as Wanted['keys'],
    options: options as Wanted['options'],
  }));
  for (const { keys, options } of wanted) {
    try {
      await model.collection.createIndex(keys, options);
    } catch (error) {
      const reason = CONFLICTS.get((error as { code?: unknown }).code);
      if (reason === undefined) throw error;
      findings.push(sentence(model, keys, `cannot be made: ${reason}`));
    }
  }
  const there = await model.collection.indexes();
  for (const { keys, options } of wanted)
    if (!there.some((index) => isSame(index, keys, options)) && findings.length === 0)
      findings.push(sentence(model, keys, 'is not as the code has it'));
  for (const { name, key } of there)
    if (name !== '_id_' && !wanted.some(({ keys }) => sameKeys(keys, key)))
      log.warn(
        { collection: model.collection.name, index: name },
        'database: an index the code does not know',
      );
  return findings;
}

function isSame(
  index: mongo.IndexDescriptionInfo,
  keys: Wanted['keys'],
  options: mongo.CreateIndexesOptions,
): boolean {
  return (
    sameKeys(keys, index.key) &&
    (index.unique ?? false) === (options.unique ?? false) &&
    (index.sparse ?? false) === (options.sparse ?? false) &&
    isDeepStrictEqual(index['partialFilterExpression'], options.partialFilterExpression)
  );
}

/** In their order, which decides what an index is good for. */
function sameKeys(left: object, right: object): boolean {
  return isDeepStrictEqual(Object.entries(left), Object.entries(right));
}

function sentence(model: Model<unknown>, keys: object, what: string): string {
  return `The index ${JSON.stringify(keys)} of ${model.collection.name} ${what}.`;
}
