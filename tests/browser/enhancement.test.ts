import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { type Cast, openCast } from '../support/cast.ts';
import { launchChromium } from '../support/chromium.ts';
import { fillInMeetup } from './support/acts.ts';
import { heading, tab } from './support/lms.ts';

let cast: Cast;
let browser: Browser;
let context: BrowserContext;
let page: Page;
let base: string;
beforeAll(async () => {
  cast = await openCast();
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await cast.close();
});
beforeEach(async () => {
  context = await browser.newContext({ viewport: { width: 720, height: 740 } });
  context.setDefaultTimeout(15_000);
  page = await context.newPage();
  await page.goto(await cast.house.lms.startLaunch({ personId: cast.people.manager, courseId: 'ours' }));
  await page.waitForURL(/\/l\//);
  base = /^.*\/l\/[\w-]+/.exec(page.url())?.[0] ?? '';
});
afterEach(() => context.close());

const planning = () => `${base}/groups/g/${cast.ids['groupId'] ?? ''}/meetups/new`;
const title = () => page.getByLabel('What it is about');
const plan = () => page.getByRole('button', { name: 'Plan a meetup' });

async function fillIn(words: string): Promise<void> {
  await page.goto(planning());
  await fillInMeetup(page, words, new Date(Date.now() + 86_400_000));
  await page.getByLabel('Link to join').fill('https://meet.google.com/abc-defg-hij');
}

/** As if it had been open for too long. */
async function endVisit(): Promise<void> {
  const sessions = cast.house.database.connection.collection<{ _id: string }>('sessions');
  await sessions.deleteOne({ _id: base.slice(base.lastIndexOf('/') + 1) });
}

/** POSTs that leave the browser from now on. */
function posts(): string[] {
  const sent: string[] = [];
  page.on('request', (request) => {
    if (request.method() === 'POST') sent.push(new URL(request.url()).pathname);
  });
  return sent;
}

describe('A form that cannot be sent', () => {
  it('says so, keeps what was typed, and goes out once the connection is back', async () => {
    await fillIn('On a train');
    await context.setOffline(true);
    await plan().click();
    await page.getByRole('alert').getByText('What you entered is still here').waitFor();
    expect(await title().inputValue()).toBe('On a train');
    await context.setOffline(false);
    await plan().click();
    await heading(page, 'Meetups');
    await page.getByText('On a train').waitFor();
  });

  it('keeps what was typed where the answer is a refusal, and says what to do', async () => {
    await fillIn('After the visit was over');
    await endVisit();
    await plan().click();
    await page.getByRole('alert').getByText('This address belongs to a visit that is over').waitFor();
    await page.getByRole('alert').getByText('give this reference').waitFor();
    expect(await title().inputValue()).toBe('After the visit was over');
  });
});

describe('A form that goes out', () => {
  it.each(['taken', 'refused'])('goes out once, however often it is tapped, and is %s', async (how) => {
    await fillIn('Tapped twice');
    if (how === 'refused') await endVisit();
    let answer: () => void = () => undefined;
    const tapped = new Promise<void>((resolve) => (answer = resolve));
    await page.route('**/meetups', async (route) => {
      await tapped;
      await route.continue();
    });
    const sent = posts();
    await plan().click();
    await plan().click();
    answer();
    await (how === 'taken' ? heading(page, 'Meetups') : page.getByRole('alert').waitFor());
    // Whatever a second tap had queued would go out before this.
    const last = page.waitForRequest(/sign-out/);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await last;
    expect(sent.filter((path) => path.endsWith('/meetups'))).toHaveLength(1);
  });

  it('leads to the next page without a reload, with its address, its title and its heading in focus', async () => {
    await fillIn('Without a reload');
    await page.evaluate('window.kept = true');
    await plan().click();
    await heading(page, 'Meetups');
    expect(await page.evaluate('window.kept')).toBe(true);
    expect(new URL(page.url()).pathname).toMatch(/\/meetups$/);
    expect(await page.title()).toBe('Meetups · Peer Group');
    expect(await page.locator(':focus').innerText()).toBe('Meetups');
  });

  it('takes the person to the first field that needs them, tied to its words', async () => {
    await fillIn('Elsewhere');
    await page.getByLabel('Link to join').fill('https://chat.example/room');
    await plan().click();
    const field = page.locator(':focus');
    await page.locator('[aria-invalid=true]:focus').waitFor();
    expect(await field.getAttribute('name')).toBe('link');
    const told = (await field.getAttribute('aria-describedby')) ?? '';
    await page
      .locator(`#${told.split(' ').at(-1) ?? ''}`)
      .getByText('are not approved')
      .waitFor();
  });

  it('leaves Back as it was: the page before, asked for again', async () => {
    await fillIn('Back and forth');
    await plan().click();
    await heading(page, 'Meetups');
    await page.goBack();
    await heading(page, 'Plan a meetup');
    // Pages hold names; the browser is left none of them.
    expect(await page.evaluate('JSON.stringify([sessionStorage, localStorage])')).not.toContain(
      'Back and forth',
    );
  });

  it('says which button sent it, and is not checked where the button asks for no check', async () => {
    const meetups = cast.house.database.connection.collection<{ _id: string }>('meetups');
    const startsAt = new Date();
    await meetups.updateOne({ _id: cast.ids['meetupId'] ?? '' }, { $set: { startsAt } });
    await page.goto(
      `${base}/groups/g/${cast.ids['groupId'] ?? ''}/meetups/${cast.ids['meetupId'] ?? ''}/roll`,
    );
    await page.getByRole('button', { name: 'Everyone else was here' }).click();
    await page.getByText('6 of 6 came').waitFor();
  });
});

describe('Progress', () => {
  it('is followed without a reload, and its end is told to whoever does not see it', async () => {
    await tab(page, 'Roster');
    await page.getByRole('button', { name: 'Sync roster' }).click();
    await heading(page, 'Taking the roster from the LMS');
    await page.evaluate('window.kept = true');
    await cast.house.services.jobs.runDue();
    await heading(page, 'The roster is up to date');
    await page.getByRole('status').getByText('The roster is up to date').waitFor({ state: 'attached' });
    expect(await page.evaluate('window.kept')).toBe(true);
  });

  it('stands still for those who want no motion', async () => {
    await tab(page, 'Roster');
    await page.getByRole('button', { name: 'Sync roster' }).click();
    const moves = () => page.evaluate("document.querySelector('progress').getAnimations().length");
    await page.locator('progress').waitFor();
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    expect(await moves()).toBe(1);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    expect(await moves()).toBe(0);
  });
});
