import type { Logger } from 'pino';
import { type Engine, EngineStartError, startEngine } from './engine.ts';
import { startMongod } from './mongod.ts';

export { type Engine, EngineStartError } from './engine.ts';

/**
 * The database that comes with the tool, by the first way that works on this machine: the embedded engine (if need be
 * under a newer C library), a mongod, none.
 * @throws EngineStartError with the ways out
 */
export async function startEmbedded(directory: string, cacheDirectory: string, log: Logger): Promise<Engine> {
  try {
    return await startEngine(directory, cacheDirectory, log);
  } catch (error) {
    // A directory in use is no fault of the engine; another server on it would only do harm.
    if (error instanceof EngineStartError) throw error;
    log.info(
      { reason: error instanceof Error ? error.message : 'unknown' },
      'database: the embedded engine does not load here',
    );
  }
  try {
    return await startMongod(directory, cacheDirectory, log);
  } catch (error) {
    throw new EngineStartError(
      'No database could be started. Give MONGODB_URI the address of a MongoDB, put mongod on the PATH (or its file into MONGOD_BINARY), or use a system with glibc 2.38 or newer (Debian 13, Ubuntu 24.04) or apt-get.',
      { cause: error },
    );
  }
}
