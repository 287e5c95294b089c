import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type House, openHouse } from '../support/house.ts';
import type { Browser, Page } from '../support/http.ts';

const HOUR_MS = 3_600_000;
let house: House;
let now = Date.now();
beforeAll(async () => {
  house = await openHouse({ clock: () => new Date(now) });
  await house.lms.addCourse('bees', 'Beekeeping');
  await house.lms.addCourse('bread', 'Bread');
  for (const course of ['bees', 'bread']) {
    await house.lms.addPerson(course, { id: 'ada', name: 'Ada Obi' });
    await house.lms.addPerson(course, { id: 'ngozi', name: 'Ngozi Eze', role: 'instructor' });
  }
});
afterAll(() => house.close());

const open = async (browser: Browser, personId: string, courseId: string): Promise<Page> =>
  browser.launch(await house.lms.startLaunch({ personId, courseId }));

describe('A session', () => {
  it('ends after two hours in which nobody used it', async () => {
    const { browser, page } = await house.open('ada', 'bees');
    now += 2 * HOUR_MS;
    expect((await browser.get(page.url)).status).toBe(401);
    now = Date.now();
  });

  it('stays while it is used, for a day at most', async () => {
    const { browser, page } = await house.open('ada', 'bees');
    let hours = 0;
    for (; hours < 30; hours += 1) {
      now += HOUR_MS;
      if ((await browser.get(page.url)).status !== 200) break;
    }
    expect(hours).toBe(23);
    now = Date.now();
  });

  it('is one of several in one browser: courses and people side by side', async () => {
    const { browser, page: first } = await house.open('ada', 'bees');
    const second = await open(browser, 'ngozi', 'bread');
    expect((await browser.get(first.url)).html).toContain('Ada Obi');
    expect((await browser.get(second.url)).html).toContain('Ngozi Eze');
  });
});

describe('Signing out', () => {
  it('ends every session of this browser, and no other browser’s', async () => {
    const { browser, page } = await house.open('ada', 'bees');
    const other = await open(browser, 'ngozi', 'bread');
    const elsewhere = await house.open('ada', 'bees');
    const answer = await browser.submit(page, '/sign-out');
    expect(answer.status).toBe(200);
    expect(answer.html).toContain('You are signed out');
    for (const address of [page.url, other.url]) expect((await browser.get(address)).status).toBe(401);
    expect((await elsewhere.browser.get(elsewhere.page.url)).status).toBe(200);
  });

  it('needs the form of this visit', async () => {
    const { browser, page } = await house.open('ada', 'bees');
    const address = new URL(page.url.replace(/(\/l\/[^/]+).*/, '$1/sign-out')).href;
    expect((await browser.post(address, {})).status).toBe(403);
    expect((await browser.get(page.url)).status).toBe(200);
  });

  it('takes the cookie away', async () => {
    const { browser, page } = await house.open('ada', 'bees');
    const answer = await browser.submit(page, '/sign-out');
    expect(answer.headers.get('set-cookie')).toMatch(/__Host-peer-group=;.*Expires=Thu, 01 Jan 1970/);
  });
});

describe('A frame that keeps no cookie', () => {
  const opened = async () => {
    const { browser: _browser, page } = await house.open('ada', 'bees');
    const [, launchId = ''] = /\/l\/([^/]+)/.exec(page.url) ?? [];
    const session = await house.services.sessions.find(launchId, 'x'.repeat(32));
    expect(session).toBeNull();
    const row = await house.database.connection.collection('sessions').findOne({ _id: launchId as never });
    const key = 'k'.repeat(32);
    const fresh = await house.services.sessions.open(key, row as never);
    return { address: `${house.url}/l/${fresh.id}/me/profile`, key };
  };

  it('is known by the key that its page sends, and by no other', async () => {
    const { address, key } = await opened();
    const ask = async (headers: Record<string, string>) => (await fetch(address, { headers })).status;
    expect(await ask({ 'x-frame-key': key })).toBe(200);
    expect(await ask({ 'x-frame-key': 'j'.repeat(32) })).toBe(401);
    expect(await ask({ 'x-frame-key': '' })).toBe(401);
    expect(await ask({})).toBe(401);
  });

  it('lets no other site send that key', async () => {
    const { address } = await opened();
    const preflight = await fetch(address, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://evil.example',
        'access-control-request-method': 'GET',
        'access-control-request-headers': 'x-frame-key',
      },
    });
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
    expect(preflight.headers.get('access-control-allow-headers')).toBeNull();
  });
});
