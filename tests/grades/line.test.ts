import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDeliveryStore } from '../../src/grades/gradebook/deliveries.store.ts';
import { createGradesPages } from '../../src/grades/gradebook/grades.page.ts';
import { createGradebook } from '../../src/lti/services/gradebook.ts';
import { type ScriptedPlatform, startScriptedPlatform } from '../lti/services/support/scripted-platform.ts';
import { LATER, openGrades, type TestGrades } from './support/course.ts';

const CLASS = 60;
const MEETUP = '2026-11-07T15:00:00Z';

let house: TestGrades;
let moodle: ScriptedPlatform;
beforeAll(async () => {
  house = await openGrades();
  moodle = await startScriptedPlatform();
});
afterAll(async () => {
  await moodle.close();
  await house.end();
});
const jobOf = (scope: Parameters<TestGrades['jobs']['findLatest']>[0]) =>
  house.jobs.findLatest(scope, 'post_grades');

describe('a whole course', () => {
  it('waits while the LMS fails at everybody, is asked little meanwhile, and is posted once', async () => {
    const course = await house.openGroup(CLASS);
    await course.meet(MEETUP);
    house.pass(0);
    house.lms.fail('scores', { status: 503 }, { times: 1_000 });
    const before = house.lms.asked.scores;
    await course.post();
    expect((await jobOf(course.scope))?.active).toBe(true);
    expect(house.lms.asked.scores - before).toBeLessThan(CLASS);
    expect(house.lms.posted).toHaveLength(0);
    house.lms.heal();
    house.pass(3_600);
    await course.goOn();
    expect(house.lms.posted).toHaveLength(CLASS);
    expect((await jobOf(course.scope))?.result).toMatchObject({ posted: CLASS, waiting: 0 });
  });

  it('stops where the LMS forbids it to everybody, with a sentence, and the rest waits untouched', async () => {
    const course = await house.openGroup(CLASS);
    await course.meet(MEETUP);
    house.pass(0);
    house.lms.fail('scores', { status: 403 }, { times: 1_000 });
    await course.post();
    expect(await jobOf(course.scope)).toMatchObject({ state: 'failed', errorCode: 'service_forbidden' });
    const { lineItems, outbox } = house.grades.stores;
    const lineItem = await lineItems.find(course.scope, 'participation');
    expect(lineItem).toMatchObject({ stopped: 'service_forbidden' });
    expect((await outbox.count(course.scope, lineItem?.id ?? '')).waiting).toBeGreaterThan(0);
    house.lms.heal();
    house.pass(7_200);
    await course.goOn();
    expect(house.lms.posted).toHaveLength(0);
    await course.post();
    expect(house.lms.posted).toHaveLength(CLASS);
  });

  it('is listed by name a page at a time, and by what became of it', async () => {
    const course = await house.openGroup(CLASS);
    await course.meet(MEETUP, { 3: 'missed' });
    house.pass(0);
    house.lms.fail('scores', { status: 422 }, { sub: course.sub(4) });
    await course.post();
    const { jobs, grades } = house;
    const pages = createGradesPages({ jobs, course: house.course, ...grades.stores });
    const all = { search: '', show: null, after: null, afterRow: null };
    const first = await pages.list(course.scope, all);
    expect(first).toMatchObject({ fellows: CLASS, first: true });
    expect(first.lines).toHaveLength(50);
    const second = await pages.list(course.scope, { ...all, after: first.next });
    expect(second).toMatchObject({ first: false, next: null });
    const seen = [...first.lines, ...second.lines].map(({ personId }) => personId);
    expect(new Set(seen)).toEqual(new Set(course.people));

    const posted = await pages.list(course.scope, { ...all, show: 'posted' });
    expect(posted.lines).toHaveLength(50);
    const rest = await pages.list(course.scope, { ...all, show: 'posted', afterRow: posted.nextRow });
    expect(rest.lines).toHaveLength(CLASS - 1 - 50);
    const refused = await pages.list(course.scope, { ...all, show: 'refused' });
    expect(refused.lines).toMatchObject([
      { personId: course.people[4], state: 'refused', reason: 'service_person_not_gradable', score: 100 },
    ]);
  });
});

it('gives each waiting row to one of many workers that ask at once', async () => {
  const course = await house.openGroup(30);
  const { lineItems } = house.grades.stores;
  const { id } = await lineItems.open(course.scope, 'participation', 'Peer participation');
  await course.queue(100);
  const deliveries = createDeliveryStore(house.database, house.clock);
  const claims = await Promise.all(
    Array.from({ length: 12 }, () => deliveries.claim(course.scope, id, 10, 60_000)),
  );
  const given = claims.flatMap(({ rows }) => rows.map(({ personId }) => personId));
  expect(given.length).toBeGreaterThan(0);
  expect(new Set(given).size).toBe(given.length);
  const written = await Promise.all(
    claims.flatMap(({ rows }) => rows.map((row) => deliveries.refuse(course.scope, row, 'other'))),
  );
  expect(written).toEqual(given.map(() => true));
  await lineItems.close(course.scope, 'participation');
});

