import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { courseIdOf, personIdOf } from '../../src/course/identity.ts';
import type { Outcome } from '../../src/course/evidence/evidence.store.ts';
import { SYNC } from '../../src/course/roster/sync.job.ts';
import { newId } from '../../src/database/index.ts';
import { CANVAS_THROTTLING } from '../../src/demo-lms/behaviour.ts';
import { courseScope, type CourseScope } from '../../src/scope.ts';
import { type House, openHouse } from '../support/house.ts';
import { type Browser, type Page, textOf } from '../support/http.ts';

const DAY_MS = 24 * 3_600_000;
const FELLOWS = 6;
const groupId = newId();
/** How far the house's clock is ahead. */
let offsetMs = 0;
let house: House;
let platformId: string;
let deploymentId: string;
let scope: CourseScope;
let manager: Visitor;
let fellow: Visitor;

/** Somebody in a browser of their own, with the addresses of their visit. */
class Visitor {
  readonly #browser: Browser;
  readonly #base: string;
  constructor(browser: Browser, page: Page) {
    this.#browser = browser;
    this.#base = /^.*\/l\/[\w-]+/.exec(page.url)?.[0] ?? '';
  }
  get(target: string): Promise<Page> {
    return this.#browser.get(this.#base + target);
  }
  submit(page: Page, action: string, fields: Record<string, string> = {}): Promise<Page> {
    return this.#browser.submit(page, action, fields);
  }
}
async function visit(personId: string, courseId = 'course'): Promise<Visitor> {
  const { browser, page } = await house.open(personId, courseId);
  return new Visitor(browser, page);
}
const scopeOf = (courseId: string): CourseScope =>
  courseScope(courseIdOf(platformId, deploymentId, courseId));
const idOf = (index: number): string => personIdOf(platformId, `f${index}`);

beforeAll(async () => {
  house = await openHouse({ clock: () => new Date(Date.now() + offsetMs) });
  const { lms, services } = house;
  const [platform] = await services.door.platforms.list();
  platformId = platform?.id ?? '';
  deploymentId = platform?.deploymentIds[0] ?? '';
  await lms.addCourse('course');
  await lms.addPerson('course', { id: 'manager', name: 'Mo Manager', role: 'instructor' });
  await lms.addPerson('course', { id: 'mentor', name: 'May Mentor', role: 'mentor' });
  for (let index = 0; index < FELLOWS; index += 1)
    await lms.addPerson('course', { id: `f${index}`, name: `Fellow ${index}` });
  manager = await visit('manager');
  scope = scopeOf('course');
  await services.course.courses.saveSettings(scope, { oneTrack: 'Data Science' });
  await run(SYNC, { allowVanish: false });
  await placeAll();
  fellow = await visit('f0');
});
afterAll(() => house.close());

/** One group of everybody, published three weeks ago. */
async function placeAll(): Promise<void> {
  const { course, group } = house.services;
  const from = new Date(Date.now() - 21 * DAY_MS);
  const publishing = { publishId: newId(), version: 1, count: FELLOWS, checksum: '' };
  await course.courses.bindPublish(scope, 0, publishing);
  await group.groups.insertGroups(scope, [
    {
      id: groupId,
      courseId: scope.courseId,
      name: 'Ikeja Builders',
      nameFolded: 'ikeja builders',
      track: 'Data Science',
      place: 'Ikeja, Lagos',
      rung: 'lga',
      why: { needed: 4, here: FELLOWS, lower: [] },
      timeZone: 'Africa/Lagos',
      fromVersion: 1,
      createdAt: from,
    },
  ]);
  const rows = Array.from({ length: FELLOWS }, (_, index) => ({
    personId: idOf(index),
    groupId,
    guest: false,
    from,
  }));
  await group.groups.openMemberships(scope, 1, rows);
  await course.courses.flipVersion(scope, publishing);
}
async function run(kind: string, payload: unknown): Promise<void> {
  const { jobs } = house.services;
  await jobs.enqueue({ kind, courseId: scope.courseId, key: scope.courseId, payload });
  await jobs.runDue();
}
/** A meetup some days ago whose roll was taken; who is not named was there. */
async function meet(daysAgo: number, title: string, others: Record<number, Outcome> = {}): Promise<void> {
  const { group, course } = house.services;
  const startsAt = new Date(Date.now() - daysAgo * DAY_MS);
  const link = { link: 'https://discord.gg/a', channel: 'Discord', plannedBy: 'manager' };
  const [meetupId = ''] = await group.meetups.plan(scope, [
    { groupId, title, startsAt, endsAt: new Date(startsAt.getTime() + 3_600_000), ...link },
  ]);
  const words = Array.from({ length: FELLOWS }, (_, index) => ({
    personId: idOf(index),
    groupId,
    occurredAt: startsAt,
    outcome: others[index] ?? ('met' as const),
  }));
  await course.evidence.record(scope, 'meetup', meetupId, words, 'manager');
}
async function post(): Promise<Page> {
  await manager.submit(await manager.get('/grades/post'), '/grades/post');
  await house.services.jobs.runDue();
  return manager.get('/grades/posting');
}
async function auditOf(action: string): Promise<unknown[]> {
  return house.database.connection.collection('audit').find({ courseId: scope.courseId, action }).toArray();
}

