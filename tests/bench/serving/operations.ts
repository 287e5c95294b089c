import mongoose from 'mongoose';

/** What drivers say to know the server, and this count itself. */
const NO_WORK = new Set([
  'hello',
  'isMaster',
  'ismaster',
  'ping',
  'serverStatus',
  'endSessions',
  'buildInfo',
]);

/**
 * How many commands the engine is given while a piece of work is done. Its `opcounters` would not do: they leave
 * aggregations out.
 */
export async function operationsOf(uri: string, work: () => Promise<unknown>): Promise<number> {
  const client = new mongoose.mongo.MongoClient(uri);
  const count = async (): Promise<number> => {
    const { metrics } = await client.db('admin').command({ serverStatus: 1 });
    const commands = (metrics as { commands: Record<string, { total?: number }> }).commands;
    return Object.entries(commands)
      .filter(([name]) => !NO_WORK.has(name))
      .reduce((sum, [, { total = 0 }]) => sum + total, 0);
  };
  try {
    const before = await count();
    await work();
    return (await count()) - before;
  } finally {
    await client.close();
  }
}
