import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { NEW_COURSE, PEOPLE, THIRD_WEEK_COURSE } from '../../src/demo-lms/index.ts';
import { Browser, type Page, textOf } from '../support/http.ts';
import { openLms, type TestLms } from './support/lms.ts';

const COURSE = `/courses/${NEW_COURSE}`;
const FELLOW = '1001';
let house: TestLms;
let url: string;
beforeAll(async () => {
  house = await openLms('demo');
  url = house.lms.url;
});
afterAll(() => house.close());

async function as(person: string | null): Promise<Browser> {
  const browser = new Browser();
  if (person !== null) await browser.post(`${url}/person`, { person });
  return browser;
}
const statusOf = async (browser: Browser, path: string): Promise<number> =>
  (await browser.get(url + path)).status;
/** A fellow's pages hold no form that carries it. */
async function tokenOf(personId: string): Promise<string> {
  const sessions = house.database.connection.collection<{ data: { personId: string; csrf: string } }>(
    'lms_secrets',
  );
  const rows = await sessions.find({ 'data.personId': personId, 'data.csrf': { $exists: true } }).toArray();
  return rows.at(-1)?.data.csrf ?? '';
}
const personOf = (id: string) => house.lms.store.people.findOne({ _id: id });

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
    expect((await browser.submit(page, '/links/second/remove')).html).not.toContain('Second');
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

describe('the tools page', () => {
  const open = async (path = '/tools'): Promise<[Browser, Page]> => {
    const browser = await as(PEOPLE.administrator);
    return [browser, await browser.get(url + path)];
  };

  it('opens a tool’s registration in the page or in a window, each with a token of its own', async () => {
    const [browser, page] = await open();
    const framed = await browser.submit(page, '/tools/registrations', {
      address: `${house.tool.url}/lti/register`,
    });
    const source = /<iframe[^>]+src="([^"]+)"/.exec(framed.html)?.[1]?.replaceAll('&amp;', '&') ?? '';
    expect((await fetch(source)).status).toBe(200);
    expect((await fetch(source)).status).toBe(401);
    const wish = { address: `${house.tool.url}/lti/register?invitation=x`, in: 'window' };
    expect((await browser.submit(page, '/tools/registrations', wish)).url).toContain(
      `${house.tool.url}/lti/register?invitation=x&openid_configuration=`,
    );
    expect(textOf((await browser.get(`${url}/tools`)).html)).toContain('Courses open this one');
  });

  it.each(['', 'javascript:alert(1)', 'localhost:3000', 'ftp://x'])(
    'refuses the address %j',
    async (address) => {
      const [browser, page] = await open();
      expect((await browser.submit(page, '/tools/registrations', { address })).status).toBe(400);
    },
  );

  it('installs by hand, and tells what the tool must be told', async () => {
    const [browser, page] = await open('/tools/new');
    const tool = await browser.submit(page, '/tools', {
      name: 'By hand',
      target: `${house.tool.url}/launch`,
      login: `${house.tool.url}/login`,
      redirect: `${house.tool.url}/launch`,
      keys: `${house.tool.url}/keys`,
      custom: 'town=$Person.address.locality\nnonsense\nempty=',
    });
    const kept = await house.lms.store.tools.findOne({ name: 'By hand' });
    expect(kept).toMatchObject({
      installed: 'manual',
      custom: { town: '$Person.address.locality', empty: '' },
    });
    const text = textOf(tool.html);
    for (const value of [url, kept!._id, `${url}/auth`, `${url}/token`, `${url}/keys`])
      expect(text).toContain(value);
    expect(text).toContain(`--client-id ${kept!._id}`);
  });

  it('switches a tool off and on; the newest that is on is what courses open', async () => {
    const [browser, page] = await open();
    const newest = await house.lms.store.findSiteTool();
    const off = await browser.submit(page, `/${newest!._id}/deactivate`);
    expect((await house.lms.store.findSiteTool())?._id).not.toBe(newest!._id);
    await browser.submit(off, `/${newest!._id}/activate`);
    expect((await house.lms.store.findSiteTool())?._id).toBe(newest!._id);
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