describe('before a meetup was held', () => {
  it('a fellow reads that there is no score yet, and what begins it', async () => {
    const home = textOf((await fellow.get('/group')).html);
    expect(home).toContain('Your participation No meetup has been held in your time in the group yet.');
    const { status, html } = await fellow.get('/me/participation');
    expect(status).toBe(200);
    expect(textOf(html)).toContain('nothing goes to the gradebook');
  });

  it('staff read that there is nothing to post, and are offered no button', async () => {
    const { html } = await manager.get('/grades/post');
    expect(textOf(html)).toContain('There is nothing to post');
    expect(html).not.toContain('<button class="btn main"');
    expect(textOf((await manager.get('/grades')).html)).toContain('Nothing to post yet');
    expect(textOf((await manager.get('/')).html)).toMatch(/Grades posted 0/);
  });

  it('there is no posting to look at', async () => {
    expect((await manager.get('/grades/posting')).url).toMatch(/\/grades$/);
  });
});

describe('refusals', () => {
  it("a fellow opens neither the grades nor another fellow's receipt", async () => {
    expect((await fellow.get('/grades')).status).toBe(403);
    expect((await fellow.get(`/grades/people/${idOf(1)}`)).status).toBe(403);
  });
  it('a mentor sees the grades and posts none', async () => {
    const mentor = await visit('mentor');
    const { status, html } = await mentor.get('/grades');
    expect(status).toBe(200);
    expect(html).not.toContain('Post grades');
    expect((await mentor.get('/grades/post')).status).toBe(403);
    expect((await mentor.get(`/grades/people/${idOf(1)}`)).status).toBe(200);
  });
  it('nobody finds the receipt of a person who was never here', async () => {
    expect((await manager.get('/grades/people/nobody')).status).toBe(404);
  });
});

describe('from the roll to the gradebook', () => {
  beforeAll(async () => {
    await meet(15, 'Kick-off', { 0: 'missed', 1: 'excused' });
    await meet(8, 'Second week', { 2: 'missed' });
  });

  it('a fellow sees the score on the group page, and every point with its event', async () => {
    const home = textOf((await fellow.get('/group')).html);
    expect(home).toContain('50 of 100');
    expect(home).toContain('You came to 1 of 2 meetups.');
    const { html } = await fellow.get('/me/participation');
    const text = textOf(html);
    expect(text).toContain('100 × 1 ÷ 2 = 50');
    expect(text).toMatch(/Second week .* present \+50/);
    expect(text).toMatch(/Kick-off .* absent \+0/);
    expect(html).toMatch(/<a href="[^"]*\/groups\/g\/[^"]+\/meetups">Kick-off<\/a>/);
  });

  it('staff see the same receipt, and that an excuse does not count', async () => {
    const text = textOf((await manager.get(`/grades/people/${idOf(1)}`)).html);
    expect(text).toContain('Participation of Fellow 1');
    expect(text).toMatch(/Kick-off .* excused does not count/);
    expect(text).toContain('100 × 1 ÷ 1 = 100');
  });

  it('Post grades says first how many, then posts, then says what became of them', async () => {
    const confirm = await manager.get('/grades/post');
    expect(textOf(confirm.html)).toContain('6 scores go to the LMS');
    const running = await manager.submit(confirm, '/grades/post');
    expect(textOf(running.html)).toContain('Posting grades');
    expect(running.html).toMatch(/http-equiv="refresh"/);
    await house.services.jobs.runDue();
    const done = await manager.get('/grades/posting');
    expect(textOf(done.html)).toContain('The grades are posted Posted 6 Held 0 Refused 0');
    expect(done.html).not.toMatch(/http-equiv="refresh"/);
    for (const [index, grade] of [50, 100, 50, 100, 100, 100].entries())
      expect(await house.lms.gradeOf('course', `f${index}`)).toBe(grade);
    expect(textOf((await manager.get('/')).html)).toMatch(/Grades posted 6/);
    expect(textOf((await fellow.get('/me/participation')).html)).toContain('has posted 50 of 100');
    expect(await auditOf('post_grades')).toHaveLength(1);
  });

  it('says that there is nothing to post where all is posted', async () => {
    expect(textOf((await manager.get('/grades/post')).html)).toContain(
      'Every score is in the gradebook already.',
    );
  });

  it('finds a fellow by name', async () => {
    const text = textOf((await manager.get('/grades?q=fellow+3')).html);
    expect(text).toContain('Fellow 3');
    expect(text).not.toContain('Fellow 4');
    expect(textOf((await manager.get('/grades?q=zzz')).html)).toContain('No fellow of that name.');
  });
});