describe('a line that waits without a job', () => {
  it('is come back to by itself', async () => {
    const course = await house.openGroup(2);
    await course.meet(MEETUP);
    const { lineItems } = house.grades.stores;
    await lineItems.open(course.scope, 'participation', 'Peer participation');
    await course.queue(100);
    expect(await jobOf(course.scope)).toBeNull();
    house.pass(90_000);
    await course.goOn();
    await course.goOn();
    expect(house.lms.posted).toHaveLength(2);
    expect(await lineItems.listOpen('participation')).not.toContain(course.scope.courseId);
  });
});

describe('privacy', () => {
  it('gives a fellow their score and what was posted, and posts nothing for one who was erased', async () => {
    const course = await house.openGroup(2);
    await course.meet(MEETUP);
    house.pass(0);
    await course.post();
    const { privacy } = house.grades.room;
    const [kept = '', erased = ''] = course.people;
    expect(await privacy.export(course.scope, kept)).toMatchObject({
      participation: { score: 100 },
      grade: { posted: 100, state: 'posted' },
    });
    await course.meet('2026-11-14T15:00:00Z', { 0: 'missed', 1: 'missed' });
    house.lms.manners.down = true;
    await course.post();
    house.lms.heal();
    await course.queue(50);
    await privacy.erase(course.scope, erased);
    await privacy.erase(course.scope, erased);
    await course.worker();
    expect(house.lms.grade(course.sub(0))).toBe(50);
    expect(house.lms.grade(course.sub(1))).toBe(100);
  });
});

it('makes of what a Moodle 4.5 answered one grade each, with a newer timestamp where it says 409', async () => {
  const [created] = moodle.replay('ags-lineitem-create');
  const [list] = moodle.replay('ags-lineitems');
  const scores = moodle.replay('ags-scores');
  const results = scores.find(({ method }) => method === 'GET');
  const items = '/mod/lti/services.php/2/lineitems';
  const item = `${items}/3/lineitem`;
  // As recorded, but for the query: ours names purpose and person, which Moodle takes as filters.
  moodle.script(`GET ${items}?type_id=1&resource_id=participation&tag=participation`, list ?? {});
  moodle.script(`GET ${item}?type_id=1`, { body: created?.body });
  const shown = (score: number) => ({
    ...results,
    body: (results?.body as object[]).map((result) => ({ ...result, resultScore: score })),
  });
  const read = `GET ${item}/results?type_id=1&user_id=5`;
  moodle.script(read, { body: [] }, shown(100), shown(100));

  const course = await house.openGroup(1, { lineItemsUrl: `${moodle.url}${items}?type_id=1` });
  await house.database.connection
    .collection('enrolments')
    .updateOne({ courseId: course.scope.courseId, personId: course.people[0] }, { $set: { sub: '5' } });
  await course.meet(MEETUP);
  await house.grades.stores.lineItems.open(course.scope, 'participation', 'Peer participation');
  const gradebook = createGradebook({
    ...moodle.client,
    call: (_platform, request) => moodle.client.call(moodle.platform.id, request),
    profileOf: () => moodle.client.profileOf(moodle.platform.id),
  });
  const line = async (score: number): Promise<void> => {
    await course.queue(score);
    await course.worker({ gradebook });
  };
  house.pass(0);
  await line(100);
  expect(await course.row(0)).toMatchObject({ state: 'posted', posted: { score: 100 } });
  await line(50);
  expect(await course.row(0)).toMatchObject({ state: 'posted', posted: { score: 50 } });
  const sent = moodle.asked
    .filter(({ method, path }) => method === 'POST' && path === `${item}/scores?type_id=1`)
    .map(({ body }) => JSON.parse(body) as Record<string, unknown>);
  expect(sent.map(({ scoreGiven, timestamp }) => [scoreGiven, timestamp])).toEqual([
    [100, '2026-11-07T15:00:00.000Z'],
    [50, '2026-11-07T15:00:01.000Z'],
    [50, new Date(LATER).toISOString()],
  ]);
  expect(sent[0]).toMatchObject({ userId: '5', scoreMaximum: 100, gradingProgress: 'FullyGraded' });
  expect(JSON.parse(moodle.asked.find(({ path }) => path === `${items}?type_id=1`)?.body ?? '{}')).toEqual(
    JSON.parse(created?.sent ?? ''),
  );
});
