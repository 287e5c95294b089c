import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { enqueuePost } from '../../src/grades/gradebook/post.job.ts';
import { type GradedGroup, openGrades, type TestGrades } from './support/course.ts';

let house: TestGrades;
let course: GradedGroup;

beforeAll(async () => {
  house = await openGrades();
});
afterAll(() => house.end());
beforeEach(async () => {
  course = await house.openGroup(3);
});

describe('posting grades', () => {
  it('finds no column, makes one, and posts every score once at the time of its activity', async () => {
    await course.meet('2026-11-07T15:00:00.700Z', { 1: 'missed' });
    house.pass(0);
    await course.post();
    expect(house.lms.items).toMatchObject([
      { label: 'Peer participation', resourceId: 'participation', tag: 'participation', scoreMaximum: 100 },
    ]);
    expect(course.posts(0)).toEqual([[100, '2026-11-07T15:00:00.000Z', 200]]);
    expect(course.posts(1)).toEqual([[0, '2026-11-07T15:00:00.000Z', 200]]);
    expect(await course.states()).toEqual(['posted', 'posted', 'posted']);
    expect(house.lms.grade(course.sub(2))).toBe(100);
  });

  it('posts nothing for whom nothing was held yet', async () => {
    await course.meet('2026-11-07T15:00:00Z', { 1: 'excused', 2: 'unproven' });
    house.pass(0);
    await course.post();
    expect(house.lms.posted.map(({ sub }) => sub)).toEqual([course.sub(0)]);
  });

  it('skips unchanged scores, and a score is dated a second after the last where its activity is older', async () => {
    const meetup = await course.meet('2026-11-07T15:00:00Z');
    house.pass(0);
    await course.post();
    await course.post();
    expect(house.lms.posted).toHaveLength(3);
    const word = { personId: course.people[0] ?? '', groupId: course.groupId, outcome: 'missed' as const };
    const words = [{ ...word, occurredAt: new Date('2026-11-07T15:00:00Z') }];
    await house.course.evidence.record(course.scope, 'meetup', meetup, words, 'manager');
    await course.post();
    expect(course.posts(0)).toEqual([
      [100, '2026-11-07T15:00:00.000Z', 200],
      [0, '2026-11-07T15:00:01.000Z', 200],
    ]);
    expect(house.lms.posted).toHaveLength(4);
  });

  it('keeps to its column, and to the one of the launch where there is one', async () => {
    await course.meet('2026-11-07T15:00:00Z');
    house.pass(0);
    await course.post();
    await course.meet('2026-11-14T15:00:00Z', { 0: 'missed' });
    await course.post();
    expect(house.lms.items).toHaveLength(1);
    expect(course.posts(0).map(([score]) => score)).toEqual([100, 50]);
  });

  it('makes another column where the first was deleted, and posts all of it again', async () => {
    await course.meet('2026-11-07T15:00:00Z');
    house.pass(0);
    await course.post();
    house.lms.loseColumn();
    await course.post();
    expect(house.lms.items).toHaveLength(1);
    expect(house.lms.grade(course.sub(0))).toBe(100);
    expect(await course.states()).toEqual(['posted', 'posted', 'posted']);
  });

  it('notices a column that is deleted while it posts', async () => {
    await course.meet('2026-11-07T15:00:00Z');
    house.pass(0);
    house.lms.manners.beforeScore = () => {
      house.lms.manners.beforeScore = null;
      house.lms.loseColumn();
      return Promise.resolve();
    };
    await course.post();
    house.pass(10);
    await course.goOn();
    for (const index of [0, 1, 2]) expect(house.lms.grade(course.sub(index))).toBe(100);
    expect(await course.states()).toEqual(['posted', 'posted', 'posted']);
  });

  it("understands a platform's own maximum", async () => {
    house.lms.manners.maximum = 20;
    await course.meet('2026-11-07T15:00:00Z', { 0: 'missed' });
    await course.meet('2026-11-08T15:00:00Z');
    await course.meet('2026-11-09T15:00:00Z');
    house.pass(0);
    await course.post();
    await course.meet('2026-11-14T15:00:00Z');
    await course.post();
    house.lms.manners.maximum = 100;
    expect(course.posts(0).map(([score]) => score)).toEqual([66.67, 75]);
    expect(await course.states()).toEqual(['posted', 'posted', 'posted']);
  });
});

describe('who gets no grade', () => {
  it.each<[string, string, () => Promise<unknown>]>([
    [
      'left the course',
      'person_left',
      () =>
        house.database.connection
          .collection('enrolments')
          .updateOne(
            { courseId: course.scope.courseId, personId: course.people[0] },
            { $set: { state: 'left', leftAt: house.clock() } },
          ),
    ],
    [
      'is a test user',
      'person_test',
      async () => {
        const told = { platformId: 'platform', sub: course.sub(0), name: null, email: null };
        await house.course.enrolments.recordLaunch(course.scope, {
          ...told,
          role: 'learner',
          testUser: true,
        });
        await house.course.enrolments.setRole(course.scope, course.people[0] ?? '', 'fellow');
      },
    ],
    [
      'is staff now',
      'person_not_fellow',
      async () => house.course.enrolments.setRole(course.scope, course.people[0] ?? '', 'mentor'),
    ],
  ])('who %s is refused with "%s"', async (_what, reason, change) => {
    await course.meet('2026-11-07T15:00:00Z');
    house.pass(0);
    house.lms.manners.down = true;
    await course.post();
    house.lms.heal();
    await change();
    await course.queue(100);
    house.pass(600);
    await course.goOn();
    expect(await course.row(0)).toMatchObject({ state: 'refused', reason });
    expect(course.posts(0)).toEqual([]);
    expect(await course.states()).toEqual(['refused', 'posted', 'posted']);
  });
});

it('is no matter for a course without a column', async () => {
  await enqueuePost(house.jobs, course.scope.courseId, { runId: null });
  await course.goOn();
  expect(await course.isActive()).toBe(false);
  expect(await course.failure()).toBeNull();
});
