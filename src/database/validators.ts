import type { Model, mongo } from 'mongoose';

export type Validator = { readonly $jsonSchema: Readonly<Record<string, unknown>> };

/** The model's schema as the database holds it: what went round the model is refused all the same. */
export function validatorOf(model: Model<unknown>): Validator {
  const { required, properties } = model.schema.toJSONSchema({ useBsonType: true }) as {
    required?: readonly string[];
    properties: Readonly<Record<string, unknown>>;
  };
  return { $jsonSchema: { bsonType: 'object', ...(required ? { required } : {}), properties } };
}

/**
 * A collection with a new validator takes the place of the old one: copied aside with its indexes, then renamed over it
 * in one step. Interrupted, it leaves the old one as it was. Old rows are taken as they are.
 */
export async function replaceCollection(db: mongo.Db, name: string, validator: Validator): Promise<void> {
  const aside = `${name}__next`;
  await db.dropCollection(aside).catch(() => false);
  await db.createCollection(aside, { validator, validationLevel: 'moderate' });
  for (const { v: _version, key, ...options } of await db.collection(name).indexes())
    if (options['name'] !== '_id_') await db.collection(aside).createIndex(key, options);
  await db
    .collection(name)
    .aggregate([{ $merge: { into: aside } }], { bypassDocumentValidation: true })
    .toArray();
  await db.renameCollection(aside, name, { dropTarget: true });
}
