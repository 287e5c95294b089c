import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MongoMemoryServer } from 'mongodb-memory-server-core';
import type { Logger } from 'pino';
import type { Engine } from './engine.ts';

/** Where a mongod keeps its data within the data directory. */
export const MONGOD_FOLDER = 'mongod';
const PAUSE_MS = 1_000;

/**
 * Where the embedded engine does not run: `mongod` from MONGOD_BINARY or PATH, else a download. It listens on loopback,
 * keeps its data, and is started again at the same port when it dies.
 * @throws where there is neither a mongod nor a download
 */
export async function startMongod(directory: string, cacheDirectory: string, log: Logger): Promise<Engine> {
  const dbPath = path.join(directory, MONGOD_FOLDER);
  await mkdir(dbPath, { recursive: true, mode: 0o700 });
  const binary = process.env['MONGOD_BINARY'] ?? pathOf('mongod');
  // Any version that the operator put there is the one that is meant.
  process.env['MONGOMS_SYSTEM_BINARY_VERSION_CHECK'] = 'false';
  const server = await MongoMemoryServer.create({
    instance: { dbPath, storageEngine: 'wiredTiger', ip: '127.0.0.1' },
    binary: {
      downloadDir: path.join(cacheDirectory, 'mongod'),
      ...(binary === null ? {} : { systemBinary: binary }),
    },
  });
  log.info(
    binary === null ? 'database: a mongod that was downloaded' : 'database: the mongod of this machine',
  );
  const closing = new AbortController();
  const watching = keepUp(server, log, closing.signal);
  return {
    uri: server.getUri(),
    pid: () => server.instanceInfo?.instance.mongodProcess?.pid ?? null,
    async close() {
      closing.abort();
      await server.stop({ doCleanup: false });
      await watching;
    },
  };
}

async function keepUp(server: MongoMemoryServer, log: Logger, closing: AbortSignal): Promise<void> {
  const over = (): boolean => closing.aborted;
  while (!over()) {
    const child = server.instanceInfo?.instance.mongodProcess;
    if (child?.exitCode === null && child.signalCode === null)
      await new Promise((resolve) => child.once('exit', resolve));
    if (over()) return;
    log.error('mongod died, starting it again');
    try {
      await server.stop({ doCleanup: false });
      await server.start(true);
    } catch (error) {
      log.error({ err: error }, 'mongod did not start');
      await sleep(PAUSE_MS);
    }
  }
}

function pathOf(name: string): string | null {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  return folders.map((folder) => path.join(folder, name)).find((file) => existsSync(file)) ?? null;
}
