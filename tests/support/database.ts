import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { pino } from 'pino';
import type { FaultKind } from '../../src/database/engine/faults.ts';
import { type Database, openDatabase } from '../../src/database/index.ts';

export const CACHE_DIRECTORY = path.resolve(import.meta.dirname, '../../.cache');

/**
 * A database of its own in the run's engine; closing it drops it.
 * @param onCommand hears the name of every command that is sent to it
 */
export async function openTestDatabase(onCommand?: (name: string) => void): Promise<Database> {
  const uri = process.env['TEST_MONGODB_URI'];
  if (uri === undefined) throw new Error('The global set-up has not started an engine.');
  const name = `test_${randomBytes(6).toString('hex')}`;
  const log = pino({ level: 'silent' });
  const listening = onCommand === undefined ? {} : { onCommand };
  const database = await openDatabase({ uri, name, cacheDirectory: CACHE_DIRECTORY, log, ...listening });
  return {
    ...database,
    async close() {
      await database.connection.dropDatabase();
      await database.close();
    },
  };
}

/**
 * The next `times` commands of this name fail in this database alone: `drop` before they are done, `lost` after it,
 * `notPrimary` refused, `slow` answered after `ms`. The name is the wire's: insert, update, find, findAndModify…
 */
export async function failNext(
  database: Database,
  command: string,
  how: FaultKind,
  { times = 1, ms = 0 }: { times?: number; ms?: number } = {},
): Promise<void> {
  await database.connection.db?.command({ failNext: command, how, times, ms });
}
