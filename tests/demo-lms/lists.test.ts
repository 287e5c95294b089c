import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NEW_COURSE, PEOPLE, THIRD_WEEK_COURSE } from '../../src/demo-lms/index.ts';
import { type Browser, type Page, textOf } from '../support/http.ts';
import { COURSE, FELLOW, openSite, type TestSite } from './support/site.ts';

let house: TestSite;
let url: string;
beforeAll(async () => {
  house = await openSite();
  url = house.url;
});
afterAll(() => house.close());

const as = (person: string | null): Promise<Browser> => house.as(person);
const statusOf = (browser: Browser, path: string): Promise<number> => house.statusOf(browser, path);
const tokenOf = (personId: string): Promise<string> => house.tokenOf(personId);
const personOf = (id: string) => house.lms.store.people.findOne({ _id: id });

describe('the roster', () => {
  const roster = `${COURSE}/roster`;
  const open = async (query = ''): Promise<[Browser, Page]> => {
    const browser = await as(PEOPLE.manager);
    return [browser, await browser.get(`${url}${roster}${query}`)];
  };

  it('comes in pages of fifty, each person once', async () => {
    const seen = new Set<string>();
    const [browser, first] = await open();
    let page = first;
    for (let pages = 0; pages < 10; pages += 1) {
      for (const [, id = ''] of page.html.matchAll(/roster\/(\w+)\/name"/g)) seen.add(id);
      const next = /href="([^"]+)" rel="next"/.exec(page.html)?.[1];
      if (next === undefined) break;
      page = await browser.get(new URL(next.replaceAll('&amp;', '&'), url).href);
    }
    expect(seen.size).toBe(302);
  });

  it('finds names, whatever stands in the search', async () => {
    const [, found] = await open('?q=sani%20sh');
    expect(textOf(found.html)).toContain('Sani Shehu');
    const [, none] = await open(`?q=${encodeURIComponent('<b>.*(')}`);
    expect(textOf(none.html)).toContain('Nobody here has such a name');
    expect(none.html).not.toContain('<b>.*(');
  });

  it('takes a new person, whom the tool sees at once', async () => {
    const [browser, page] = await open();
    const after = await browser.submit(page, roster, { name: "Ngozi O'Neil", role: 'mentor' });
    expect(textOf(after.html)).toContain("Ngozi O'Neil");
    const row = await house.lms.store.enrolments.findOne({ courseId: NEW_COURSE, name: "Ngozi O'Neil" });
    expect(row).toMatchObject({ role: 'mentor', suspended: false, personId: '9001' });
    expect((await personOf('9001'))?.email).toBe('person9001@fellows.example');
  });

  it('refuses a new person without a name', async () => {
    const [browser, page] = await open();
    expect((await browser.submit(page, roster, { name: '  ' })).status).toBe(400);
  });

  it('renames, suspends and brings back, and stays where it was', async () => {
    const [browser, page] = await open('?q=sani&page=1');
    const renamed = await browser.submit(page, `/${FELLOW}/name`, { name: 'Sani Renamed' });
    expect(renamed.url).toContain('q=sani');
    expect((await personOf(FELLOW))?.name).toBe('Sani Renamed');
    const suspended = await browser.submit(renamed, `/${FELLOW}/suspend`);
    expect(textOf(suspended.html)).toContain('Suspended');
    expect(await statusOf(await as(FELLOW), COURSE)).toBe(403);
    await browser.submit(suspended, `/${FELLOW}/restore`);
    expect(await statusOf(await as(FELLOW), COURSE)).toBe(200);
  });

  it('does not let staff lock themselves out', async () => {
    const [browser, page] = await open('?q=Chidi');
    expect((await browser.submit(page, `/${PEOPLE.manager}/suspend`)).status).toBe(409);
  });
});

describe('the gradebook', () => {
  const grades = `${COURSE}/grades`;
  let itemId = '';
  beforeAll(async () => {
    await house.lms.coupleColumn(NEW_COURSE, { label: 'Participation', scoreMaximum: 100 });
    const item = await house.lms.store.lineItems.findOne({ courseId: NEW_COURSE });
    itemId = item?._id ?? '';
    const grade = { lineItemId: itemId, courseId: NEW_COURSE, personId: FELLOW, comment: null };
    const sent = { score: 75, toolScore: 75, timestamp: '2026-01-01T00:00:00Z', overridden: false };
    await house.lms.store.grades.insertOne({ _id: 'g', ...grade, ...sent });
  });
  const open = async (): Promise<[Browser, Page]> => {
    const browser = await as(PEOPLE.manager);
    return [browser, await browser.get(`${url}${grades}?q=sani`)];
  };

  it('shows a fellow their own grade and nobody else’s, a mentor all, and neither a field', async () => {
    const own = await (await as(FELLOW)).get(url + grades);
    expect(textOf(own.html)).toMatch(/My grades.*75/);
    expect(own.html).not.toContain('<input');
    const other = await (await as('1003')).get(`${url}${grades}?q=sani`);
    expect(textOf(other.html)).not.toContain('Sani');
    const mentor = await (await as(PEOPLE.mentor)).get(`${url}${grades}?q=sani`);
    expect(textOf(mentor.html)).toMatch(/Sani.*75/);
    expect(mentor.html).not.toContain('name="score"');
  });

  it.each(['101', '-1', 'ten', '1e2', '1.1234567'])('refuses the grade %s', async (score) => {
    const [browser, page] = await open();
    expect((await browser.submit(page, `/${itemId}/${FELLOW}`, { score })).status).toBe(400);
    expect(await house.lms.gradeOf(NEW_COURSE, FELLOW)).toBe(75);
  });

  it('marks what staff change, and gives the tool’s grade back', async () => {
    const [browser, page] = await open();
    const changed = await browser.submit(page, `/${itemId}/${FELLOW}`, { score: '80,5' });
    expect(textOf(changed.html)).toMatch(/Changed by staff The tool sent 75/);
    expect(await house.lms.gradeOf(NEW_COURSE, FELLOW)).toBe(80.5);
    const returned = await browser.submit(changed, `/${itemId}/${FELLOW}/return`);
    expect(textOf(returned.html)).not.toContain('Changed by staff');
    expect(await house.lms.gradeOf(NEW_COURSE, FELLOW)).toBe(75);
  });

  it('takes a grade away where the field is left empty, and one for whoever had none', async () => {
    const [browser, page] = await open();
    await browser.submit(page, `/${itemId}/${FELLOW}`, { score: '' });
    expect(await house.lms.gradeOf(NEW_COURSE, FELLOW)).toBeNull();
    const other = await browser.get(`${url}${grades}?q=ogunleye`);
    await browser.submit(other, `/${itemId}/1003`, { score: '0' });
    expect(await house.lms.gradeOf(NEW_COURSE, '1003')).toBe(0);
  });

  it('knows no grades of staff, and no column of another course', async () => {
    const browser = await as(PEOPLE.manager);
    const csrf = await tokenOf(PEOPLE.manager);
    const post = async (path: string) => (await browser.post(url + path, { csrf, score: '1' })).status;
    expect(await post(`${grades}/${itemId}/${PEOPLE.mentor}`)).toBe(404);
    expect(await post(`/courses/${THIRD_WEEK_COURSE}/grades/${itemId}/2001`)).toBe(404);
  });
});
