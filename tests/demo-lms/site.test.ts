import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NEW_COURSE, PEOPLE, THIRD_WEEK_COURSE } from '../../src/demo-lms/index.ts';
import { Browser, textOf } from '../support/http.ts';
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

describe('who may open what', () => {
  const pages = [COURSE, `${COURSE}/grades`, `${COURSE}/roster`, `${COURSE}/fellows.csv`, `${COURSE}/add`];
  it.each<[string, string | null, number[], number]>([
    ['nobody', null, [401, 401, 401, 401, 401], 401],
    ['a fellow', FELLOW, [200, 200, 403, 403, 403], 403],
    ['a fellow of another course', '2001', [403, 403, 403, 403, 403], 403],
    ['a mentor', PEOPLE.mentor, [200, 200, 403, 403, 403], 403],
    ['the Community Manager', PEOPLE.manager, [200, 200, 200, 200, 200], 403],
    ['the administrator', PEOPLE.administrator, [200, 200, 200, 200, 200], 200],
  ])('%s', async (_who, person, statuses, tools) => {
    const browser = await as(person);
    expect(await Promise.all(pages.map((page) => statusOf(browser, page)))).toEqual(statuses);
    for (const page of ['/tools', '/tools/new', `/tools/${house.tool.clientId}`])
      expect(await statusOf(browser, page)).toBe(tools);
  });

  it('nobody who is suspended', async () => {
    await house.lms.suspend(NEW_COURSE, '1002');
    const browser = await as('1002');
    expect(await statusOf(browser, COURSE)).toBe(403);
    expect(textOf((await browser.get(`${url}/courses`)).html)).toContain('You are in no course');
    await house.lms.suspend(NEW_COURSE, '1002', false);
  });

  it('a page that is not there is a page in plain words', async () => {
    const page = await new Browser().get(`${url}/nonsense`);
    expect([page.status, textOf(page.html)]).toEqual([404, expect.stringContaining('Nothing is here')]);
  });
});

describe('a form is refused', () => {
  const forms = [
    `${COURSE}/roster`,
    `${COURSE}/roster/${FELLOW}/name`,
    `${COURSE}/roster/${FELLOW}/suspend`,
    `${COURSE}/roster/${FELLOW}/restore`,
    `${COURSE}/grades/item/${FELLOW}`,
    `${COURSE}/grades/item/${FELLOW}/return`,
    `${COURSE}/links/other/remove`,
    '/tools',
    '/tools/registrations',
    '/tools/some/activate',
    '/tools/some/deactivate',
    '/tools/some/use',
  ];
  it.each(forms)('without the token of its page: %s', async (path) => {
    const administrator = await as(PEOPLE.administrator);
    expect((await administrator.post(url + path, { name: 'X' })).status).toBe(403);
    expect((await administrator.post(url + path, { name: 'X', csrf: 'made-up' })).status).toBe(403);
    expect((await (await as(null)).post(url + path, { csrf: '' })).status).toBe(401);
  });

  it.each(forms)('from a fellow, though with their own token: %s', async (path) => {
    const browser = await as(FELLOW);
    const answer = await browser.post(url + path, { csrf: await tokenOf(FELLOW), name: 'X' });
    expect(answer.status).toBe(403);
  });

  it.each(['https://evil.example', 'null'])('from another site: %s', async (origin) => {
    const answer = await fetch(`${url}/person`, {
      method: 'POST',
      headers: { origin },
      body: new URLSearchParams({ person: PEOPLE.administrator }),
    });
    expect([answer.status, answer.headers.get('set-cookie')]).toEqual([403, null]);
  });
});

