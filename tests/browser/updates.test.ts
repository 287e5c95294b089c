import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { type Cast, openCast } from '../support/cast.ts';
import { launchChromium } from '../support/chromium.ts';
import { complaintsOf, flawsOf } from './support/looks.ts';
import { heading } from './support/lms.ts';

let cast: Cast;
let browser: Browser;
let page: Page;
let complaints: string[];
let staff: string;
beforeAll(async () => {
  cast = await openCast();
  browser = await launchChromium();
  const context = await browser.newContext({ viewport: { width: 360, height: 740 } });
  context.setDefaultTimeout(15_000);
  page = await context.newPage();
  complaints = complaintsOf(page);
  await cast.house.lms.addPerson('ours', { id: 'ours-late', name: 'Lami Late' });
  staff = await launch(cast.people.manager);
});
afterAll(async () => {
  await browser.close();
  await cast.close();
});

async function launch(personId: string): Promise<string> {
  await page.goto(await cast.house.lms.startLaunch({ personId, courseId: 'ours' }));
  await page.waitForURL(/\/l\//);
  return /^.*\/l\/[\w-]+/.exec(page.url())?.[0] ?? '';
}
const flaws = async (): Promise<string[]> => [...(await flawsOf(page)), ...complaints];
const person = () => `/groups/people/${cast.ids['personId'] ?? ''}`;

describe('Pages of who comes and goes', () => {
  it('show a move that is to come, and take one person by hand with a look at what it does', async () => {
    await page.goto(`${staff}/groups/updates`);
    await heading(page, 'Who comes and goes');
    expect(await flaws()).toEqual([]);
    await page.goto(staff + person());
    await page.getByRole('button', { name: 'See what it does' }).click();
    await page.getByRole('button', { name: 'Move to group' }).waitFor();
    expect(await flaws()).toEqual([]);
    await page.goto(`${staff}${person()}?to=out`);
    await page.getByRole('button', { name: 'Take out of group' }).click();
    await page.getByText('is in no group now').waitFor();
    expect(await flaws()).toEqual([]);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('is now in').waitFor();
    await page.getByRole('button', { name: 'See what it does' }).click();
    await page.getByRole('button', { name: 'Move to group' }).click();
    await page.getByText('takes effect on').waitFor();
    expect(await flaws()).toEqual([]);
  });

  it('propose an update, show what it costs, and say who is told what', async () => {
    await page.goto(`${staff}/groups/updates`);
    await page.getByRole('checkbox').uncheck();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.locator('#done', { hasText: 'Saved.' }).waitFor();
    await page.goto(`${staff}/roster`);
    await page.getByRole('button', { name: 'Sync roster' }).click();
    await page.waitForURL(/\/roster\/sync/);
    await cast.house.services.jobs.runDue();
    await page.goto(`${staff}/groups/updates`);
    await page.getByText('Lami Late').waitFor();
    expect(await flaws()).toEqual([]);
    await page.getByRole('button', { name: 'Propose an update' }).click();
    await page.waitForURL(/proposing/);
    await cast.house.services.jobs.runDue();
    await heading(page, 'Update of the groups');
    expect(await flaws()).toEqual([]);
    await page.getByRole('button', { name: 'Publish the update' }).click();
    await heading(page, 'Publish this update?');
    await page.locator('#told summary').click();
    expect(await flaws()).toEqual([]);
  });

  it('tell a fellow what is new, and let them object to a move', async () => {
    const base = await launch(cast.people.member);
    await page.goto(`${base}/group`);
    await page.locator('#notices').waitFor();
    expect(await flaws()).toEqual([]);
    await page.getByRole('link', { name: 'See the move, or object' }).click();
    await heading(page, 'Your move to another group');
    expect(await flaws()).toEqual([]);
    await page.getByLabel('Why').fill('I would rather stay with my friends.');
    await page.getByRole('button', { name: 'Send to my Community Manager' }).click();
    await page.getByText('You objected').waitFor();
    expect(await flaws()).toEqual([]);
    await page.goto(`${await launch(cast.people.manager)}/groups/updates`);
    await page.getByRole('button', { name: 'Keep the move' }).waitFor();
    expect(await flaws()).toEqual([]);
  });
});

describe('Whoever is being looked a group for', () => {
  it('sees it come by itself, with script', async () => {
    await page.goto(`${staff}/groups/updates`);
    await page.getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.locator('#done', { hasText: 'Saved.' }).waitFor();
    await cast.house.lms.addPerson('ours', { id: 'ours-soon', name: 'Sade Soon' });
    const base = await launch('ours-soon');
    await page.goto(`${base}/group?later=1`);
    await page.getByText('We are looking for a group').waitFor();
    await cast.house.services.jobs.runDue();
    await page.getByText('fellows learning together').waitFor();
    expect(await flaws()).toEqual([]);
  });
});
