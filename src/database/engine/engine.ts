import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { EngineStartError } from './ends.ts';
import { findCommand, type Launch, type Running, startWhenFree } from './launch.ts';
import { removeOwner, writeOwner } from './owner.ts';

/** A running database: `uri` stays the same over restarts of the engine. */
export type Engine = {
  readonly uri: string;
  /** The engine's process, for those who watch it; null where another keeps it. */
  pid(): number | null;
  close(): Promise<void>;
};

const STOP_LIMIT_MS = 15_000;
const LONGEST_PAUSE_MS = 5_000;
/** An engine that died sooner than this may die again at once. */
const SETTLED_MS = 2_000;
/** Of a socket's path, on the narrowest system (macOS: 104 with its end). */
const LONGEST_SOCKET = 103;
const LONGEST_NAME = 'pg-XXXXXX/embedded-mongodb-XXXXXX/mongodb.sock'.length + 1;

/**
 * Starts the embedded engine on a directory, in a child process of its own: a fault in native code must not take the
 * tool along. It is started again when it dies, behind the same address.
 * @throws EngineStartError where the directory cannot be served, EngineUnfit where the engine does not run here
 */
export async function startEngine(
  directory: string,
  cacheDirectory: string,
  log: Logger,
  faults = false,
): Promise<Engine> {
  await mkdir(directory, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw new EngineStartError(`${directory} cannot be made or written to.`, { cause: error });
  });
  const command = await findCommand(cacheDirectory, log);
  // Readable by this user alone.
  const home = await mkdtemp(path.join(shortFolder(), 'pg-'));
  const launch: Launch = { ...command, directory, socket: path.join(home, 'db.sock'), faults };
  try {
    const keeper = keep(await startWhenFree(launch), launch, log);
    await writeOwner(directory, keeper.uri);
    return {
      ...keeper,
      async close() {
        await keeper.close();
        await removeOwner(directory);
        await rm(home, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await rm(home, { recursive: true, force: true });
    throw error;
  }
}

/** A socket's path may have about a hundred characters, and some systems' own folder for such things is long. */
function shortFolder(): string {
  return tmpdir().length + LONGEST_NAME <= LONGEST_SOCKET ? tmpdir() : '/tmp';
}

/** Watches the engine's process and replaces it when it dies, until closed. */
function keep(first: Running, launch: Launch, log: Logger): Engine {
  const closing = new AbortController();
  let running: Running | null = first;

  const watch = async (): Promise<void> => {
    let deaths = 0;
    while (running !== null) {
      const begun = performance.now();
      const { exitCode, signalCode } = await ended(running);
      if (closing.signal.aborted) return;
      deaths = performance.now() - begun < SETTLED_MS ? deaths + 1 : 0;
      log.error({ exitCode, signalCode }, 'database engine died, starting it again');
      running = await startAgain(launch, log, closing.signal, deaths);
    }
  };
  const watching = watch();
  return {
    uri: first.uri,
    pid: () => running?.child.pid ?? null,
    async close() {
      closing.abort();
      if (running !== null) await stop(running);
      await watching;
      // A start that was under way when we closed.
      if (running !== null) await stop(running);
    },
  };
}

type End = { exitCode: number | null; signalCode: NodeJS.Signals | null };

async function ended({ child }: Running): Promise<End> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return { exitCode: child.exitCode, signalCode: child.signalCode };
}

/** Again and again with growing pauses: without its database the tool has nothing better to do. */
async function startAgain(
  launch: Launch,
  log: Logger,
  closing: AbortSignal,
  deaths: number,
): Promise<Running | null> {
  for (let attempt = deaths; !closing.aborted; attempt += 1) {
    if (attempt > 0) await pause(Math.min(100 * 2 ** attempt, LONGEST_PAUSE_MS), closing);
    try {
      return await startWhenFree(launch);
    } catch (error) {
      log.error({ err: error, attempt }, 'database engine did not start');
    }
  }
  return null;
}

function pause(ms: number, closing: AbortSignal): Promise<void> {
  return sleep(ms, undefined, { signal: closing }).catch(() => undefined);
}

async function stop(running: Running): Promise<void> {
  running.child.kill('SIGTERM');
  const impatience = setTimeout(() => running.child.kill('SIGKILL'), STOP_LIMIT_MS);
  await ended(running);
  clearTimeout(impatience);
}
