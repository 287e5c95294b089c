import path from 'node:path';
import type { Logger } from 'pino';
import { EngineStartError, EngineUnfit } from './ends.ts';
import { type Engine, startEngine } from './engine.ts';
import { holdsData } from './launch.ts';
import { MONGOD_FOLDER, startMongod } from './mongod.ts';

export { EngineStartError } from './ends.ts';
export type { Engine } from './engine.ts';

/**
 * The database that comes with the tool, by the first way that works on this machine: the embedded engine (if need be
 * under a newer C library), a mongod, none. What holds the data already is kept to, for another would begin empty.
 * @throws EngineStartError with the ways out
 */
export async function startEmbedded(
  directory: string,
  cacheDirectory: string,
  log: Logger,
  options: { readonly faults?: boolean } = {},
): Promise<Engine> {
  const kept = holdsData(path.join(directory, MONGOD_FOLDER));
  if (!kept) {
    try {
      return await startEngine(directory, cacheDirectory, log, options.faults);
    } catch (error) {
      if (!(error instanceof EngineUnfit)) throw error;
      log.info({ reason: error.message }, 'database: the embedded engine does not run here');
      if (holdsData(directory)) throw noWay(`${directory} holds data of the embedded engine. `, error);
    }
  }
  try {
    return await startMongod(directory, cacheDirectory, log);
  } catch (error) {
    throw noWay('', error);
  }
}

function noWay(what: string, cause: unknown): EngineStartError {
  return new EngineStartError(
    `${what}No database could be started here. Three ways out: give MONGODB_URI the address of a MongoDB; put mongod on the PATH (or its file into MONGOD_BINARY); or use a newer system (glibc 2.38: Debian 13, Ubuntu 24.04), or Debian 12 with apt-get and a mirror that answers.`,
    { cause },
  );
}
