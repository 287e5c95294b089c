import type { IncomingMessage, ServerResponse } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { NEW_COURSE } from '../../../src/demo-lms/index.ts';
import { CHROMIUM_ARGUMENTS, chromiumPath } from '../../support/chromium.ts';
import { type House, openHouse } from '../../support/house.ts';

const WIDTHS = [360, 1280];
let house: House;
let context: BrowserContext;
let directory: string;
let partitioned = true;
beforeAll(async () => {
  house = await openHouse({ seed: 'demo', onRequest: withoutPartitions });
  await house.lms.coupleColumn(NEW_COURSE, { label: 'Participation', scoreMaximum: 100 });
});
afterAll(() => house.close());
afterEach(async () => {
  await context.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Takes the attribute away, as a browser does that does not know it. */
function withoutPartitions(_req: IncomingMessage, res: ServerResponse): void {
  if (partitioned) return;
  const setHeader = res.setHeader.bind(res);
  res.setHeader = (name, value) => {
    const cookies = [value].flat().map((cookie) => String(cookie).replace(/; Partitioned/i, ''));
    return setHeader(name, name.toLowerCase() === 'set-cookie' ? cookies : value);
  };
}

// The second takes the place of Playwright's own list, which switches the blocking off.
const BLOCKING = ['--test-third-party-cookie-phaseout', '--disable-features=Translate'];

async function open({ blocking = false, script = true } = {}): Promise<Page> {
  partitioned = !blocking;
  directory = mkdtempSync(path.join(tmpdir(), 'peer-group-browser-'));
  context = await chromium.launchPersistentContext(directory, {
    executablePath: await chromiumPath(),
    args: [...CHROMIUM_ARGUMENTS, ...(blocking ? BLOCKING : [])],
    javaScriptEnabled: script,
    viewport: { width: 1280, height: 800 },
  });
  const page = context.pages()[0] ?? (await context.newPage());
  page.setDefaultTimeout(15_000);
  return page;
}

/** Chooses a person below the heading of the new course. */
async function choose(page: Page, name: string): Promise<void> {
  await page.goto(house.lms.url);
  await page.getByRole('button', { name }).first().click();
  await page.waitForURL(/\/courses/);
}
const tool = (page: Page) => page.frameLocator('#tool');

describe('My Peer Group opens in the course page', () => {
  const openTool = async (page: Page): Promise<void> => {
    await choose(page, 'Chidi Okafor');
    await page.getByRole('link', { name: 'Open here' }).click();
    await tool(page).getByRole('link', { name: 'Roster' }).first().waitFor();
  };

  test('and the frame grows with what is in it', async () => {
    const page = await open();
    await openTool(page);
    const inner = await tool(page).locator('body').boundingBox();
    const grown = `document.getElementById('tool').clientHeight >= ${inner?.height ?? Number.MAX_VALUE}`;
    await page.waitForFunction(grown);
  });

  test('also where no cookie of the tool is kept in it: the page keeps its data', async () => {
    const page = await open({ blocking: true });
    await openTool(page);
    expect((await context.cookies(house.url)).map(({ name }) => name)).toEqual([]);
  });

  test('and without script', async () => {
    const page = await open({ script: false });
    await choose(page, 'Sani Shehu');
    await page.getByRole('link', { name: 'Open here' }).click();
    await tool(page).getByRole('button', { name: 'Open the tool' }).click();
    await tool(page).getByText('Tell us your track').waitFor();
  });
});

test('a tool is installed from its own page in the frame, which then makes way', async () => {
  const page = await open();
  await choose(page, 'Ada Admin');
  await page.getByRole('link', { name: 'Tools' }).click();
  await page.getByRole('button', { name: 'Install on this page' }).click();
  await page.waitForURL(/\/tools\?done=installed$/);
  expect(await page.getByText('Installed by dynamic registration').count()).toBe(2);
});

test('every page is accessible, and none scrolls sideways', async () => {
  const page = await open();
  const course = `/courses/${NEW_COURSE}`;
  const pages: [person: string, paths: string[]][] = [
    [
      'Chidi Okafor',
      ['/', '/courses', course, `${course}/roster?q=sani`, `${course}/grades?q=sani`, '/nowhere'],
    ],
    ['Ada Admin', ['/tools', '/tools/new', `/tools/${(await house.lms.store.findSiteTool())?._id ?? ''}`]],
  ];
  for (const [person, paths] of pages) {
    await choose(page, person);
    for (const at of paths) {
      await page.goto(house.lms.url + at);
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 800 });
        const over = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
        expect([at, width, Math.max(0, Number(over))]).toEqual([at, width, 0]);
      }
      const { violations } = await new AxeBuilder({ page })
        .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'])
        .analyze();
      expect([at, violations.map(({ id, nodes }) => [id, nodes[0]?.html])]).toEqual([at, []]);
    }
  }
});
