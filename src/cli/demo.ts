import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import type { Logger } from 'pino';
import { type Config, PROJECT_ROOT, readConfig } from '../config.ts';
import { findOwner } from '../database/engine/owner.ts';
import { startDemoLms } from '../demo-lms/index.ts';
import { createLog, serve } from '../main.ts';
import { createDemoClock } from './demo-clock.ts';
import { untilEnded } from './demo-end.ts';
import { seedThirdWeek } from './demo-history.ts';

/** Where the demo lives; tests give it another place. */
export type DemoPlace = {
  readonly toolPort: number;
  readonly lmsPort: number;
  readonly directory: string;
};

const HOST = '127.0.0.1';
const PLACE: DemoPlace = {
  toolPort: 3000,
  lmsPort: 3100,
  directory: path.join(PROJECT_ROOT, '.data', 'demo'),
};

/**
 * `npm run demo`: a database, the tool at localhost:3000 and a demo LMS at 127.0.0.1:3100 (to a browser another site,
 * so that frames are truly foreign), all on loopback. What is done in it is kept; `--fresh` begins anew.
 * @returns the exit code: 0 ended as asked, 1 it cannot run here and now, 2 the arguments make no sense
 * @throws errors that main.ts's `isForOperator` knows
 */
export async function demoCommand(args: readonly string[], place: DemoPlace = PLACE): Promise<number> {
  const unknown = args.find((arg) => arg !== '--fresh');
  if (unknown !== undefined) {
    process.stderr.write(`${unknown} is not an option of the demo; there is only --fresh.\n`);
    return 2;
  }
  const obstacle = await obstacleTo(place);
  if (obstacle !== null) {
    process.stderr.write(`${obstacle}\n`);
    return 1;
  }
  if (args.includes('--fresh')) rmSync(place.directory, { recursive: true, force: true });
  const config = configOf(place);
  process.stdout.write('Starting the database, the tool and the demo LMS …\n');
  await run(config, place, createLog(config.logLevel));
  return 0;
}

function configOf({ toolPort, directory }: DemoPlace): Config {
  return readConfig({
    PORT: String(toolPort),
    PUBLIC_URL: `http://localhost:${toolPort}`,
    MONGODB_URI: `embedded:${directory}`,
    LTI_REGISTRATION: 'open',
    LTI_ALLOW_PRIVATE_NETWORK: 'true',
    LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'error',
  });
}

/** Runs until it is asked to end, and then ends whatever it has started. */
async function run(config: Config, { lmsPort }: DemoPlace, log: Logger): Promise<void> {
  const ending = untilEnded();
  const clock = createDemoClock();
  const serving = await serve(config, log, clock.now);
  try {
    const lms = await startDemoLms({
      database: serving.database.useDatabase('demo_lms'),
      port: lmsPort,
      log,
      clock: clock.now,
      seed: 'demo',
      toolUrl: config.publicUrl,
      toolEnvironment: environmentOf(config),
    });
    try {
      const { platforms } = serving.services.door;
      const isKnown = async (clientId: string) => (await platforms.findByClient(lms.url, clientId)) !== null;
      await lms.registerTool(config.publicUrl, isKnown);
      await seedThirdWeek(serving.services, lms, clock);
      if (!ending.aborted) {
        process.stdout.write(greeting(lms.url, config.publicUrl));
        await once(ending, 'abort');
      }
    } finally {
      await lms.close();
    }
  } finally {
    await serving.close();
  }
}

/** For commands that are typed while the demo is ended, as the demo LMS shows them. */
function environmentOf({ mongodbUri, publicUrl }: Config): string {
  return `MONGODB_URI="${mongodbUri}" PUBLIC_URL=${publicUrl} LTI_ALLOW_PRIVATE_NETWORK=true`;
}

function greeting(lmsUrl: string, toolUrl: string): string {
  return `
Peer Group's demo is running, on this machine alone.

  Open   ${lmsUrl}   the demo LMS: choose a person, open a course, open "My Peer Group"
  Tool   ${toolUrl}   works when it is opened from a course

Ctrl-C ends it; what you did is kept. "npm run demo -- --fresh" begins anew.
`;
}

/** Why the demo cannot start, in one sentence; looked at before anything is made or thrown away. */
async function obstacleTo({ toolPort, lmsPort, directory }: DemoPlace): Promise<string | null> {
  for (const port of [toolPort, lmsPort]) {
    if (!(await isFree(port)))
      return `Port ${port} is in use: end the program that uses it (another demo?) and start again.`;
  }
  const owner = await findOwner(directory);
  if (owner === null) return null;
  return `The demo's data in ${directory} is in use by process ${owner.pid}: end that one first.`;
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const free = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false)).listen(port, HOST, () => resolve(true));
  });
  if (free) await new Promise((resolve) => server.close(resolve));
  return free;
}
