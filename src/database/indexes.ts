import type { Connection, mongo } from 'mongoose';

/** The database's indexes are not the code's; the house does not start, since its integrity rests on them. */
export class IndexError extends Error {
  readonly findings: readonly string[];
  constructor(findings: readonly string[]) {
    super(findings.join('\n'));
    this.name = 'IndexError';
    this.findings = findings;
  }
}

const SAME_NAME_OTHER_INDEX = new Set<unknown>([85, 86]);

/**
 * Makes each model's collection and indexes. What is there already is left alone; an index of the same keys or name
 * but other options is reported and never dropped by itself, because dropping a unique index opens a hole.
 * @throws IndexError with a sentence for each finding
 */
export async function ensureIndexes(connection: Connection): Promise<void> {
  const findings: string[] = [];
  for (const model of Object.values(connection.models)) {
    await model.createCollection();
    for (const [keys, options] of model.schema.indexes()) {
      try {
        await model.collection.createIndex(
          keys as Record<string, 1 | -1>,
          options as mongo.CreateIndexesOptions,
        );
      } catch (error) {
        const { code } = error as { code?: unknown };
        if (!SAME_NAME_OTHER_INDEX.has(code) && code !== 11_000) throw error;
        const reason = code === 11_000 ? 'rows there are not unique' : 'another index has its place';
        findings.push(
          `The index ${JSON.stringify(keys)} of ${model.collection.name} cannot be made: ${reason}.`,
        );
      }
    }
  }
  if (findings.length > 0) throw new IndexError(findings);
}
