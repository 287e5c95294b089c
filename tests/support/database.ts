import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { type Database, openDatabase } from '../../src/database/index.ts';

/** A database of its own in the run's engine; closing it drops it. */
export async function openTestDatabase(): Promise<Database> {
  const uri = process.env['TEST_MONGODB_URI'];
  if (uri === undefined) throw new Error('The global set-up has not started an engine.');
  const name = `test_${randomBytes(6).toString('hex')}`;
  const database = await openDatabase({
    uri,
    name,
    cacheDirectory: '.cache',
    log: pino({ level: 'silent' }),
  });
  return {
    ...database,
    async close() {
      await database.connection.dropDatabase();
      await database.close();
    },
  };
}
