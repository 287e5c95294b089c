import { isDeepStrictEqual } from 'node:util';
import type { Connection, Model, mongo } from 'mongoose';
import type { Logger } from 'pino';
import { ensureIndexes } from './indexes.ts';
import { replaceCollection, type Validator, validatorOf } from './validators.ts';

/** The database is not as the code needs it; the house does not start, since its integrity rests on that. */
export class EnsureError extends Error {
  override readonly name = 'EnsureError';
  readonly findings: readonly string[];
  constructor(findings: readonly string[]) {
    super(findings.join('\n'));
    this.findings = findings;
  }
}

const COLLECTION_EXISTS = 48;
const COMMAND_NOT_FOUND = 59;

/**
 * Makes each model's collection, validator and indexes, and compares what is there already. Nothing is dropped by
 * itself: an index that differs is reported. Any number of processes may do this at once.
 * @throws EnsureError with a sentence for each finding
 */
export async function ensureCollections(connection: Connection, log: Logger): Promise<void> {
  if (connection.db === undefined) throw new Error('The database is not connected.');
  const db = connection.db;
  const there = new Map((await db.listCollections().toArray()).map((one) => [one.name, one]));
  const findings: string[] = [];
  for (const model of Object.values(connection.models as Record<string, Model<unknown>>)) {
    const validator = validatorOf(model);
    const collection = there.get(model.collection.name) as mongo.CollectionInfo | undefined;
    if (collection === undefined) await create(db, model, validator);
    else if (!isDeepStrictEqual(collection.options?.['validator'], validator))
      await change(db, model, validator, log);
    findings.push(...(await ensureIndexes(model, log)));
  }
  if (findings.length > 0) throw new EnsureError(findings);
}

async function create(db: mongo.Db, model: Model<unknown>, validator: Validator): Promise<void> {
  try {
    await db.createCollection(model.collection.name, { validator, validationLevel: 'moderate' });
  } catch (error) {
    // Another process was quicker.
    if ((error as { code?: unknown }).code !== COLLECTION_EXISTS) throw error;
  }
}

/** On the engine that comes with the tool there is no collMod, and one process alone has the directory. */
async function change(db: mongo.Db, model: Model<unknown>, validator: Validator, log: Logger): Promise<void> {
  const name = model.collection.name;
  log.info({ collection: name }, 'database: a new validator');
  try {
    await db.command({ collMod: name, validator, validationLevel: 'moderate' });
  } catch (error) {
    if ((error as { code?: unknown }).code !== COMMAND_NOT_FOUND) throw error;
    await replaceCollection(db, name, validator);
  }
}