describe('a grade that staff changed in the LMS', () => {
  beforeAll(async () => {
    await house.lms.setGrade('course', 'f0', 71);
    await house.lms.setGrade('course', 'f2', 72);
    await meet(2, 'Third week');
  });

  it('is held, shown with both values, and counted at home', async () => {
    const done = await post();
    expect(textOf(done.html)).toContain('2 grades were changed in the LMS and are held');
    expect(await house.lms.gradeOf('course', 'f0')).toBe(71);
    const held = textOf((await manager.get('/grades?show=held')).html);
    expect(held).toContain('Fellow 0 66.67 Held The LMS shows 71 of 100, which is not from here.');
    expect(held).not.toContain('Fellow 1');
    expect(textOf((await manager.get('/')).html)).toMatch(/Grades posted 6 2 held/);
  });

  it('stands where staff keep it', async () => {
    const target = `/grades/people/${idOf(0)}`;
    const after = await manager.submit(await manager.get(target), `${target}/grade`);
    expect(textOf(after.html)).toContain("LMS's grade stands");
    await post();
    expect(await house.lms.gradeOf('course', 'f0')).toBe(71);
    expect(await auditOf('grade_keep')).toMatchObject([
      { subject: idOf(0), details: { theirs: 71, ours: 66.67 } },
    ]);
  });

  it('gives way where staff post ours anyway', async () => {
    const target = `/grades/people/${idOf(2)}`;
    const page = await manager.get(target);
    expect(textOf(page.html)).toContain('Post 66.67 anyway');
    await manager.submit(page, `${target}/grade`, { choice: 'post' });
    await house.services.jobs.runDue();
    expect(await house.lms.gradeOf('course', 'f2')).toBe(66.67);
    expect(textOf((await manager.get(target)).html)).toContain('Posted');
    expect(await auditOf('grade_post_anyway')).toMatchObject([{ subject: idOf(2) }]);
  });

  it('is chosen about but once, by one of two choices', async () => {
    const page = await manager.get(`/grades/people/${idOf(0)}`);
    const action = `/grades/people/${idOf(0)}/grade`;
    expect((await manager.submit(page, action, { choice: 'keep' })).status).toBe(409);
    expect((await manager.submit(page, action, { choice: 'burn' })).status).toBe(400);
  });
});

describe('what the LMS does not take', () => {
  it('stands in the list with a sentence to act on', async () => {
    await house.lms.suspend('course', 'f3');
    await meet(1, 'Fourth week', { 3: 'missed', 4: 'missed' });
    const done = await post();
    expect(textOf(done.html)).toContain('1 grade was refused.');
    const text = textOf((await manager.get('/grades?show=refused')).html);
    expect(text).toContain('Fellow 3');
    expect(text).toContain('Check in the LMS that they are enrolled as a student');
    expect(await house.lms.gradeOf('course', 'f4')).toBe(75);
    await house.lms.suspend('course', 'f3', false);
    await post();
    expect(await house.lms.gradeOf('course', 'f3')).toBe(75);
  });

  it('waits where the LMS is busy, and the page says that it goes on by itself', async () => {
    await meet(0.5, 'Fifth week', { 5: 'missed' });
    house.lms.behaviour.fail('scores', [CANVAS_THROTTLING, CANVAS_THROTTLING]);
    const page = await post();
    expect(textOf(page.html)).toContain('The LMS is busy and asked us to wait. It is tried again by itself.');
    expect(textOf((await manager.get('/grades')).html)).toContain('Posting grades The LMS is busy');
    offsetMs = 10 * 60_000;
    await house.services.jobs.runDue();
    offsetMs = 0;
    expect(await house.lms.gradeOf('course', 'f5')).toBe(80);
  });
});

describe('a course whose LMS offers no gradebook', () => {
  it('says so, and what to do', async () => {
    await house.lms.addCourse('bare');
    await house.lms.addPerson('bare', { id: 'manager', name: 'Mo Manager', role: 'instructor' });
    house.lms.behaviour.spoil = (claims) => {
      delete claims['https://purl.imsglobal.org/spec/lti-ags/claim/endpoint'];
    };
    const here = await visit('manager', 'bare');
    house.lms.behaviour.spoil = null;
    const { status, html } = await here.get('/grades');
    expect(status).toBe(200);
    expect(textOf(html)).toContain('switch on Assignment and Grade Services');
    expect(html).not.toContain('Post grades');
    expect((await here.get('/grades/post')).status).toBe(200);
  });
});

it('its pages hold no inline style or script, and no word without its translation', async () => {
  for (const target of [
    '/grades',
    '/grades?show=posted',
    '/grades?show=kept',
    '/grades/post',
    '/grades/posting',
    `/grades/people/${idOf(0)}`,
  ]) {
    const { status, html } = await manager.get(target);
    expect([target, status]).toEqual([target, 200]);
    expect(html).not.toMatch(/ style=| onclick=|<script>/);
    expect(textOf(html)).not.toMatch(/\b(grades|group|web|course):?\.?[a-z]+\.[a-z_]+/);
    expect(html.match(/class="btn main"/g)?.length ?? 0).toBeLessThanOrEqual(1);
  }
});
