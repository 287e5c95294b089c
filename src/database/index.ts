import mongoose, { type Connection } from 'mongoose';
import type { Logger } from 'pino';
import { standsAlone, type WriteConcern, writeConcernOf } from './durability.ts';
import { type Engine, EngineStartError, startEmbedded } from './engine/index.ts';
import { findOwner } from './engine/owner.ts';
import { ensureCollections } from './ensure.ts';

export type { PipelineStage as Stage } from 'mongoose';
export { isDatabaseAway, isDuplicateKey } from './errors.ts';
export { EngineStartError } from './engine/index.ts';
export { EnsureError } from './ensure.ts';
export { newId } from './ids.ts';
export { insertRow } from './model.ts';
export { type RevisedWrite, writeByRevision } from './revisions.ts';

/** The house's one connection. Nothing else in the code knows whether the engine is embedded or far away. */
export type Database = {
  readonly connection: Connection;
  /** @throws where the database does not answer within two seconds */
  ping(): Promise<void>;
  /** Another database on the same connection (the demo LMS keeps its own). */
  useDatabase(name: string): Database;
  /** Makes collections, validators and indexes of all models declared so far. @throws EnsureError where one differs */
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
  /** Hears the name of every command that is sent: for tests that count what a page costs. */
  readonly onCommand?: (name: string) => void;
  /** Uses the embedded engine of a process that runs on DIR already, as commands do; it is left running. */
  readonly beside?: boolean;
};

/** A page turns into "come back in a moment" after this long without a database. */
const AWAY_AFTER_MS = 4_000;
/** A database that took a command and says nothing: longer than any of our commands takes. */
const SILENT_AFTER_MS = 15_000;
const PING_LIMIT_MS = 2_000;
const NAME = 'peer_group';

/**
 * Connects, and starts the embedded engine where the address asks for it. Writes are acknowledged from the journals of
 * the majority, reads see only such writes: nothing acknowledged is ever lost.
 * @throws EngineStartError where no database answers; its message is for the operator
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const { uri, name, log } = options;
  const engine = await embeddedOf(options);
  const address = engine?.uri ?? uri;
  const database = name ?? (engine === null ? undefined : NAME);
  try {
    const alone = engine !== null || (await standsAlone(address, AWAY_AFTER_MS));
    const connection = await connect(address, database, writeConcernOf(alone), options.onCommand);
    return databaseOn(connection, log, async () => {
      await connection.close();
      await engine?.close();
    });
  } catch (error) {
    await engine?.close();
    // The address may hold a password: it is not repeated.
    throw new EngineStartError(
      `The database at MONGODB_URI does not answer: ${error instanceof Error ? error.name : 'unknown'}. Is it running, and are address, user and password right?`,
      { cause: error },
    );
  }
}

/** Null where the address is a far database's. */
async function embeddedOf(options: DatabaseOptions): Promise<Pick<Engine, 'uri' | 'close'> | null> {
  const { uri, cacheDirectory, log, beside = false } = options;
  const directory = /^embedded:(.+)$/.exec(uri)?.[1];
  if (directory === undefined) return null;
  const running = beside ? ((await findOwner(directory))?.uri ?? null) : null;
  if (running !== null) return { uri: running, close: () => Promise.resolve() };
  return startEmbedded(directory, cacheDirectory, log);
}

function connect(
  uri: string,
  name: string | undefined,
  writeConcern: WriteConcern,
  onCommand: DatabaseOptions['onCommand'],
): Promise<Connection> {
  const connecting = mongoose
    .createConnection(uri, {
      ...(name === undefined ? {} : { dbName: name }),
      writeConcern,
      readConcern: { level: 'majority' },
      readPreference: 'primary',
      serverSelectionTimeoutMS: AWAY_AFTER_MS,
      connectTimeoutMS: AWAY_AFTER_MS,
      waitQueueTimeoutMS: AWAY_AFTER_MS,
      socketTimeoutMS: SILENT_AFTER_MS,
      // A heartbeat a second notices a restarted engine about as fast as a person reloads.
      heartbeatFrequencyMS: 1_000,
      minHeartbeatFrequencyMS: 100,
      maxPoolSize: 50,
      bufferCommands: false,
      autoIndex: false,
      autoCreate: false,
      appName: 'peer-group',
      monitorCommands: onCommand !== undefined,
    })
    .asPromise();
  if (onCommand === undefined) return connecting;
  return connecting.then((connection) => {
    connection.getClient().on('commandStarted', ({ commandName }) => onCommand(commandName));
    return connection;
  });
}

function databaseOn(connection: Connection, log: Logger, close: () => Promise<void>): Database {
  return {
    connection,
    async ping() {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_resolve, reject) => {
        timer = setTimeout(() => reject(new Error('The database did not answer in time.')), PING_LIMIT_MS);
      });
      const pong = connection.db?.command({ ping: 1 }) ?? Promise.reject(new Error('Not connected.'));
      await Promise.race([pong, late]).finally(() => clearTimeout(timer));
    },
    useDatabase: (name) =>
      databaseOn(connection.useDb(name, { useCache: true }), log, () => Promise.resolve()),
    ensure: () => ensureCollections(connection, log),
    close,
  };
}
