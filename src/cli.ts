import { demoCommand } from './cli/demo.ts';
import { platformsCommand } from './cli/platforms.ts';
import { readConfig } from './config.ts';
import { openDatabase } from './database/index.ts';
import { createDoor } from './lti/door.ts';
import { createLog, isForOperator } from './main.ts';

const USAGE = `Usage: npm run demo [-- --fresh]            the tool with a demo LMS, on this machine alone
       npm run platforms -- list | add …      the LMSs the tool is installed in
       npm start                              the tool itself (see README.md)`;

const [command = '', ...args] = process.argv.slice(2);

async function run(): Promise<number> {
  switch (command) {
    case 'demo':
      return demoCommand(args);
    case 'platforms':
      return platforms();
    default:
      process.stderr.write(`${USAGE}\n`);
      return 2;
  }
}

/** Platforms are registered in the database that MONGODB_URI names; the tool may be running meanwhile. */
async function platforms(): Promise<number> {
  const config = readConfig();
  const log = createLog('warn');
  const database = await openDatabase({ uri: config.mongodbUri, cacheDirectory: config.cacheDirectory, log });
  const door = await createDoor({
    config,
    database,
    log,
    clock: () => new Date(),
    onLaunch: () => Promise.resolve(),
  });
  try {
    await database.ensure();
    return await platformsCommand(args, {
      platforms: door.platforms,
      allowPrivateNetwork: config.allowPrivateNetwork,
      print: (line) => void process.stdout.write(`${line}\n`),
      printError: (line) => void process.stderr.write(`${line}\n`),
    });
  } finally {
    await door.close();
    await database.close();
  }
}

try {
  process.exitCode = await run();
} catch (error) {
  if (!isForOperator(error)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
