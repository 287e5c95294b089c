import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { createApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import type { Database } from '../../src/database/index.ts';
import { type DemoLms, startDemoLms } from '../../src/demo-lms/index.ts';
import { createServices, type Services } from '../../src/services.ts';
import { openTestDatabase } from './database.ts';
import { Browser, type Page } from './http.ts';

/** The real app on a real engine, installed in the demo LMS by dynamic registration. */
export type House = {
  readonly url: string;
  readonly services: Services;
  readonly lms: DemoLms;
  readonly database: Database;
  /** Opens "My Peer Group" as this person, in a browser of their own. */
  open(personId: string, courseId: string): Promise<{ browser: Browser; page: Page }>;
  close(): Promise<void>;
};

export async function openHouse({
  clock = () => new Date(),
  seed = 'empty',
  onRequest,
  onCommand,
}: {
  clock?: () => Date;
  seed?: 'demo' | 'empty';
  /** Sees each request of the tool before the tool does; may bend its response. */
  onRequest?: RequestListener;
  /** Hears the name of every command that the tool sends to its database. */
  onCommand?: (name: string) => void;
} = {}): Promise<House> {
  const database = await openTestDatabase(onCommand);
  const log = pino({ level: process.env['TEST_LOG'] ?? 'silent' });
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://localhost:${(server.address() as AddressInfo).port}`;
  const config = readConfig({
    PUBLIC_URL: url,
    MONGODB_URI: 'mongodb://in.use.already',
    SESSION_SECRET: 'test session secret, long enough for it',
    ENCRYPTION_KEY: 'test encryption key, long enough for it',
    LTI_REGISTRATION: 'open',
    LTI_ALLOW_PRIVATE_NETWORK: 'true',
  });
  if (onRequest !== undefined) server.on('request', onRequest);
  const services = await createServices({ config, database, log, clock });
  server.on('request', await createApp(services));
  const lmsDatabase = await openTestDatabase();
  const lms = await startDemoLms({ database: lmsDatabase, port: 0, log, clock, seed, toolUrl: url });
  await lms.registerTool(url);
  return {
    url,
    services,
    lms,
    database,
    async open(personId, courseId) {
      const browser = new Browser();
      return { browser, page: await browser.launch(await lms.startLaunch({ personId, courseId })) };
    },
    async close() {
      await lms.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await services.close();
      await lmsDatabase.close();
      await database.close();
    },
  };
}
