import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { newerCLibrary } from './c-library.ts';
import { ENGINE_ENDS, EngineStartError, EngineUnfit } from './ends.ts';
import { findOwner } from './owner.ts';

/** How the engine's process is begun here, and on what. */
export type Launch = {
  readonly command: string;
  readonly prefix: readonly string[];
  readonly directory: string;
  readonly socket: string;
  /** Lets tests ask for failures. */
  readonly faults: boolean;
};
export type Running = { readonly child: ChildProcess; readonly uri: string };

const START_LIMIT_MS = 30_000;
/** An engine whose parent was killed closes its files first. */
const HANDOVER_MS = 10_000;
/** A process that is just ending is waited for; one that serves is not. */
const PATIENCE_MS = 2_000;
const PROJECT_ROOT = path.resolve(import.meta.dirname, '..', '..', '..');
const CHILD = path.join(
  import.meta.dirname,
  import.meta.filename.endsWith('.ts') ? 'engine.child.ts' : 'engine.child.js',
);

/** The command under which the engine loads on this machine. @throws EngineUnfit */
export async function findCommand(
  cacheDirectory: string,
  log: Logger,
): Promise<Pick<Launch, 'command' | 'prefix'>> {
  if (systemSuffices()) {
    log.info('database: the embedded engine as it is');
    return { command: process.execPath, prefix: [] };
  }
  const { loader, libraries } = await newerCLibrary(cacheDirectory, process.arch).catch((error: unknown) => {
    throw new EngineUnfit(error instanceof Error ? error.message : 'no newer C library', { cause: error });
  });
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

/**
 * Starts the engine, waiting a moment for a predecessor that is ending.
 * @throws EngineStartError naming the process in whose use the directory is; EngineUnfit
 */
export async function startWhenFree(launch: Launch): Promise<Running> {
  const begun = performance.now();
  for (;;) {
    const running = await startOnce(launch);
    if (running !== 'in use') return running;
    const owner = await findOwner(launch.directory);
    if (performance.now() - begun > (owner === null ? HANDOVER_MS : PATIENCE_MS)) {
      const whose = owner === null ? 'another process' : `process ${owner.pid} (since ${owner.since})`;
      throw new EngineStartError(
        `${launch.directory} is in use by ${whose}: end that one first, or name another directory in MONGODB_URI.`,
      );
    }
    await sleep(200);
  }
}

async function startOnce(launch: Launch): Promise<Running | 'in use'> {
  const held = holdsData(launch.directory);
  const child = spawnChild(launch);
  let complaint = '';
  child.stderr?.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-2_000)));
  const tooLate = setTimeout(() => child.kill('SIGKILL'), START_LIMIT_MS);
  try {
    const uri = await firstLine(child);
    if (uri !== null) return { child, uri };
    if (child.exitCode === ENGINE_ENDS.inUse) return 'in use';
    const reason = complaint.trim().split('\n').at(-1) ?? '';
    // With data on board no other engine may take over: it would show an empty house.
    if (!held && child.exitCode !== ENGINE_ENDS.notOpened) throw new EngineUnfit(reason);
    throw new EngineStartError(`The database engine could not open ${launch.directory}: ${reason}`);
  } finally {
    clearTimeout(tooLate);
  }
}

function spawnChild({ command, prefix, directory, socket, faults }: Launch): ChildProcess {
  const loader = CHILD.endsWith('.ts') ? ['--import', 'tsx'] : [];
  return spawn(
    command,
    [...prefix, ...loader, CHILD, path.resolve(directory), socket, ...(faults ? ['faults'] : [])],
    {
      cwd: PROJECT_ROOT,
      stdio: ['pipe', 'pipe', 'pipe'],
      // Native code is given no secrets, nor the parent's debugging options.
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
    },
  );
}

/** Null where the process ended before it said anything. */
async function firstLine(child: ChildProcess): Promise<string | null> {
  if (child.stdout === null) return null;
  const lines = createInterface({ input: child.stdout });
  const line = once(lines, 'line').then(([text]) => String(text));
  const ended = new Promise<null>((resolve) => {
    // 'close' comes after the last of its output; 'error' where it could not even be begun.
    child.once('close', () => resolve(null)).once('error', () => resolve(null));
  });
  return Promise.race([line, ended]);
}

/** Whether an embedded engine has written here. */
export function holdsData(directory: string): boolean {
  return existsSync(path.join(directory, 'WiredTiger'));
}
