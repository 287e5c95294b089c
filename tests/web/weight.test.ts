import { get } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { courseCsv, NEW_COURSE, PEOPLE } from '../../src/demo-lms/index.ts';
import { type Cast, openCast } from '../support/cast.ts';
import { type House, openHouse } from '../support/house.ts';
import type { Browser, Page } from '../support/http.ts';
import { routesOf } from '../support/routes.ts';

/** What a phone may fetch for its first page with all that belongs to it, and for each page after it; bytes on the wire. */
const FIRST = 40 * 1024;
const LATER = 10 * 1024;

type Answer = { readonly status: number; readonly bytes: number };

/** Weighs an answer as it is sent to a browser that unpacks gzip. */
function weigh(url: string, cookie: string): Promise<Answer> {
  const headers = { accept: 'text/html', 'accept-encoding': 'gzip', cookie };
  return new Promise((resolve, reject) => {
    get(url, { headers, agent: false }, (answer) => {
      let bytes = 0;
      answer.on('data', (chunk: Buffer) => (bytes += chunk.length));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, bytes }));
    }).on('error', reject);
  });
}

/** Styles and scripts of a page; the icon is asked for last and nothing waits for it, but it counts. */
function partsOf({ html, url }: Page): string[] {
  const named = [...html.matchAll(/<(?:link|script)[^>]* (?:href|src)="([^"]+)"/g)];
  return named.map(([, address = '']) => new URL(address, url).href);
}

async function firstWeight(page: Page, cookie: string): Promise<number> {
  const answers = await Promise.all([page.url, ...partsOf(page)].map((url) => weigh(url, cookie)));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  return answers.reduce((sum, { bytes }) => sum + bytes, 0);
}

describe('Every page of a course', () => {
  let cast: Cast;
  beforeAll(async () => {
    cast = await openCast();
  });
  afterAll(() => cast.close());

  it('is light, the first one and each after it', async () => {
    const heavy: Record<string, number> = {};
    for (const part of ['manager', 'fellow'] as const) {
      const { browser, page } = await cast.house.open(cast.people[part], 'ours');
      const cookie = browser.cookiesFor(page.url);
      const first = await firstWeight(page, cookie);
      if (first > FIRST) heavy[`first page, ${part}`] = first;
      const base = /^.*\/l\/[\w-]+/.exec(page.url)?.[0] ?? '';
      for (const { route, roles } of routesOf(cast.house.services.rooms)) {
        if (!route.startsWith('GET ') || !roles.some((role) => role === part)) continue;
        const path = route.slice(4).replace(/:(\w+)/g, (_whole, name: string) => cast.ids[name] ?? name);
        const { bytes } = await weigh(base + path, cookie);
        if (bytes > LATER) heavy[`${part} ${route}`] = bytes;
      }
    }
    expect(heavy).toEqual({});
  });
});

describe('A course of 300 fellows', () => {
  let house: House;
  let browser: Browser;
  let home: Page;
  beforeAll(async () => {
    house = await openHouse({ seed: 'demo' });
    ({ browser, page: home } = await house.open(PEOPLE.manager, NEW_COURSE));
  });
  afterAll(() => house.close());

  const weights: [name: string, bytes: number][] = [];
  const note = async (name: string, page: Page): Promise<Page> => {
    weights.push([name, (await weigh(page.url, browser.cookiesFor(page.url))).bytes]);
    return page;
  };
  /** Presses a button that begins what takes its time, and looks again when it is done. */
  const work = async (page: Page, button: string): Promise<Page> => {
    const begun = await browser.press(page, button);
    await house.services.jobs.runDue();
    return browser.get(begun.url);
  };

  it('has light pages too: lists, a proposal, a file that was read', async () => {
    const roster = await browser.follow(home, 'Roster');
    await note('sync', await work(roster, 'Sync roster'));
    const upload = await browser.follow(await note('roster', await browser.get(roster.url)), 'Upload');
    const file = new File([courseCsv(NEW_COURSE)], 'fellows.csv', { type: 'text/csv' });
    const read = await note('upload', await browser.press(upload, 'Read the file', { file }));
    await work(read, 'Apply');
    const proposal = await note(
      'proposal',
      await work(await browser.follow(home, 'Groups'), 'Propose groups'),
    );
    const published = await work(await browser.press(proposal, 'Publish groups'), 'Publish groups');
    const list = await note('groups', await browser.follow(published, 'See the groups'));
    const group = new URL(/href="([^"]*\/groups\/g\/[^"]+)"/.exec(list.html)?.[1] ?? '', list.url).href;
    await note('group', await browser.get(group));
    await note('grades', await browser.follow(home, 'Grades'));
    expect(weights.map(([name]) => name)).toHaveLength(7);
    expect(weights.filter(([, bytes]) => bytes > LATER)).toEqual([]);
  });
});
