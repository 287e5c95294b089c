// Each command loads what it needs and no more: forming groups starts without the web and the database.
const USAGE = `Usage: npm run demo [-- --fresh]            the tool with a demo LMS, on this machine alone
       npm run platforms -- list | invite | …  the LMSs the tool is installed in
       npm run --silent form -- ROSTER.csv --out GROUPS.csv     groups from a roster file
       npm start                              the tool itself (see README.md)`;

const [command = '', ...args] = process.argv.slice(2);

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const printError = (line: string): void => void process.stderr.write(`${line}\n`);

async function run(): Promise<number> {
  switch (command) {
    case 'demo':
      return (await import('./cli/demo.ts')).demoCommand(args);
    case 'form':
      return (await import('./cli/form.ts')).formCommand(args, { print, printError });
    case 'platforms':
      return platforms();
    default:
      process.stderr.write(`${USAGE}\n`);
      return 2;
  }
}

/** Platforms are registered in the database that MONGODB_URI names; the tool may be running meanwhile. */
async function platforms(): Promise<number> {
  const { platformsCommand } = await import('./cli/platforms.ts');
  const path = await import('node:path');
  const { PROJECT_ROOT, readConfig } = await import('./config.ts');
  const { openDatabase } = await import('./database/index.ts');
  const { createDoor } = await import('./lti/door.ts');
  const { invitationPath } = await import('./lti/registration/handler.ts');
  const { createSessionStore } = await import('./web/sessions.store.ts');
  const { readWords } = await import('./web/words.ts');
  const { createLog } = await import('./main.ts');
  const config = readConfig();
  const log = createLog('warn');
  const { mongodbUri: uri, cacheDirectory } = config;
  const database = await openDatabase({ uri, cacheDirectory, log, beside: true });
  const sessions = createSessionStore(database, () => new Date(), config.sessionSecret);
  const door = await createDoor({
    config,
    database,
    log,
    clock: () => new Date(),
    onLaunch: () => Promise.reject(new Error('Nobody launches through a command.')),
    endSessions: (platformId) => sessions.endOfPlatform(platformId),
    links: {
      targets: () => [],
      column: { resourceId: '', tag: '', label: '', scoreMaximum: 0 },
    },
  });
  try {
    await database.ensure();
    const t = (await readWords(path.join(PROJECT_ROOT, 'locales')))('en');
    return await platformsCommand(args, {
      door,
      invitationAddress: (token) => config.publicUrl + invitationPath(token),
      allowPrivateNetwork: config.allowPrivateNetwork,
      words: (code) => t([`lti:errors.${code}`, `course:errors.${code}`, `grades:errors.${code}`]),
      print,
      printError,
    });
  } finally {
    await door.close();
    await database.close();
  }
}

try {
  process.exitCode = await run();
} catch (error) {
  const { isForOperator } = await import('./main.ts');
  if (!isForOperator(error)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
