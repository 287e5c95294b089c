import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Browser, FrameLocator, Page } from 'playwright-core';
import { launchChromium } from '../support/chromium.ts';
import { type House, openHouse } from '../support/house.ts';
import { fillInMeetup, openGroupOf } from './support/acts.ts';
import { addCohort, ALONE, type Cohort, csvOf, MANAGER, PLACED, UNKNOWN } from './support/cohort.ts';
import { choosePerson, heading, type Manner, MANNERS, type Person, tab } from './support/lms.ts';

const MINUTE_MS = 60_000;

let house: House;
let browser: Browser;
/** The course's time; only a meetup's beginning and end move it. */
let offsetMs = 0;
beforeAll(async () => {
  house = await openHouse({ clock: () => new Date(Date.now() + offsetMs) });
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await house.close();
});

describe.each(MANNERS)('From launch to gradebook (script: $script, $width px)', (manner: Manner) => {
  let cohort: Cohort;
  let manager: Person;
  let tool: FrameLocator;
  let lead: Page;
  const as = (name: string) => choosePerson(browser, house, manner, cohort.title, name);
  /** The page shows that something is under way; then it is done, and the page shows that too. */
  const worked = async (running: string, done: RegExp | string): Promise<void> => {
    await heading(tool, running);
    await house.services.jobs.runDue();
    await heading(tool, done);
  };
  const figure = (name: string) => tool.locator('.figures > div').filter({ hasText: name }).locator('dd');

  beforeAll(async () => {
    offsetMs = 0;
    cohort = await addCohort(house, `Cohort ${manner.script ? 'A' : 'B'} ${manner.width}`);
    manager = await as(MANAGER);
  });
  afterAll(async () => {
    for (const context of browser.contexts()) await context.close();
  });

  it('a Community Manager opens the course home in the course, and takes the roster', async () => {
    tool = await manager.openHere();
    await heading(tool, 'Welcome, Ngozi');
    const figures = ['People', 'Placed', 'Meetups held', 'Grades posted'];
    expect(await tool.locator('.figures dt').allInnerTexts()).toEqual(figures);
    await tab(tool, 'Roster');
    await tool.getByRole('button', { name: 'Sync roster' }).click();
    await worked('Taking the roster from the LMS', 'The roster is up to date');
    expect(await figure('New').innerText()).toBe(String(cohort.fellows.length));
  });

  it('uploads tracks and places, and is told by line what was not taken', async () => {
    await tool.getByRole('link', { name: 'Upload tracks and places' }).click();
    const file = { name: 'fellows.csv', mimeType: 'text/csv', buffer: Buffer.from(csvOf(cohort)) };
    await tool.getByLabel('CSV file').setInputFiles(file);
    await tool.getByRole('button', { name: 'Read the file' }).click();
    await heading(tool, 'Check what was read');
    await tool.getByText('“Nobody Here” is not a fellow in the roster').waitFor();
    await tool.getByRole('button', { name: 'Apply' }).click();
    await worked('Applying tracks and places', 'Tracks and places are in');
  });

  it('chooses in Settings one track for whoever has none', async () => {
    await tab(tool, 'Settings');
    expect((await tool.getByLabel('Tracks', { exact: true }).inputValue()).split('\n')).toHaveLength(12);
    await tool.getByLabel('One track for all').selectOption('Data Science');
    await tool.getByRole('button', { name: 'Save' }).click();
    await tool.getByText('Saved.').waitFor();
  });

  it('proposes groups, looks at them with who could not be placed and why, and publishes them', async () => {
    await tab(tool, 'Groups');
    await tool.getByRole('button', { name: 'Propose groups' }).click();
    // With script and without, the progress page leads on by itself.
    await worked('Forming groups', /formed|2 groups/);
    await heading(tool, '2 groups for 12 fellows');
    await tool.getByText('1 is in a track with too few people for a group').waitFor();
    await tool.getByRole('button', { name: 'Publish groups' }).click();
    await heading(tool, 'Publish these groups?');
    await tool.getByRole('button', { name: 'Publish groups' }).click();
    await worked('Publishing the groups', 'The groups are published');
  });

  it('a fellow sees their group at once: name, track, place, why, members, what to do', async () => {
    const page = await (await as(PLACED)).openWindow();
    await heading(page, /Damaturu · Data Science \d/);
    await page.getByText('6 fellows learning together.').waitFor();
    await page.getByText('Why this group?').click();
    await page.getByText('Everyone in it learns Data Science.').waitFor();
    await page.getByText(/When groups were formed, \d+ fellows of your track were waiting in/).waitFor();
    expect(await page.locator('.people li').count()).toBe(6);
    await page.getByText('Your Community Manager appoints a Peer Lead, who plans the first meetup').waitFor();
  });

  it('a fellow without a group sees why, and what happens next', async () => {
    const page = await (await as(ALONE)).openWindow();
    await heading(page, 'You are not in a group yet');
    await page.getByText('too few fellows of your track').waitFor();
    await page.getByRole('heading', { name: 'What happens next' }).waitFor();
  });

  it('a fellow whose place is unknown is asked for it first', async () => {
    const page = await (await as(UNKNOWN)).openWindow();
    await heading(page, 'About you');
    await page.getByLabel('State', { exact: true }).selectOption('Yobe');
    if (!manner.script) await page.getByRole('button', { name: "Show the state's" }).click();
    await page.getByLabel('Local government area', { exact: true }).selectOption('Damaturu');
    await page.getByRole('button', { name: 'Save' }).click();
    await page
      .getByText(/We are looking for a group|You joined/)
      .first()
      .waitFor();
  });

  it('the Community Manager appoints a Peer Lead and a Deputy', async () => {
    await openGroupOf(tool, PLACED);
    await tool.getByLabel('Peer Lead', { exact: true }).selectOption(PLACED);
    await tool.getByRole('button', { name: 'Appoint Peer Lead' }).click();
    await tool.getByRole('button', { name: `End ${PLACED}'s appointment` }).waitFor();
    await tool.getByLabel('Deputy', { exact: true }).selectOption({ index: 1 });
    await tool.getByRole('button', { name: 'Appoint Deputy' }).click();
    await tool.locator('.people .chip', { hasText: 'Deputy' }).waitFor();
  });

  it('the Peer Lead plans a meetup, on an approved channel only', async () => {
    lead = await (await as(PLACED)).openWindow();
    await lead.getByRole('link', { name: 'Plan a meetup' }).click();
    await fillInMeetup(lead, 'Review each other', new Date(Date.now() + 10 * MINUTE_MS));
    await lead.getByLabel('Link to join').fill('https://chat.example/room');
    await lead.getByRole('button', { name: 'Plan a meetup' }).click();
    await lead.getByText('Meetings there are not approved for this course.').waitFor();
    expect(await lead.getByLabel('What it is about').inputValue()).toBe('Review each other');
    await lead.getByLabel('Link to join').fill('https://meet.google.com/abc-defg-hij');
    await lead.getByRole('button', { name: 'Plan a meetup' }).click();
    await heading(lead, 'Meetups');
    await lead.getByRole('link', { name: 'Join on Google Meet' }).waitFor();
  });

  it('and takes the roll after it', async () => {
    offsetMs = 30 * MINUTE_MS;
    await tab(lead, 'Group');
    await lead.getByRole('link', { name: /^Take the roll of/ }).click();
    await heading(lead, 'Roll: Review each other');
    const absent = lead.getByRole('group').filter({ hasNotText: PLACED }).first();
    await absent.getByLabel('Absent').check();
    await lead.getByRole('button', { name: 'Everyone else was here' }).click();
    await lead.getByText('5 of 6 came').waitFor();
  });

  it('the Community Manager posts grades, and the LMS shows them', async () => {
    await tab(tool, 'Grades');
    await tool.getByRole('link', { name: 'Post grades' }).click();
    await tool.getByText("6 scores go to the LMS's gradebook.").waitFor();
    await tool.getByRole('button', { name: 'Post grades' }).click();
    await worked('Posting grades', 'Posting is done');
    expect(await figure('Posted').innerText()).toBe('6');
    await tool.getByRole('link', { name: 'See every grade' }).click();
    await tool.getByRole('row').filter({ hasText: PLACED }).getByText('Posted').waitFor();
    await tool.getByRole('row').filter({ hasText: ALONE }).getByText('Nothing to post yet').waitFor();
    await openGradebook();
    expect(await grade().inputValue()).toBe('100');
  });

  it('a grade that staff changed in the LMS is held, not overwritten', async () => {
    await grade().fill('55');
    await manager.page.getByRole('button', { name: `Save Peer participation of ${PLACED}` }).click();
    await manager.page.getByText('The grade is changed.').waitFor();
    await correctRoll();
    await manager.page.getByRole('link', { name: cohort.title }).click();
    tool = await manager.openHere();
    await tab(tool, 'Grades');
    await tool.getByRole('link', { name: 'Post grades' }).click();
    await tool.getByRole('button', { name: 'Post grades' }).click();
    await worked('Posting grades', 'Posting is done');
    expect(await figure('Held').innerText()).toBe('1');
    await tool.getByRole('link', { name: 'Choose' }).click();
    await tool.getByText('The LMS shows 55 of 100, which is not from here.').waitFor();
    await openGradebook();
    expect(await grade().inputValue()).toBe('55');
  });

  const grade = () => manager.page.getByLabel(`Peer participation, ${PLACED}`, { exact: true });
  /** By keyboard: the frame above the link grows with what it shows, and a click may miss what moves. */
  const openGradebook = () => manager.page.getByRole('link', { name: 'Gradebook' }).press('Enter');
  /** What changes the Peer Lead's score. */
  async function correctRoll(): Promise<void> {
    await lead.getByRole('link', { name: 'Correct the roll' }).click();
    await lead.getByRole('group', { name: PLACED }).getByLabel('Absent').check();
    await lead.getByRole('button', { name: 'Save the roll' }).click();
    await lead.getByText('4 of 6 came').waitFor();
  }
});
