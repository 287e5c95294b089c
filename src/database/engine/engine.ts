import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Logger } from 'pino';
import { newerCLibrary } from './c-library.ts';

/** A running database: `uri` stays the same over restarts of the engine. */
export type Engine = { readonly uri: string; close(): Promise<void> };

type Launch = { readonly command: string; readonly prefix: readonly string[] };

const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 15_000;
const PROJECT_ROOT = path.resolve(import.meta.dirname, '..', '..', '..');
const CHILD = path.join(
  import.meta.dirname,
  import.meta.filename.endsWith('.ts') ? 'engine.child.ts' : 'engine.child.js',
);

/** The directory is served by another process, or the engine cannot open it. */
export class EngineStartError extends Error {}

/**
 * Starts the embedded engine on a directory, in a child process of its own: a fault in native code must not take the
 * tool along. It is restarted when it dies. The engine's storage holds a kernel lock on the directory, so a second
 * start is refused, and a killed one leaves no stale lock.
 * @throws EngineStartError
 */
export async function startEngine(directory: string, cacheDirectory: string, log: Logger): Promise<Engine> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const launch = await findLaunch(cacheDirectory, log);
  // Short, and readable by this user alone: a socket's path may have 107 characters.
  const home = await mkdtemp(path.join(tmpdir(), 'peer-group-'));
  const socket = path.join(home, 'db.sock');
  let closing = false;
  let child = await start(launch, directory, socket);

  const watch = (running: ChildProcess): void => {
    void once(running, 'exit').then(async ([code, signal]) => {
      if (closing) return;
      log.error(
        { code: code as unknown, signal: signal as unknown },
        'database engine died, starting it again',
      );
      child = await restart(launch, directory, socket, log, () => closing);
      if (!closing) watch(child);
    });
  };
  watch(child);
  return {
    uri: `mongodb://${encodeURIComponent(socket)}/?directConnection=true`,
    async close() {
      closing = true;
      await stop(child);
      await rm(home, { recursive: true, force: true });
    },
  };
}

async function findLaunch(cacheDirectory: string, log: Logger): Promise<Launch> {
  if (systemSuffices()) {
    log.info('database: the embedded engine as it is');
    return { command: process.execPath, prefix: [] };
  }
  const { loader, libraries } = await newerCLibrary(cacheDirectory, process.arch);
  log.info("database: the embedded engine under Debian 13's C library");
  return { command: loader, prefix: ['--library-path', libraries, process.execPath] };
}

/** glibc 2.38 and newer, or macOS. */
function systemSuffices(): boolean {
  if (process.platform === 'darwin') return true;
  const report = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  const [major = 0, minor = 0] = (report.header?.glibcVersionRuntime ?? '0.0').split('.').map(Number);
  return major > 2 || (major === 2 && minor >= 38);
}

async function start(launch: Launch, directory: string, socket: string): Promise<ChildProcess> {
  const loader = CHILD.endsWith('.ts') ? ['--import', 'tsx'] : [];
  const child = spawn(launch.command, [...launch.prefix, ...loader, CHILD, path.resolve(directory), socket], {
    cwd: PROJECT_ROOT,
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '' },
  });
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-2_000)));
  const ready = once(createInterface({ input: child.stdout }), 'line');
  const ended = once(child, 'exit').then(() =>
    Promise.reject(new EngineStartError(explain(directory, complaint))),
  );
  const late = new Promise<never>((_resolve, reject) => {
    setTimeout(
      () =>
        reject(new EngineStartError(`The database engine did not start within ${START_LIMIT_MS / 1_000} s.`)),
      START_LIMIT_MS,
    ).unref();
  });
  ended.catch(() => undefined);
  late.catch(() => undefined);
  try {
    await Promise.race([ready, ended, late]);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  }
  return child;
}

function explain(directory: string, complaint: string): string {
  if (/lock|resource busy|already open|DBPathInUse/i.test(complaint)) {
    return `${directory} is in use by another process: end that one first, or name another directory in MONGODB_URI.`;
  }
  return `The database engine could not open ${directory}: ${complaint.trim().split('\n').at(-1) ?? 'no reason given'}`;
}

/** Again and again with growing pauses: without its database the tool has nothing better to do. */
async function restart(
  launch: Launch,
  directory: string,
  socket: string,
  log: Logger,
  closing: () => boolean,
): Promise<ChildProcess> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await start(launch, directory, socket);
    } catch (error) {
      if (closing()) throw error;
      log.error({ err: error, attempt }, 'database engine did not start');
      await new Promise((resolve) => setTimeout(resolve, Math.min(200 * 2 ** attempt, 10_000)));
    }
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const impatience = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
  await ended;
  clearTimeout(impatience);
}
