import { pino } from 'pino';
import type { Database } from '../../../src/database/index.ts';
import { type DemoLms, startDemoLms } from '../../../src/demo-lms/index.ts';
import { openTestDatabase } from '../../support/database.ts';
import { type FakeTool, startFakeTool } from './tool.ts';

export type TestLms = {
  readonly lms: DemoLms;
  readonly tool: FakeTool;
  readonly database: Database;
  /** Moves the LMS's clock on. */
  advance(ms: number): void;
  now(): Date;
  close(): Promise<void>;
};

/** The demo LMS with a tool of the test's own installed in it, and a clock that the test moves. */
export async function openLms(seed: 'demo' | 'empty' = 'empty'): Promise<TestLms> {
  const database: Database = await openTestDatabase();
  let ahead = 0;
  const now = () => new Date(Date.now() + ahead);
  const log = pino({ level: process.env['TEST_LOG'] ?? 'silent' });
  const lms = await startDemoLms({ database, port: 0, log, clock: now, seed });
  const tool = await startFakeTool(lms.url, now);
  await lms.registerTool(tool.url);
  return {
    lms,
    tool,
    database,
    now,
    advance(ms) {
      ahead += ms;
    },
    async close() {
      await tool.close();
      await lms.close();
      await database.close();
    },
  };
}
