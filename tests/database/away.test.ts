import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import {
  type Database,
  EngineStartError,
  isDatabaseAway,
  isDuplicateKey,
  openDatabase,
} from '../../src/database/index.ts';
import { CACHE_DIRECTORY, failNext, openTestDatabase } from '../support/database.ts';

const log = pino({ level: 'silent' });
let database: Database;
const rows = () => database.connection.collection<{ _id: number }>('rows');
const failureOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => null,
    (error: unknown) => error,
  );

beforeAll(async () => {
  database = await openTestDatabase();
});
beforeEach(() => rows().deleteMany({}));
afterAll(() => database.close());

describe('A failure', () => {
  it.each(['drop', 'lost', 'notPrimary'] as const)('reads as a database that is away (%s)', async (how) => {
    await failNext(database, 'insert', how);
    const error = await failureOf(rows().insertOne({ _id: 1 }));
    expect(isDatabaseAway(error)).toBe(true);
    expect(isDuplicateKey(error)).toBe(false);
    expect(await rows().countDocuments()).toBe(how === 'lost' ? 1 : 0);
  });

  it('ends with the next try', async () => {
    await failNext(database, 'insert', 'drop', { times: 2 });
    expect(isDatabaseAway(await failureOf(rows().insertOne({ _id: 1 })))).toBe(true);
    expect(isDatabaseAway(await failureOf(rows().insertOne({ _id: 1 })))).toBe(true);
    await rows().insertOne({ _id: 1 });
  });

  it('is told apart from a duplicate, of one row or of many', async () => {
    await rows().insertOne({ _id: 1 });
    const one = await failureOf(rows().insertOne({ _id: 1 }));
    const many = await failureOf(rows().insertMany([{ _id: 1 }, { _id: 2 }], { ordered: false }));
    for (const error of [one, many]) {
      expect(isDuplicateKey(error)).toBe(true);
      expect(isDatabaseAway(error)).toBe(false);
    }
    expect(await rows().countDocuments()).toBe(2);
  });

  it.each([new Error('no'), null, 'text', { code: 11_000 }])('of another kind is neither (%p)', (error) => {
    expect(isDatabaseAway(error)).toBe(false);
    expect(isDuplicateKey(error)).toBe(false);
  });
});

describe('A database that does not answer', () => {
  let server: Server | null = null;
  const sockets: Socket[] = [];
  afterEach(() => {
    for (const socket of sockets) socket.destroy();
    server?.close();
  });
  /** Takes connections and never says a word. */
  function silentServer(): Promise<number> {
    return new Promise((resolve) => {
      const silent = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1', () => {
        const address = silent.address();
        resolve(typeof address === 'object' && address !== null ? address.port : 0);
      });
      server = silent;
    });
  }

  it('is not ready within two seconds', async () => {
    await failNext(database, 'ping', 'slow', { ms: 3_000 });
    const begun = performance.now();
    await expect(database.ping()).rejects.toThrow('did not answer in time');
    expect(performance.now() - begun).toBeLessThan(2_900);
    await database.ping();
  });

  it('ends the start within seconds, with a sentence that keeps the password to itself', async () => {
    const uri = `mongodb://tool:s3cret@127.0.0.1:${await silentServer()}/?directConnection=true`;
    const error = await failureOf(openDatabase({ uri, cacheDirectory: CACHE_DIRECTORY, log }));
    expect(error).toBeInstanceOf(EngineStartError);
    expect(String(error)).toContain('The database at MONGODB_URI does not answer');
    expect(String(error)).not.toContain('s3cret');
  });
});

describe('What is written', () => {
  it('waits for the journal of a server that stands alone, not for a majority of one', () => {
    const { writeConcern, readConcern, readPreference } = database.connection.getClient().options;
    expect(writeConcern).toMatchObject({ w: 1, journal: true });
    expect(readConcern).toMatchObject({ level: 'majority' });
    expect(readPreference.mode).toBe('primary');
  });
});
