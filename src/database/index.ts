import mongoose, { type Connection } from 'mongoose';
import type { Logger } from 'pino';
import { type Engine, startEmbedded } from './engine/index.ts';
import { ensureIndexes } from './indexes.ts';

export { isDatabaseAway, isDuplicateKey } from './errors.ts';
export { EngineStartError } from './engine/index.ts';
export { newId } from './ids.ts';

/** The house's one connection. Nothing else in the code knows whether the engine is embedded or far away. */
export type Database = {
  readonly connection: Connection;
  /** @throws where the database does not answer within two seconds */
  ping(): Promise<void>;
  /** Another database on the same connection (the demo LMS keeps its own). */
  useDatabase(name: string): Database;
  /** Makes the indexes of all models declared so far. @throws IndexError where one that is there differs */
  ensure(): Promise<void>;
  close(): Promise<void>;
};

export type DatabaseOptions = {
  /** A mongodb address, or `embedded:DIR`. */
  readonly uri: string;
  readonly cacheDirectory: string;
  readonly log: Logger;
  /** Database name; by default the address's own, or peer_group. */
  readonly name?: string;
};

const AWAY_AFTER_MS = 4_000;
const PING_LIMIT_MS = 2_000;

/**
 * Connects, and starts the embedded engine where the address asks for it.
 * Writes are acknowledged by the majority's journals, reads see only such writes: nothing acknowledged is ever lost.
 * @throws EngineStartError, or the driver's error where nothing answers
 */
export async function openDatabase({ uri, cacheDirectory, log, name }: DatabaseOptions): Promise<Database> {
  const directory = /^embedded:(.+)$/.exec(uri)?.[1];
  const engine = directory === undefined ? null : await startEmbedded(directory, cacheDirectory, log);
  const connection = mongoose.createConnection(engine?.uri ?? uri, {
    ...databaseName(engine, name),
    writeConcern: { w: 'majority', j: true },
    readConcern: { level: 'majority' },
    serverSelectionTimeoutMS: AWAY_AFTER_MS,
    connectTimeoutMS: AWAY_AFTER_MS,
    // A heartbeat a second notices a restarted engine about as fast as a person reloads.
    heartbeatFrequencyMS: 1_000,
    minHeartbeatFrequencyMS: 100,
    maxPoolSize: 50,
    bufferCommands: false,
    autoIndex: false,
    autoCreate: false,
    appName: 'peer-group',
  });
  try {
    await connection.asPromise();
  } catch (error) {
    await engine?.close();
    throw error;
  }
  return databaseOn(connection, async () => {
    await connection.close();
    await engine?.close();
  });
}

function databaseName(engine: Engine | null, name: string | undefined): { dbName?: string } {
  if (name !== undefined) return { dbName: name };
  return engine === null ? {} : { dbName: 'peer_group' };
}

function databaseOn(connection: Connection, close: () => Promise<void>): Database {
  return {
    connection,
    async ping() {
      const late = new Promise<never>((_resolve, reject) => {
        setTimeout(() => reject(new Error('The database did not answer in time.')), PING_LIMIT_MS).unref();
      });
      await Promise.race([
        connection.db?.command({ ping: 1 }) ?? Promise.reject(new Error('Not connected.')),
        late,
      ]);
    },
    useDatabase: (name) => databaseOn(connection.useDb(name, { useCache: true }), () => Promise.resolve()),
    ensure: () => ensureIndexes(connection),
    close,
  };
}
