import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { type Engine, startEmbedded } from '../../../src/database/engine/index.ts';

const CACHE = path.resolve(import.meta.dirname, '../../../.cache');

/** An engine of the bench's own; closing it deletes what it kept. */
export async function startEngine(): Promise<Engine> {
  const directory = mkdtempSync(path.join(tmpdir(), 'peer-group-bench-'));
  const engine = await startEmbedded(directory, CACHE, pino({ level: 'silent' }));
  return {
    ...engine,
    async close() {
      await engine.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** The engine's address for one of its databases. */
export function addressOf(engine: Engine, name: string): string {
  const address = new URL(engine.uri);
  address.pathname = `/${name}`;
  return address.href;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('No port was given.');
  return address.port;
}

export type Program = { readonly url: string; stop(): Promise<void> };

/** Starts a server as a process of its own, so that it has a core to itself, and waits until it answers. */
export async function startProgram(
  file: string,
  port: number,
  environment: Readonly<Record<string, string>>,
): Promise<Program> {
  const env = { ...process.env, ...environment, PORT: String(port), NODE_ENV: 'production' };
  const child = spawn(process.execPath, ['--import', 'tsx', file], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const url = `http://localhost:${port}`;
  await answering(child, url);
  return {
    url,
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

async function answering(child: ChildProcess, url: string): Promise<void> {
  while (child.exitCode === null) {
    const up = await fetch(url, { redirect: 'manual' }).then(
      () => true,
      () => false,
    );
    if (up) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`The server ended with ${child.exitCode} before it answered.`);
}
