import { type Model, type mongo, Schema } from 'mongoose';
import type { Database } from './index.ts';

// Required means there, not long: a place may be unknown and its text empty. Mongoose takes '' for missing otherwise.
Schema.Types.String.checkRequired((value) => typeof value === 'string');

/**
 * Declares a model on this database: unknown fields are refused in rows and in filters. Collection, validator and
 * indexes are made and checked by `database.ensure()`, never on first use.
 * Calling it again for the same database answers the same model.
 */
export function defineModel<T>(
  database: Database,
  name: string,
  schema: Schema<T>,
  collection: string,
): Model<T> {
  const known = database.connection.models[name] as Model<T> | undefined;
  if (known !== undefined) return known;
  schema.set('strict', 'throw');
  schema.set('strictQuery', 'throw');
  schema.set('autoIndex', false);
  schema.set('autoCreate', false);
  return database.connection.model<T>(name, schema, collection);
}

/**
 * Inserts one whole row. Past Mongoose, whose document takes longer to make than the row to write: for what every launch
 * writes. The validator in the database holds the shape.
 * @throws the driver's error, a duplicate key among them
 */
export async function insertRow<T extends { _id: string }>(model: Model<T>, row: T): Promise<void> {
  // The driver's types do not know that every T has the _id that it is given.
  const collection = model.collection as unknown as mongo.Collection<{ _id: string }>;
  await collection.insertOne(row);
}
