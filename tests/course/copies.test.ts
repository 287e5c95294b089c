import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { historyOf } from '../../src/course/copies/history.ts';
import { type House, openHouse } from '../support/house.ts';
import { textOf } from '../support/http.ts';

const CUSTOM = 'https://purl.imsglobal.org/spec/lti/claim/custom';
const LINK = 'https://purl.imsglobal.org/spec/lti/claim/resource_link';
const OFFER = 'This course was copied';

let house: House;
beforeAll(async () => {
  house = await openHouse();
  for (const course of ['old', 'new', 'moved', 'linked', 'stranger'])
    await house.lms.addCourse(course, `The ${course} course`);
  for (const course of ['old', 'new', 'moved', 'linked', 'stranger']) {
    await house.lms.addPerson(course, { id: 'ngozi', name: 'Ngozi Eze', role: 'instructor' });
    await house.lms.addPerson(course, { id: 'ada', name: 'Ada Obi' });
  }
  await house.lms.addPerson('new', { id: 'bola', name: 'Bola Ade', role: 'instructor' });
  const { browser, page } = await house.open('ngozi', 'old');
  const settings = await browser.get(new URL(`${launchOf(page.url)}/settings`, page.url).href);
  await browser.submit(settings, '/settings', {
    tracks: 'Beekeeping\nBread',
    one_track: 'Bread',
    time_zone: 'Africa/Accra',
    channels: 'meet.example.org Meet',
  });
  await house.open('ada', 'old');
});
afterAll(() => house.close());
afterEach(() => house.lms.behaviour.reset());

function launchOf(address: string): string {
  return /^\/l\/[^/]+/.exec(new URL(address).pathname)?.[0] ?? '';
}

/** Opens a course of which the LMS says what it, or its link, was copied from. */
async function open(
  person: string,
  course: string,
  told: { context?: string; link?: string; linkId?: string },
) {
  house.lms.behaviour.spoil = (claims) => {
    Object.assign(claims[CUSTOM] as object, {
      ...(told.context === undefined ? {} : { context_history: told.context }),
      ...(told.link === undefined ? {} : { resource_link_history: told.link }),
    });
    if (told.linkId !== undefined) Object.assign(claims[LINK] as object, { id: told.linkId });
  };
  return house.open(person, course);
}

describe('a copied course', () => {
  test('starts empty and offers staff the settings of the old one; fellows hear nothing of it', async () => {
    const fellow = await open('ada', 'new', { context: 'gone,old' });
    expect(fellow.page.html).not.toContain(OFFER);
    const { browser, page } = await open('ngozi', 'new', { context: 'gone,old' });
    expect(textOf(page.html)).toContain('Your LMS made it from The old course.');
    const roster = await browser.get(new URL(`${launchOf(page.url)}/settings`, page.url).href);
    expect(roster.html).not.toContain('Beekeeping');
  });

  test('does not name the old course to staff who were not there', async () => {
    const { page } = await open('bola', 'new', { context: 'old' });
    expect(page.html).toContain(OFFER);
    expect(page.html).not.toContain('The old course');
  });

  test('takes over settings alone, once, with a line in the audit', async () => {
    const { browser, page } = await open('ngozi', 'new', { context: 'old' });
    const settings = await browser.submit(page, '/copied/take');
    for (const value of ['Beekeeping', 'Africa/Accra', 'meet.example.org'])
      expect(settings.html).toContain(value);
    const again = await browser.submit(page, '/copied/take');
    expect(again.status).toBe(409);
    const home = await browser.get(page.url);
    expect(home.html).not.toContain(OFFER);
    const rows = await house.database.connection
      .collection('audit')
      .find({ action: 'take over settings' })
      .toArray();
    expect(rows).toHaveLength(1);
    const copied = rows[0]?.['courseId'] as string;
    const people = await house.database.connection
      .collection('enrolments')
      .find({ courseId: copied })
      .toArray();
    expect(people.map(({ name }) => name as string).sort()).toEqual(['Ada Obi', 'Bola Ade', 'Ngozi Eze']);
  });

  test('that staff start from new is not offered anything again', async () => {
    const { browser, page } = await open('ngozi', 'moved', { context: 'old' });
    await browser.submit(page, '/copied/decline');
    expect((await open('ngozi', 'moved', { context: 'old' })).page.html).not.toContain(OFFER);
    expect((await browser.get(new URL(`${launchOf(page.url)}/settings`, page.url).href)).html).not.toContain(
      'Beekeeping',
    );
  });

  test('is known by its link, where the LMS tells the link’s history alone', async () => {
    await open('ngozi', 'old', { linkId: 'link-of-old' });
    const { page } = await open('ngozi', 'linked', {
      link: 'link-before, link-of-old',
      linkId: 'link-of-new',
    });
    expect(page.html).toContain(OFFER);
  });

  test('is none where the history names nothing we know', async () => {
    const { page } = await open('ngozi', 'stranger', { context: 'elsewhere,$Context.id.history', link: 'x' });
    expect(page.html).not.toContain(OFFER);
  });

  test('is decided by staff alone', async () => {
    const { browser, page } = await open('ada', 'linked', { context: 'old' });
    const profile = await browser.get(new URL(`${launchOf(page.url)}/me/profile`, page.url).href);
    const csrf = /name="_csrf" value="([^"]+)"/.exec(profile.html)?.[1] ?? '';
    const answer = await browser.post(new URL(`${launchOf(page.url)}/copied/take`, page.url).href, {
      _csrf: csrf,
    });
    expect(answer.status).toBe(403);
  });
});

test.each([
  [undefined, []],
  ['', []],
  ['7', ['7']],
  ['9, 8,,7', ['9', '8', '7']],
  ['a%2Cb,%E0%A4%A', ['a,b', '%E0%A4%A']],
])('the history %j is %j', (value, ids) => {
  expect(historyOf(value)).toEqual(ids);
});
