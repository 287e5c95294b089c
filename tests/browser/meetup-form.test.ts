import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { type Cast, openCast } from '../support/cast.ts';
import { launchChromium } from '../support/chromium.ts';

let cast: Cast;
let browser: Browser;
beforeAll(async () => {
  cast = await openCast();
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await cast.close();
});

/** The form of a new meetup as the Peer Lead has it, with script or without. */
async function openForm(javaScriptEnabled: boolean): Promise<Page> {
  const page = await (await browser.newContext({ javaScriptEnabled })).newPage();
  await page.goto(await cast.house.lms.startLaunch({ personId: cast.people.fellow, courseId: 'ours' }));
  for (const button of await page.getByRole('button', { name: /^(Continue|Open the tool)$/ }).all())
    await button.click();
  await page.waitForURL(/\/l\//);
  const base = /^.*\/l\/[\w-]+/.exec(page.url())?.[0] ?? '';
  await page.goto(`${base}/groups/g/${cast.ids['groupId'] ?? ''}/meetups/new`);
  return page;
}
const fillIn = async (page: Page, date: string): Promise<void> => {
  await page.getByLabel('What it is about').fill('Review');
  await page.getByLabel('Link to join').fill('https://discord.gg/abc');
  await page.getByLabel('Date').fill(date);
  await page.getByRole('button', { name: 'Plan a meetup' }).click();
};

describe('The form of a meetup', () => {
  it.each([true, false])('asks how many times only of what repeats (script: %s)', async (script) => {
    const page = await openForm(script);
    const times = page.getByLabel('How many times');
    expect(await times.isVisible()).toBe(false);
    await page.getByLabel('Repeat').selectOption('Every week');
    expect(await times.isVisible()).toBe(true);
    await page.context().close();
  });

  it('marks the date where the day is over, and no longer once another is chosen', async () => {
    const page = await openForm(true);
    await fillIn(page, '2020-02-01');
    const alert = page.getByRole('alert');
    await alert.waitFor();
    const marked = page.locator('[aria-invalid=true]');
    expect([await marked.count(), await marked.getAttribute('id')]).toEqual([1, 'date']);
    await page.getByLabel('Date').fill(new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10));
    await alert.waitFor({ state: 'detached' });
    expect(await page.locator('[aria-invalid=true], .error').count()).toBe(0);
    await page.context().close();
  });

  it('says above the next page what was done, and reads it out', async () => {
    const page = await openForm(true);
    await fillIn(page, new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10));
    await page.locator('#done').getByText('The meetup is planned.').waitFor();
    expect(await page.locator('#live').textContent()).toBe('The meetup is planned.');
    await page.context().close();
  });
});
