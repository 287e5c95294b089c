import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { type Cast, openCast, type Part } from '../support/cast.ts';
import { launchChromium } from '../support/chromium.ts';
import { routesOf } from '../support/routes.ts';
import { complaintsOf, flawsOf } from './support/looks.ts';

const PARTS: readonly Part[] = ['manager', 'fellow', 'member', 'mentor', 'visitor'];
/** Files, which no browser shows. */
const FILES = /\.csv$/;
/** Pages that a member or a mentor sees otherwise than who leads or manages. */
const MANY_SIDED = /^GET (\/|\/groups\/g\/:groupId(\/meetups)?|\/groups|\/roster|\/grades)$/;

let cast: Cast;
let browser: Browser;
const pages = new Map<Part, { page: Page; base: string; complaints: string[] }>();
beforeAll(async () => {
  cast = await openCast();
  browser = await launchChromium();
  for (const part of PARTS) {
    const context = await browser.newContext();
    const page = await context.newPage();
    const complaints = complaintsOf(page);
    await page.goto(await cast.house.lms.startLaunch({ personId: cast.people[part], courseId: 'ours' }));
    await page.waitForURL(/\/l\//);
    pages.set(part, { page, base: /^.*\/l\/[\w-]+/.exec(page.url())?.[0] ?? '', complaints });
  }
});
afterAll(async () => {
  await browser.close();
  await cast.close();
});

const seatOf = (part: Part) => {
  const seat = pages.get(part);
  if (seat === undefined) throw new Error(`Nobody plays ${part}.`);
  return seat;
};

/** Every page of the house: as staff see it, as a Peer Lead does, and as others where it has less for them. */
function views(): { part: Part; path: string }[] {
  return routesOf(cast.house.services.rooms)
    .filter(({ route }) => route.startsWith('GET ') && !FILES.test(route))
    .flatMap(({ route, roles }) => {
      const path = route.slice(4).replace(/:(\w+)/g, (_whole, name: string) => cast.ids[name] ?? name);
      const parts = PARTS.filter((part) =>
        roles.some((role) => role === (part === 'member' ? 'fellow' : part)),
      );
      const alike = new Set<Part>(['member', 'mentor']);
      return parts
        .filter((part) => !alike.has(part) || MANY_SIDED.test(route))
        .map((part) => ({ part, path }));
    });
}

describe('Every page', () => {
  it('is accessible in both colour schemes, fits a phone, and is sure of what matters', async () => {
    const found: Record<string, string[]> = {};
    for (const { part, path } of views()) {
      const { page, base, complaints } = seatOf(part);
      complaints.length = 0;
      await page.goto(base + path);
      const flaws = [...(await flawsOf(page)), ...complaints];
      const current = await page.locator('.tabs [aria-current=page]').count();
      if (part !== 'visitor' && current !== 1) flaws.push(`${current} tabs are where one is`);
      if (flaws.length > 0) found[`${part} ${path}`] = flaws;
    }
    expect(found).toEqual({});
  }, 600_000);
});
