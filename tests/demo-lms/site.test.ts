import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { type DemoLms, NEW_COURSE, startDemoLms } from '../../src/demo-lms/index.ts';
import type { Database } from '../../src/database/index.ts';
import { openTestDatabase } from '../support/database.ts';
import { Browser, textOf } from '../support/http.ts';

let database: Database;
let lms: DemoLms;
beforeAll(async () => {
  database = await openTestDatabase();
  lms = await startDemoLms({ database, port: 0, log: pino({ level: 'silent' }), seed: 'demo' });
});
afterAll(async () => {
  await lms.close();
  await database.close();
});

describe('the start page', () => {
  it('lets a person choose who they are', async () => {
    const browser = new Browser();
    const start = await browser.get(lms.url);
    expect(start.status).toBe(200);
    expect(textOf(start.html)).toContain('Who are you today?');
    const course = await browser.post(`${lms.url}/person`, { person: '2', course: NEW_COURSE });
    expect(textOf(course.html)).toContain('3MTT Cohort 4');
    for (const path of ['', '/roster', '/grades'])
      expect((await browser.get(`${lms.url}/courses/${NEW_COURSE}${path}`)).status).toBe(200);
  });
});
