import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { startEmbedded } from '../../src/database/engine/index.ts';

/** One engine for the whole run; each test file takes a database of its own in it. */
export default async function start(): Promise<void> {
  const cache = path.resolve(import.meta.dirname, '../../.cache');
  const directory = mkdtempSync(path.join(tmpdir(), 'peer-group-tests-'));
  const engine = await startEmbedded(directory, cache, pino({ level: 'silent' }), { faults: true });
  process.env['TEST_MONGODB_URI'] = engine.uri;
  (globalThis as { engine?: unknown; engineDirectory?: string }).engine = engine;
  (globalThis as { engineDirectory?: string }).engineDirectory = directory;
}
