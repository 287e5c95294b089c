import { existsSync, realpathSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import closeWithGrace from 'close-with-grace';
import { type Logger, pino } from 'pino';
import { createApp } from './app.ts';
import { type Config, ConfigError, readConfig } from './config.ts';
import { type Database, EngineStartError, EnsureError, openDatabase } from './database/index.ts';
import { createServices, type Services } from './services.ts';

export type Serving = {
  readonly services: Services;
  readonly database: Database;
  readonly url: string;
  close(): Promise<void>;
};

/** Secrets and personal data never reach the log, whatever an object that is logged may hold. */
export function createLog(level: string): Logger {
  const secret = [
    'id_token',
    'ltik',
    'state',
    'cookie',
    'authorization',
    'email',
    'name',
    'client_assertion',
    'access_token',
  ];
  return pino({
    level,
    base: { service: 'peer-group' },
    redact: { paths: secret.flatMap((key) => [key, `*.${key}`, `*.headers.${key}`]), remove: true },
  });
}

/** The address to listen on is taken or not ours; the message is for the operator. */
class ListenError extends Error {}

/** What ends a start with sentences for the operator instead of a stack. */
export function isForOperator(error: unknown): error is Error {
  return [ConfigError, EngineStartError, EnsureError, ListenError].some((kind) => error instanceof kind);
}

/**
 * Opens the database, builds the house and listens.
 * @param clock the house's time; the demo lets it begin three weeks ago
 * @throws errors that `isForOperator` knows
 */
export async function serve(config: Config, log: Logger, clock = () => new Date()): Promise<Serving> {
  const { mongodbUri: uri, cacheDirectory } = config;
  const database = await openDatabase({ uri, cacheDirectory, log });
  try {
    const services = await createServices({ config, database, log, clock });
    const server = createServer(await createApp(services));
    await listen(server, config);
    services.jobs.start();
    log.info({ url: config.publicUrl, port: config.port }, 'listening');
    return {
      services,
      database,
      url: config.publicUrl,
      async close() {
        // At once: what waits for a slow upload must not take new jobs meanwhile.
        await Promise.all([closeServer(server), services.close()]);
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

function listen(server: Server, { port, host }: Config): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const why =
        error.code === 'EADDRINUSE' ? 'is in use by another program' : `cannot be used (${error.code ?? ''})`;
      reject(new ListenError(`Port ${port} on ${host} ${why}: end that one, or set PORT.`));
    });
    server.listen(port, host, resolve);
  });
}

const IDLE_EVERY_MS = 100;
/** A request that takes longer is cut off, so that the database is still closed in time. */
const LONGEST_ANSWER_MS = 20_000;
const END_WITHIN_MS = 30_000;

/** What is being answered is answered; connections that browsers only keep are not waited for. */
function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const idle = setInterval(() => server.closeIdleConnections(), IDLE_EVERY_MS);
    const late = setTimeout(() => server.closeAllConnections(), LONGEST_ANSWER_MS);
    server.close(() => {
      clearInterval(idle);
      clearTimeout(late);
      resolve();
    });
  });
}

async function main(): Promise<void> {
  try {
    const config = readConfig();
    const log = createLog(config.logLevel);
    const serving = await serve(config, log);
    closeWithGrace({ delay: END_WITHIN_MS, logger: log }, async ({ err }) => {
      if (err !== undefined) log.fatal({ err }, 'ending after a fault');
      await serving.close();
    });
  } catch (error) {
    if (!isForOperator(error)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}

// Compared as real paths, for it may be started through a link to the release in use.
const program = process.argv[1];
if (
  program !== undefined &&
  existsSync(program) &&
  realpathSync(program) === realpathSync(import.meta.filename)
)
  await main();
