import { rmSync } from 'node:fs';
import path from 'node:path';
import closeWithGrace from 'close-with-grace';
import { PROJECT_ROOT, readConfig } from '../config.ts';
import { startDemoLms } from '../demo-lms/index.ts';
import { createLog, serve } from '../main.ts';
import { seedThirdWeek } from './demo-history.ts';

const TOOL_PORT = 3000;
const LMS_PORT = 3100;

/**
 * `npm run demo`: a database, the tool at localhost:3000 and a demo LMS at 127.0.0.1:3100 (to a browser another site,
 * so that frames are truly foreign), all on loopback. What is done in it is kept; `--fresh` begins anew.
 */
export async function demoCommand(args: readonly string[]): Promise<number> {
  const unknown = args.find((arg) => arg !== '--fresh');
  if (unknown !== undefined) {
    process.stderr.write(`${unknown} is not an option of the demo; there is only --fresh.\n`);
    return 2;
  }
  const directory = path.join(PROJECT_ROOT, '.data', 'demo');
  if (args.includes('--fresh')) rmSync(directory, { recursive: true, force: true });
  const url = `http://localhost:${TOOL_PORT}`;
  const config = readConfig({
    PORT: String(TOOL_PORT),
    PUBLIC_URL: url,
    MONGODB_URI: `embedded:${directory}`,
    LTI_REGISTRATION: 'open',
    LTI_ALLOW_PRIVATE_NETWORK: 'true',
    LOG_LEVEL: process.env['LOG_LEVEL'] ?? 'warn',
  });
  const log = createLog(config.logLevel);
  process.stdout.write('Starting the database, the tool and the demo LMS …\n');
  const serving = await serve(config, log);
  const lms = await startDemoLms({
    database: serving.database.useDatabase('demo_lms'),
    port: LMS_PORT,
    log,
    seed: 'demo',
    toolUrl: url,
  }).catch(async (error: unknown) => {
    await serving.close();
    throw error;
  });
  await lms.registerTool(url);
  await seedThirdWeek(serving.services, lms);
  process.stdout.write(`
Peer Group's demo is running on this machine alone.

  Open   ${lms.url}   (the demo LMS: choose a person, open a course, open "My Peer Group")
  Tool   ${url}   (works when it is opened from a course)

Ctrl-C ends it; what you did is kept. "npm run demo -- --fresh" begins anew.
`);
  await new Promise<void>((resolve) => {
    closeWithGrace({ delay: 20_000, logger: false }, async () => {
      process.stdout.write('\nEnding …\n');
      await lms.close();
      await serving.close();
      resolve();
    });
  });
  return 0;
}
