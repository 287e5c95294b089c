import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { MongoMemoryServer } from 'mongodb-memory-server-core';
import type { Logger } from 'pino';
import type { Engine } from './engine.ts';

/**
 * Where the embedded engine does not load: `mongod` from MONGOD_BINARY or PATH, else a download, on the same
 * directory and kept there.
 */
export async function startMongod(directory: string, cacheDirectory: string, log: Logger): Promise<Engine> {
  const dbPath = path.join(directory, 'mongod');
  await mkdir(dbPath, { recursive: true, mode: 0o700 });
  const binary = process.env['MONGOD_BINARY'] ?? pathOf('mongod');
  const server = await MongoMemoryServer.create({
    instance: { dbPath, storageEngine: 'wiredTiger' },
    binary: {
      downloadDir: path.join(cacheDirectory, 'mongod'),
      ...(binary === null ? {} : { systemBinary: binary }),
    },
  });
  log.info({ binary: binary ?? 'downloaded' }, 'database: a mongod of its own');
  return {
    uri: server.getUri(),
    async close() {
      await server.stop({ doCleanup: false });
    },
  };
}

function pathOf(name: string): string | null {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  return folders.map((folder) => path.join(folder, name)).find((file) => existsSync(file)) ?? null;
}
