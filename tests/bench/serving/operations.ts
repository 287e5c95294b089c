import mongoose from 'mongoose';

const KINDS = ['insert', 'query', 'update', 'delete', 'command'] as const;

/** How many operations the engine counts while a piece of work is done; heartbeats are a few among them. */
export async function operationsOf(uri: string, work: () => Promise<unknown>): Promise<number> {
  const client = new mongoose.mongo.MongoClient(uri);
  const count = async (): Promise<number> => {
    const status = await client.db('admin').command({ serverStatus: 1 });
    const counters = status['opcounters'] as Readonly<Record<string, number>>;
    return KINDS.reduce((sum, kind) => sum + (counters[kind] ?? 0), 0);
  };
  try {
    const before = await count();
    await work();
    return (await count()) - before;
  } finally {
    await client.close();
  }
}
