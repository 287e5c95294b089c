import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createDemoClock } from '../src/cli/demo-clock.ts';
import { NEW_COURSE, PEOPLE } from '../src/demo-lms/index.ts';
import { attribute } from './support/forms.ts';
import { type House, openHouse } from './support/house.ts';
import { Browser, type Page, textOf } from './support/http.ts';

const DAY_MS = 24 * 3_600_000;
const clock = createDemoClock();
let house: House;
let manager: Browser;
let home: Page;
/** What a step finds and the next ones need. */
let group: { url: string; name: string; memberIds: string[] };
let lead: string;
let deputy: string;

beforeAll(async () => {
  house = await openHouse({ seed: 'demo', clock: clock.now });
  house.services.jobs.start();
});
afterAll(() => house.close());

const said = (page: Page): string => textOf(page.html);

const nameOf = async (personId: string): Promise<string> =>
  (await house.lms.store.people.findOne({ _id: personId }))?.name ?? '';
const gradeOf = (personId: string) => house.lms.store.grades.findOne({ courseId: NEW_COURSE, personId });

/** Looks again, as the page itself would, until what is under way is done. */
async function settled(browser: Browser, page: Page): Promise<Page> {
  for (let shown = page; ; shown = await browser.get(page.url)) {
    if (!/http-equiv="refresh"/.test(shown.html)) return shown;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** Opens "My Peer Group" from the LMS's course page, in a window of its own. */
async function openAs(personId: string): Promise<[Browser, Page]> {
  const browser = new Browser();
  const course = await browser.post(`${house.lms.url}/person`, { person: personId, course: NEW_COURSE });
  return [browser, await browser.submit(await browser.follow(course, 'Open in a new window'), '/lti/launch')];
}

test('the administrator finds the tool installed', async () => {
  const browser = new Browser();
  await browser.post(`${house.lms.url}/person`, { person: PEOPLE.administrator });
  expect(said(await browser.get(`${house.lms.url}/tools`))).toMatch(/Peer Group Courses open this one/);
});

test('the Community Manager opens the new course and sees four numbers', async () => {
  await openAs(PEOPLE.mentor);
  [manager, home] = await openAs(PEOPLE.manager);
  expect(said(home)).toMatch(/People 0 .*Placed 0 .*Meetups held 0 .*Grades posted 0/);
});

test('Roster, Sync roster: 300 fellows', async () => {
  const roster = await manager.follow(home, 'Roster');
  const synced = await settled(manager, await manager.press(roster, 'Sync roster'));
  expect(said(synced)).toMatch(/30[02] /);
  expect(said(await manager.get(home.url))).toContain('People 300');
});

test('a fellow whose track and place are unknown is asked for them', async () => {
  const [, page] = await openAs('1001');
  expect(said(page)).toContain('Tell us your track and where you are');
});

test('a CSV with tracks and places, downloaded from the LMS, is read, looked at and applied', async () => {
  const browser = new Browser();
  const course = await browser.post(`${house.lms.url}/person`, {
    person: PEOPLE.manager,
    course: NEW_COURSE,
  });
  const csv = await browser.follow(course, 'Tracks and places');
  const upload = await manager.follow(await manager.follow(home, 'Roster'), 'Upload');
  const file = new File([csv.html], 'tracks.csv', { type: 'text/csv' });
  const read = await manager.press(upload, 'Read the file', { file });
  expect(said(read)).toContain('300 fellows were found');
  const applied = await settled(manager, await manager.press(read, 'Apply'));
  expect(said(applied)).toContain('The values of 300 fellows are in');
});

test('Groups, Propose groups, look at the proposal, Publish groups', async () => {
  const groups = await manager.follow(home, 'Groups');
  const proposal = await settled(manager, await manager.press(groups, 'Propose groups'));
  expect(said(proposal)).toMatch(/\d+ groups.*\d+ fellows/);
  const asked = await manager.press(proposal, 'Publish groups');
  const published = await settled(manager, await manager.press(asked, 'Publish groups'));
  expect(said(published)).toContain('The groups are published');
  const list = await manager.follow(published, 'See the groups');
  const first = [...list.html.matchAll(/<a href="([^"]*\/groups\/g\/[^"]+)">([^<]+)</g)][0];
  const page = await manager.get(new URL(first?.[1] ?? '', list.url).href);
  const members = /<select id="person-lead"[\s\S]*?<\/select>/.exec(page.html)?.[0] ?? '';
  const memberIds = [...members.matchAll(/<option[^>]*>/g)].map(([tag]) => attribute(tag, 'value') ?? '');
  group = { url: page.url, name: first?.[2] ?? '', memberIds: memberIds.filter((id) => id !== '') };
  expect(group.memberIds.length).toBeGreaterThanOrEqual(4);
});

test('the Community Manager appoints a Peer Lead and a Deputy', async () => {
  const [first = '', second = ''] = group.memberIds;
  const led = await manager.press(await manager.get(group.url), 'Appoint Peer Lead', { person: first });
  const both = await manager.press(led, 'Appoint Deputy', { person: second });
  const named = [...said(both).matchAll(/End (.+?)'s appointment/g)].map(([, name = '']) => name);
  expect(named).toHaveLength(2);
  const people = house.lms.store.enrolments;
  lead = (await people.findOne({ courseId: NEW_COURSE, name: named[0] ?? '' }))?.personId ?? '';
  deputy = (await people.findOne({ courseId: NEW_COURSE, name: named[1] ?? '' }))?.personId ?? '';
  expect(lead).not.toBe(deputy);
});

test('a fellow sees the group at once: name, why this place, members with roles, what to do next', async () => {
  const [, page] = await openAs(deputy);
  const text = said(page);
  for (const words of [
    group.name,
    'Why this group?',
    'Next meetup',
    'What to do next',
    'Peer Lead',
    'Deputy',
  ])
    expect(text).toContain(words);
});

test('a fellow without a group sees why, and what happens next', async () => {
  await house.lms.addPerson(NEW_COURSE, { id: '8001', name: 'Late Comer' });
  const [browser, page] = await openAs('8001');
  expect(said(page)).toContain('Tell us your track and where you are');
  const areas = await browser.press(page, 'Show the state', { track: 'Cybersecurity', state: 'Lagos' });
  const told = await browser.press(areas, 'Save', { lga: 'Ikeja' });
  const own = await browser.follow(told, 'Group');
  expect(said(own)).toMatch(/You are not in a group yet .* What happens next/);
});

test('the Peer Lead plans a meetup, and after it takes the roll', async () => {
  const [browser, page] = await openAs(lead);
  const form = await browser.follow(page, 'Plan a meetup');
  const far = await browser.press(form, 'Plan a meetup', {
    title: 'Hello',
    link: 'https://example.org/room',
  });
  expect(far.status).toBe(422);
  const filled = { title: 'Hello', link: 'https://meet.google.com/aaa-bbbb-ccc' };
  expect(said(await browser.press(far, 'Plan a meetup', filled))).toContain('Hello');
  const [, before] = await openAs(deputy);
  expect(said(before)).toMatch(/Next meetup .*Hello/);

  clock.travel(new Date(Date.now() + 8 * DAY_MS));
  const [later, again] = await openAs(lead);
  const roll = await later.follow(again, 'Take the roll');
  const absent = [...roll.html.matchAll(/name="(p_[^"]+)" value="missed"/g)].map(([, name = '']) => name);
  const taken = await later.press(roll, 'Everyone else was here', { [absent.at(-1) ?? '']: 'missed' });
  expect(said(taken)).toMatch(/\d of \d came/);
});

test('the Community Manager posts grades, and the gradebook of the LMS shows them', async () => {
  [manager, home] = await openAs(PEOPLE.manager);
  const grades = await manager.follow(home, 'Grades');
  const asked = await manager.follow(grades, 'Post grades');
  const posted = await settled(manager, await manager.press(asked, 'Post grades'));
  expect(said(posted)).toContain('Posting is done');
  const shown = await house.lms.store.grades.find({ courseId: NEW_COURSE }).toArray();
  expect(shown.map(({ score }) => score).toSorted()).toEqual([0, ...shown.slice(1).map(() => 100)]);
  expect(shown).toHaveLength(group.memberIds.length);
  const browser = new Browser();
  await browser.post(`${house.lms.url}/person`, { person: lead });
  const own = await browser.get(`${house.lms.url}/courses/${NEW_COURSE}/grades`);
  expect(said(own)).toMatch(/My grades .*Peer participation .*(100|0)/);
});

test('a grade that staff changed in the LMS is held, not overwritten', async () => {
  const browser = new Browser();
  await browser.post(`${house.lms.url}/person`, { person: PEOPLE.manager });
  const book = await browser.get(
    `${house.lms.url}/courses/${NEW_COURSE}/grades?q=${encodeURIComponent(await nameOf(lead))}`,
  );
  await browser.press(book, 'Save', { score: '42' });
  // A correction of the roll gives the Peer Lead another score than the one that was posted.
  const [leads, page] = await openAs(lead);
  const roll = await leads.follow(await leads.follow(page, 'All meetups'), 'Correct the roll');
  await leads.press(roll, 'Save the roll', { [`p_${group.memberIds[0] ?? ''}`]: 'missed' });
  expect(await gradeOf(lead)).toMatchObject({ score: 42, overridden: true });
  const asked = await manager.follow(await manager.follow(home, 'Grades'), 'Post grades');
  const posted = await settled(manager, await manager.press(asked, 'Post grades'));
  expect(said(posted)).toMatch(/Posted \d+ Unchanged \d+ Held 1 /);
  expect(await gradeOf(lead)).toMatchObject({ score: 42, overridden: true });

  const choice = await manager.follow(posted, 'Choose');
  await settled(manager, await manager.press(choice, 'anyway'));
  expect(await gradeOf(lead)).toMatchObject({ score: 0, overridden: false });
});
