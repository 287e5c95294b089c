import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { createGradesPages } from '../../src/grades/gradebook/grades.page.ts';
import { enqueuePost } from '../../src/grades/gradebook/post.job.ts';
import { type GradedGroup, openGrades, type TestGrades } from './support/course.ts';

let house: TestGrades;
let course: GradedGroup;
let lineItemId: string;
beforeAll(async () => {
  house = await openGrades();
});
afterAll(() => house.end());
beforeEach(async () => {
  course = await house.openGroup(2);
  lineItemId = `${course.scope.courseId}.participation`;
  await course.meet('2026-11-07T15:00:00Z');
  house.pass(0);
});

const ask = (runId: string) =>
  house.grades.stores.lineItems.open(course.scope, 'participation', 'Peer participation', runId);

it('posts what staff ask for while a posting of the timer is there already', async () => {
  await enqueuePost(house.jobs, course.scope.courseId, { runId: null });
  await ask('first');
  const { created } = await enqueuePost(house.jobs, course.scope.courseId, { runId: 'first' });
  expect(created).toBe(false);
  await course.goOn();
  expect(await course.states()).toEqual(['posted', 'posted']);
});

it('posts what staff ask for while a posting is at its work', async () => {
  await ask('first');
  await enqueuePost(house.jobs, course.scope.courseId, { runId: 'first' });
  house.lms.manners.beforeScore = async () => {
    house.lms.manners.beforeScore = null;
    await course.meet('2026-11-14T15:00:00Z', { 0: 'missed', 1: 'missed' });
    await ask('second');
  };
  await course.goOn();
  expect(house.lms.grade(course.sub(0))).toBe(50);
  expect(house.lms.grade(course.sub(1))).toBe(50);
});

it('leaves a grade alone that staff keep while scores are put in line', async () => {
  house.lms.setGrade(course.sub(0), 70);
  await course.post();
  const [kept = '', other = ''] = course.people;
  const { outbox } = house.grades.stores;
  expect(await outbox.keep(course.scope, lineItemId, kept, 71)).toBe(false);
  expect(await outbox.keep(course.scope, lineItemId, kept, 70)).toBe(true);
  await course.queue(40);
  expect(await course.row(0)).toMatchObject({ state: 'kept', found: 70 });
  expect(await outbox.find(course.scope, lineItemId, other)).toMatchObject({ state: 'waiting', score: 40 });
});

it('orders nothing against a grade that staff did not see', async () => {
  house.lms.setGrade(course.sub(0), 70);
  await course.post();
  const wanted = { personId: course.people[0] ?? '', score: 100, activityAt: house.clock() };
  const { outbox } = house.grades.stores;
  expect(await outbox.postInstead(course.scope, lineItemId, wanted, 60, 'order')).toBe(false);
  expect(await course.row(0)).toMatchObject({ state: 'held', instead: null });
});

it('says of a grade in the LMS that it counts no more', async () => {
  course = await house.openGroup(1);
  const meetup = await course.meet('2026-11-07T15:00:00Z');
  await course.post();
  const personId = course.people[0] ?? '';
  const occurredAt = new Date('2026-11-07T15:00:00Z');
  const word = { personId, groupId: course.groupId, outcome: 'excused' as const, occurredAt };
  await house.course.evidence.record(course.scope, 'meetup', meetup, [word], 'manager');
  await course.post();
  const pages = createGradesPages({ ...house, ...house.grades.stores });
  expect(await pages.line(course.scope, personId)).toMatchObject({
    state: 'stale',
    score: null,
    posted: 100,
  });
});
