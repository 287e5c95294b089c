import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { type Cast, openCast } from '../support/cast.ts';
import { launchChromium } from '../support/chromium.ts';
import { complaintsOf, flawsOf } from './support/looks.ts';
import { heading, tab } from './support/lms.ts';

/** As long as an LMS lets a name be, without a place to break it. */
const LONG = 'Oluwaseunfunmilayo'.repeat(6);
let cast: Cast;
let browser: Browser;
let page: Page;
let complaints: string[];
beforeAll(async () => {
  cast = await openCast();
  const { lms } = cast.house;
  await lms.addCourse('new', LONG);
  await lms.addPerson('new', { id: 'new-manager', name: `${LONG} Eze`, role: 'instructor' });
  for (const name of [`${LONG} Bello`, 'Al']) await lms.addPerson('new', { id: `new-${name.length}`, name });
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await cast.close();
});
beforeEach(async () => {
  for (const context of browser.contexts()) await context.close();
  const context = await browser.newContext({ viewport: { width: 360, height: 740 } });
  context.setDefaultTimeout(15_000);
  page = await context.newPage();
  complaints = complaintsOf(page);
});

async function launch(personId: string, courseId: string): Promise<string> {
  await page.goto(await cast.house.lms.startLaunch({ personId, courseId }));
  await page.waitForURL(/\/l\//);
  return /^.*\/l\/[\w-]+/.exec(page.url())?.[0] ?? '';
}
const flaws = async (): Promise<string[]> => [...(await flawsOf(page)), ...complaints];

describe('A course with nobody in it yet, and names without an end', () => {
  it.each(['/', '/roster', '/groups', '/groups/list', '/grades', '/grades/post', '/settings'])(
    '%s',
    async (path) => {
      await page.goto((await launch('new-manager', 'new')) + path);
      expect(await flaws()).toEqual([]);
    },
  );

  it('a roster that is being taken, and one that was', async () => {
    await launch('new-manager', 'new');
    await tab(page, 'Roster');
    await page.getByRole('button', { name: 'Sync roster' }).click();
    await heading(page, 'Taking the roster from the LMS');
    expect(await flaws()).toEqual([]);
    await cast.house.services.jobs.runDue();
    await heading(page, 'The roster is up to date');
    await tab(page, 'Roster');
    await page.getByRole('link', { name: LONG }).first().waitFor();
    expect(await flaws()).toEqual([]);
  });

  it('a fellow who is asked first, then corrected, then waits', async () => {
    const base = await launch('new-2', 'new');
    await heading(page, 'About you');
    expect(await flaws()).toEqual([]);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('alert').waitFor();
    expect(await flaws()).toEqual([]);
    await page.goto(`${base}/group?later=1`);
    await heading(page, 'You are not in a group yet');
    expect(await flaws()).toEqual([]);
  });
});

describe('What is refused', () => {
  it('in a visit, and without one', async () => {
    await page.goto(`${await launch(cast.people.manager, 'ours')}/nothing`);
    await heading(page, 'Nothing is here');
    expect(await flaws()).toEqual([]);
    await page.goto(`${cast.house.url}/l/${'a'.repeat(22)}/`);
    await heading(page, 'Please open this from your course');
    expect(await flaws()).toEqual([]);
  });

  it('in a form', async () => {
    const base = await launch(cast.people.manager, 'ours');
    await page.goto(`${base}/groups/g/${cast.ids['groupId'] ?? ''}/meetups/new`);
    await page.getByLabel('What it is about').fill('Elsewhere');
    await page.getByLabel('Link to join').fill('https://chat.example/room');
    await page.getByRole('button', { name: 'Plan a meetup' }).click();
    await page.locator('[aria-invalid=true]').first().waitFor();
    expect(await flaws()).toEqual([]);
  });
});

describe('The page for whoever installs it by hand', () => {
  it('is accessible and fits a phone', async () => {
    await page.goto(`${cast.house.url}/lti/register`);
    expect(await flaws()).toEqual([]);
  });
});

describe('With the keyboard alone', () => {
  it('a meetup is planned: skip the menu, fill in, send', async () => {
    const base = await launch(cast.people.manager, 'ours');
    await page.goto(`${base}/groups/g/${cast.ids['groupId'] ?? ''}/meetups/new`);
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').innerText()).toBe('Skip to content');
    expect((await page.locator(':focus').boundingBox())?.x).toBeGreaterThanOrEqual(0);
    await page.keyboard.press('Enter');
    await tabTo('title');
    await page.keyboard.type('By keyboard');
    await tabTo('link');
    await page.keyboard.type('https://meet.google.com/abc-defg-hij');
    await page.keyboard.press('Enter');
    await heading(page, 'Meetups');
    await page.getByText('By keyboard').waitFor();
  });

  it('every stop shows where it is', async () => {
    const base = await launch(cast.people.manager, 'ours');
    await page.goto(`${base}/groups/g/${cast.ids['groupId'] ?? ''}`);
    const stops = await page.locator('a[href], button, select, summary, input:not([type=hidden])').count();
    const unseen: string[] = [];
    for (let stop = 0; stop < stops; stop += 1) {
      await page.keyboard.press('Tab');
      const seen = await page.evaluate<string>('getComputedStyle(document.activeElement).outlineStyle');
      if (seen === 'none') unseen.push(await page.locator(':focus').innerText());
    }
    expect(unseen).toEqual([]);
  });

  /** Goes on to the field of this name, as a person does who looks where they are. */
  async function tabTo(name: string): Promise<void> {
    for (let presses = 0; presses < 20; presses += 1) {
      await page.keyboard.press('Tab');
      if ((await page.evaluate('document.activeElement.name')) === name) return;
    }
    throw new Error(`No Tab leads to ${name}.`);
  }
});