describe('the start page', () => {
  it('offers the administrator and some of each course’s people, with what they are', async () => {
    await house.lms.store.setOffice(THIRD_WEEK_COURSE, '2030', 'lead');
    await house.lms.store.setOffice(THIRD_WEEK_COURSE, '2031', 'deputy');
    const text = textOf((await new Browser().get(url)).html);
    for (const words of [
      'Administrator',
      'Community Manager',
      'Mentor',
      'Fellow',
      'Peer Lead',
      'Deputy Peer Lead',
    ])
      expect(text).toContain(words);
    expect(text.indexOf('3MTT Cohort 4')).toBeLessThan(text.indexOf('3MTT Cohort 3'));
  });

  it('tells nothing of a course that what people do in it makes untrue', async () => {
    const text = textOf((await new Browser().get(url)).html);
    expect(text).not.toMatch(/no groups yet|In its third week/);
    expect(text).toContain('Starts out with 300 fellows and without groups');
  });

  it('offers whom staff added, who may be chosen in the roster at once as well', async () => {
    const browser = await as(PEOPLE.manager);
    const roster = await browser.get(`${url}${COURSE}/roster`);
    const added = await browser.press(roster, 'Add', { name: 'Zainab Added', role: 'learner' });
    expect(textOf(added.html)).toContain('Choose “Be this person”');
    const chosen = await browser.press(added, 'Be this person');
    expect([chosen.url, textOf(chosen.html)]).toEqual([
      url + COURSE,
      expect.stringContaining('You are Zainab Added'),
    ]);
    const start = await new Browser().get(url);
    expect(textOf(start.html)).toContain('Zainab Added Fellow');
    expect(textOf((await new Browser().press(start, 'Zainab Added Fellow')).html)).toContain(
      'You are Zainab Added',
    );
  });

  it('leads from a person to the course under whose heading they were chosen', async () => {
    const browser = new Browser();
    const page = await browser.post(`${url}/person`, { person: FELLOW, course: NEW_COURSE });
    expect(page.url).toBe(url + COURSE);
    const other = await browser.post(`${url}/person`, { person: PEOPLE.administrator });
    expect(textOf(other.html)).toContain('You are Ada Admin');
  });

  it('does not know people who are not there', async () => {
    expect((await new Browser().post(`${url}/person`, { person: 'nobody' })).status).toBe(404);
  });
});

describe('a course page', () => {
  it('opens the tool in the page or in a window, without script', async () => {
    const browser = await as(FELLOW);
    const closed = await browser.get(url + COURSE);
    expect(closed.html).not.toContain('<iframe');
    expect(closed.html).toMatch(/href="[^"]+open\?in=window" target="_blank"/);
    const open = await browser.get(`${url}${COURSE}?open=${NEW_COURSE}-peer-group`);
    const source = /<iframe[^>]+src="([^"]+)"/.exec(open.html)?.[1] ?? '';
    const login = new URL((await browser.get(url + source)).url);
    expect(login.origin).toBe(house.tool.url);
    expect(login.searchParams.get('login_hint')).toBe(FELLOW);
  });

  it('lets staff take a link away that came by deep linking, and not the first', async () => {
    const link = {
      courseId: NEW_COURSE,
      title: 'Second',
      text: '',
      toolId: null,
      targetLinkUri: null,
      custom: {},
    };
    await house.lms.store.links.insertOne({ _id: 'second', ...link });
    const browser = await as(PEOPLE.manager);
    const page = await browser.get(url + COURSE);
    expect(page.html).toContain('Second');
    const after = await browser.submit(page, '/links/second/remove');
    expect(after.html).not.toContain('Second');
    expect(textOf(after.html)).toContain('The activity is gone from the course.');
    const first = `${url}${COURSE}/links/${NEW_COURSE}-peer-group/remove`;
    expect((await browser.post(first, { csrf: await tokenOf(PEOPLE.manager) })).status).toBe(409);
  });

  it('gives staff the file of tracks and places', async () => {
    const file = await (await as(PEOPLE.manager)).get(`${url}${COURSE}/fellows.csv`);
    expect(file.headers.get('content-disposition')).toContain('cohort-4-tracks-and-places.csv');
    expect(file.html.split('\n')).toHaveLength(302);
    expect(file.html).toMatch(/^id,email,name,track,lga,state,zone/);
  });
});

describe('every page', () => {
  it('may be framed by this site alone, runs no foreign script, and has one main heading', async () => {
    const browser = await as(PEOPLE.administrator);
    for (const path of [
      '/',
      '/courses',
      COURSE,
      `${COURSE}/roster`,
      `${COURSE}/grades`,
      '/tools',
      '/tools/new',
    ]) {
      const page = await browser.get(url + path);
      const policy = page.headers.get('content-security-policy') ?? '';
      expect(policy).toContain("frame-ancestors 'self'");
      expect(policy).toContain("script-src 'self'");
      expect([...page.html.matchAll(/<h1/g)]).toHaveLength(1);
      expect(page.html).not.toMatch(/demo-lms:|undefined|\[object/);
    }
  });
});
