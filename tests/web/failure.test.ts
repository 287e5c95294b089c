import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Cast, openCast } from '../support/cast.ts';
import { failNext } from '../support/database.ts';
import { type Browser, type Page, textOf } from '../support/http.ts';

let cast: Cast;
let manager: { browser: Browser; base: string };
beforeAll(async () => {
  cast = await openCast();
  manager = await visit('manager');
});
afterAll(() => cast.close());

async function visit(part: 'manager' | 'member'): Promise<{ browser: Browser; base: string }> {
  const { browser, page } = await cast.house.open(cast.people[part], 'ours');
  return { browser, base: /^.*\/l\/[\w-]+/.exec(page.url)?.[0] ?? '' };
}

const get = (path: string): Promise<Page> => manager.browser.get(manager.base + path);
const post = (path: string, fields: Readonly<Record<string, string>>): Promise<Page> =>
  manager.browser.post(manager.base + path, fields);
const tokenOf = async (): Promise<string> =>
  /name="_csrf" value="([^"]+)"/.exec((await get('/settings')).html)?.[1] ?? '';

/** As somebody else, so that what the others ask is not bounded. */
async function untilTooMany(): Promise<Page> {
  const { browser, base } = await visit('member');
  for (let asked = 0; asked < 300; asked += 1) {
    const page = await browser.get(`${base}/group`);
    if (page.status === 429) return page;
  }
  throw new Error('Nobody is bounded.');
}

/** A course whose settings are not what the code knows them to be: a fault of ours. */
async function withBrokenCourse(ask: () => Promise<Page>): Promise<Page> {
  const courses = cast.house.database.connection.collection<{ _id: string; settings: unknown }>('courses');
  const kept = await courses.find({}).toArray();
  await courses.updateMany({}, { $set: { 'settings.tracks': 7 } }, { bypassDocumentValidation: true });
  try {
    return await ask();
  } finally {
    for (const { _id, settings } of kept) await courses.updateOne({ _id }, { $set: { settings } });
  }
}

/** The session is read first. The driver asks a second time by itself; after that the database is there again. */
async function withoutDatabase(ask: () => Promise<Page>): Promise<Page> {
  await failNext(cast.house.database, 'aggregate', 'drop', { times: 2 });
  return ask();
}

type Row = { of: string; status: number; heading: string; says: string; ask: () => Promise<Page> };
const ROWS: readonly Row[] = [
  {
    of: 'what cannot be read',
    status: 400,
    heading: 'That did not work',
    says: 'Go back, reload the page and try again.',
    ask: () => get('/roster/people/%ff'),
  },
  {
    of: 'a visit that is over',
    status: 401,
    heading: 'Please open this from your course',
    says: 'Go to your course in the LMS and open My Peer Group there.',
    ask: () => manager.browser.get(`${cast.house.url}/l/${'a'.repeat(22)}/`),
  },
  {
    of: 'a form of an earlier visit',
    status: 403,
    heading: 'This is not open to you',
    says: 'Go back, reload the page and send it again.',
    ask: () => post('/settings', { tracks: 'Chess' }),
  },
  {
    of: 'a page that is not there',
    status: 404,
    heading: 'Nothing is here',
    says: 'Go back, or open My Peer Group again from your course.',
    ask: () => get('/nothing'),
  },
  {
    of: 'what has changed meanwhile',
    status: 409,
    heading: 'Something changed in the meantime',
    says: 'so it cannot be discarded',
    ask: async () =>
      post(`/groups/proposals/${cast.ids['proposalId'] ?? ''}/discard`, { _csrf: await tokenOf() }),
  },
  {
    of: 'what is too large',
    status: 413,
    heading: 'That is too large',
    says: 'Send a smaller file.',
    ask: () => post('/settings', { tracks: 'x'.repeat(3_200_000) }),
  },
  {
    of: 'too many requests',
    status: 429,
    heading: 'A moment, please',
    says: 'Wait a minute and go on.',
    ask: untilTooMany,
  },
  {
    of: 'a fault of ours',
    status: 500,
    heading: 'Something went wrong on our side',
    says: 'tell the people who run Peer Group and give them the reference',
    ask: () => withBrokenCourse(() => get('/settings')),
  },
  {
    of: 'a database that is away',
    status: 503,
    heading: 'Back in a moment',
    says: 'Nothing was lost; try again in a minute.',
    ask: () => withoutDatabase(() => get('/roster')),
  },
];

describe('A refusal', () => {
  it.each(ROWS)('of $of ($status) says what happened, what to do, and a reference', async (row) => {
    const { status, html } = await row.ask();
    expect(status).toBe(row.status);
    const text = textOf(html);
    expect(text).toContain(row.heading);
    expect(text).toContain(row.says);
    expect(text).toMatch(/give this reference: [0-9A-F]{8}/);
    expect(html).not.toMatch(/node_modules|\bat \w+ \(|TypeError|MongoNetwork|Chess|xxxx|%ff/);
  });

  it('in a visit keeps the menu, and leads on', async () => {
    const { html } = await get('/nothing');
    expect(html).toContain('<nav class="tabs"');
    expect(html).toContain(`class="btn main" href="${new URL(manager.base).pathname}/"`);
  });

  it('that will pass offers to ask again, but for what was sent', async () => {
    const asked = await withoutDatabase(() => get('/roster'));
    expect(asked.headers.get('retry-after')).toBe('5');
    expect(textOf(asked.html)).toContain('Try again');
    const sent = await withoutDatabase(() => post('/settings', {}));
    expect(sent.status).toBe(503);
    expect(textOf(sent.html)).not.toContain('Try again');
  });

  it('is gone with its cause', async () => {
    expect((await get('/roster')).status).toBe(200);
    expect((await get('/settings')).status).toBe(200);
  });
});
