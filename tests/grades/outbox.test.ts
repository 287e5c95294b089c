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

const LATER = '2026-11-20T08:00:00Z';
/** The clock at this many seconds after `LATER`. */
const pass = (seconds: number): void =>
  house.setClock(new Date(new Date(LATER).getTime() + seconds * 1_000).toISOString());
const statesOf = async (): Promise<unknown[]> =>
  Promise.all(course.people.map(async (_person, index) => (await course.row(index))['state']));
const postsOf = (index: number) =>
  house.lms.posted
    .filter(({ sub }) => sub === course.sub(index))
    .map(({ score, at, status }) => [score, at, status]);
const failureOf = async () => (await house.jobs.findLatest(course.scope, 'post_grades'))?.errorCode ?? null;
const isActive = async () => (await house.jobs.findLatest(course.scope, 'post_grades'))?.active;

describe('posting grades', () => {
  it('finds no column, makes one, and posts every score once at the time of its activity', async () => {
    await course.meet('2026-11-07T15:00:00.700Z', { 1: 'missed' });
    pass(0);
    await course.post();
    expect(house.lms.items).toMatchObject([
      { label: 'Peer participation', resourceId: 'participation', tag: 'participation', scoreMaximum: 100 },
    ]);
    expect(postsOf(0)).toEqual([[100, '2026-11-07T15:00:00.000Z', 200]]);
    expect(postsOf(1)).toEqual([[0, '2026-11-07T15:00:00.000Z', 200]]);
    expect(await statesOf()).toEqual(['posted', 'posted', 'posted']);
    expect(house.lms.grade(course.sub(2))).toBe(100);
  });

  it('posts nothing for whom nothing was held yet', async () => {
    await course.meet('2026-11-07T15:00:00Z', { 1: 'excused', 2: 'unproven' });
    pass(0);
    await course.post();
    expect(house.lms.posted.map(({ sub }) => sub)).toEqual([course.sub(0)]);
  });

  it('skips unchanged scores, and a score is dated a second after the last where its activity is older', async () => {
    const meetup = await course.meet('2026-11-07T15:00:00Z');
    pass(0);
    await course.post();
    await course.post();
    expect(house.lms.posted).toHaveLength(3);
    const word = { personId: course.people[0] ?? '', groupId: course.groupId, outcome: 'missed' as const };
    const words = [{ ...word, occurredAt: new Date('2026-11-07T15:00:00Z') }];
    await house.course.evidence.record(course.scope, 'meetup', meetup, words, 'manager');
    await course.post();
    expect(postsOf(0)).toEqual([
      [100, '2026-11-07T15:00:00.000Z', 200],
      [0, '2026-11-07T15:00:01.000Z', 200],
    ]);
    expect(house.lms.posted).toHaveLength(4);
  });

  it('keeps to its column, and to the one of the launch where there is one', async () => {
    await course.meet('2026-11-07T15:00:00Z');
    pass(0);
    await course.post();
    await course.meet('2026-11-14T15:00:00Z', { 0: 'missed' });
    await course.post();
    expect(house.lms.items).toHaveLength(1);
    expect(postsOf(0).map(([score]) => score)).toEqual([100, 50]);
  });

  it('makes another column where the first was deleted, and posts all of it again', async () => {
    await course.meet('2026-11-07T15:00:00Z');
    pass(0);
    await course.post();
    house.lms.loseColumn();
    await course.post();
    expect(house.lms.items).toHaveLength(1);
    expect(house.lms.grade(course.sub(0))).toBe(100);
    expect(await statesOf()).toEqual(['posted', 'posted', 'posted']);
  });

  it('notices a column that is deleted while it posts', async () => {
    await course.meet('2026-11-07T15:00:00Z');
    pass(0);
    house.lms.manners.beforeScore = () => {
      house.lms.manners.beforeScore = null;
      house.lms.loseColumn();
      return Promise.resolve();
    };
    await course.post();
    pass(10);
    await course.goOn();
    for (const index of [0, 1, 2]) expect(house.lms.grade(course.sub(index))).toBe(100);
    expect(await statesOf()).toEqual(['posted', 'posted', 'posted']);
  });

  it("understands a platform's own maximum", async () => {
    house.lms.manners.maximum = 20;
    await course.meet('2026-11-07T15:00:00Z', { 0: 'missed' });
    await course.meet('2026-11-08T15:00:00Z');
    await course.meet('2026-11-09T15:00:00Z');
    pass(0);
    await course.post();
    await course.meet('2026-11-14T15:00:00Z');
    await course.post();
    house.lms.manners.maximum = 100;
    expect(postsOf(0).map(([score]) => score)).toEqual([66.67, 75]);
    expect(await statesOf()).toEqual(['posted', 'posted', 'posted']);
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
    pass(0);
    house.lms.manners.down = true;
    await course.post();
    house.lms.heal();
    await change();
    const lineItemId = `${course.scope.courseId}.participation`;
    const wanted = { score: 100, activityAt: new Date('2026-11-07T15:00:00Z') };
    await house.grades.stores.outbox.queue(
      course.scope,
      lineItemId,
      course.people.map((personId) => ({ personId, ...wanted })),
    );
    pass(600);
    await course.goOn();
    expect(await course.row(0)).toMatchObject({ state: 'refused', reason });
    expect(postsOf(0)).toEqual([]);
    expect(await statesOf()).toEqual(['refused', 'posted', 'posted']);
  });
});

describe('a grade that staff changed in the LMS', () => {
  beforeEach(async () => {
    await course.meet('2026-11-07T15:00:00Z', { 0: 'missed', 1: 'missed' });
    pass(0);
    await course.post();
    pass(60);
  });

  it('is held and not overwritten, while the others are posted', async () => {
    house.lms.setGrade(course.sub(1), 70);
    await course.meet('2026-11-14T15:00:00Z');
    await course.post();
    expect(house.lms.grade(course.sub(1))).toBe(70);
    expect(await course.row(1)).toMatchObject({ state: 'held', found: 70, score: 50 });
    expect(await statesOf()).toEqual(['posted', 'held', 'posted']);
  });

  it('is held also where staff graded before the first posting', async () => {
    course = await house.openGroup(3);
    house.lms.setGrade(course.sub(0), 33);
    await course.meet('2026-11-07T15:00:00Z');
    await course.post();
    expect(house.lms.grade(course.sub(0))).toBe(33);
    expect(await statesOf()).toEqual(['held', 'posted', 'posted']);
  });

  it('is held where staff took it away', async () => {
    await course.meet('2026-11-14T15:00:00Z');
    await course.post();
    house.lms.setGrade(course.sub(0), null);
    await course.meet('2026-11-15T15:00:00Z');
    await course.post();
    expect(await course.row(0)).toMatchObject({ state: 'held', found: null });
    expect(house.lms.grade(course.sub(0))).toBeNull();
  });

  it('is not taken for changed where it is zero, which Moodle reads back as none', async () => {
    expect(house.lms.grade(course.sub(0))).toBe(0);
    await course.post();
    expect(await statesOf()).toEqual(['posted', 'posted', 'posted']);
    await course.meet('2026-11-14T15:00:00Z');
    await course.post();
    expect(house.lms.grade(course.sub(0))).toBe(50);
    expect(await statesOf()).toEqual(['posted', 'posted', 'posted']);
  });

  it('is done where staff gave what we would have given', async () => {
    house.lms.setGrade(course.sub(1), 50);
    await course.meet('2026-11-14T15:00:00Z');
    await course.post();
    expect(postsOf(1)).toHaveLength(1);
    expect(await statesOf()).toEqual(['posted', 'posted', 'posted']);
  });

  it('stands where staff keep it, also at the next posting', async () => {
    house.lms.setGrade(course.sub(1), 70);
    await course.meet('2026-11-14T15:00:00Z');
    await course.post();
    const lineItemId = `${course.scope.courseId}.participation`;
    expect(await house.grades.stores.outbox.keep(course.scope, lineItemId, course.people[1] ?? '')).toBe(
      true,
    );
    await course.meet('2026-11-15T15:00:00Z');
    await course.post();
    expect(house.lms.grade(course.sub(1))).toBe(70);
    expect(await statesOf()).toEqual(['posted', 'kept', 'posted']);
  });

  it('is let go where staff put our grade back', async () => {
    house.lms.setGrade(course.sub(1), 70);
    await course.meet('2026-11-14T15:00:00Z');
    await course.post();
    house.lms.setGrade(course.sub(1), 0);
    pass(120);
    await course.post();
    expect(await statesOf()).toEqual(['posted', 'posted', 'posted']);
    expect(house.lms.grade(course.sub(1))).toBe(50);
  });

  describe('and ours is to stand all the same', () => {
    const order = async (): Promise<boolean> => {
      const lineItemId = `${course.scope.courseId}.participation`;
      const ordered = await house.grades.stores.outbox.postInstead(course.scope, lineItemId, {
        personId: course.people[1] ?? '',
        score: 50,
        activityAt: new Date('2026-11-14T15:00:00Z'),
      });
      await house.grades.stores.lineItems.open(course.scope, 'participation', 'Peer participation');
      return ordered;
    };
    beforeEach(async () => {
      house.lms.setGrade(course.sub(1), 70);
      await course.meet('2026-11-14T15:00:00Z');
      await course.post();
    });

    it('is overwritten, newer than theirs, and said to the platform', async () => {
      pass(120);
      expect(await order()).toBe(true);
      await course.worker();
      expect(house.lms.grade(course.sub(1))).toBe(50);
      expect(house.lms.posted.at(-1)).toMatchObject({ overStaff: true, status: 200 });
      // The activity was before their change, so its own time would have been refused.
      expect(postsOf(1).map(([, , status]) => status)).toEqual([200, 200]);
      expect(await course.row(1)).toMatchObject({ state: 'posted', instead: null, found: null });
    });

    it('is held again where staff changed it once more after they were asked', async () => {
      pass(120);
      await order();
      house.lms.setGrade(course.sub(1), 90);
      await course.worker();
      expect(house.lms.grade(course.sub(1))).toBe(90);
      expect(await course.row(1)).toMatchObject({ state: 'held', found: 90 });
    });

    it('says so where the LMS keeps its override and answers that all is well', async () => {
      house.lms.manners.locked.add(course.sub(1));
      pass(120);
      await order();
      await course.worker();
      expect(await course.row(1)).toMatchObject({ state: 'held', found: 70, reason: 'grade_locked' });
    });

    it('is ordered but once', async () => {
      expect(await order()).toBe(true);
      expect(await order()).toBe(false);
    });
  });
});

describe('a crash or a lost answer', () => {
  beforeEach(async () => {
    await course.meet('2026-11-07T15:00:00Z');
    pass(0);
  });
  /** The first row's worker dies at a step; the row is as it left it. */
  const dieAt = async (step: string): Promise<void> => {
    house.lms.manners.down = true;
    await course.post();
    house.lms.heal();
    const lineItemId = `${course.scope.courseId}.participation`;
    const wanted = { score: 100, activityAt: new Date('2026-11-07T15:00:00Z') };
    await house.grades.stores.outbox.queue(course.scope, lineItemId, [
      { personId: course.people[0] ?? '', ...wanted },
    ]);
    let died = false;
    await course
      .worker({
        checkpoint: (here) => {
          if (here !== step) return;
          died = true;
          throw new Error('killed');
        },
      })
      .catch((error: unknown) => expect(error).toMatchObject({ message: 'killed' }));
    expect(died).toBe(true);
  };

  it.each(['read', 'intended', 'posted'])(
    'at "%s" leaves the one right grade, posted once, whoever goes on',
    async (step) => {
      await dieAt(step);
      pass(90);
      await course.worker();
      expect(house.lms.grade(course.sub(0))).toBe(100);
      expect(house.lms.posted.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(await course.row(0)).toMatchObject({ state: 'posted', sent: null, posted: { score: 100 } });
    },
  );

  it('between post and record, with another score since, is followed by a newer timestamp', async () => {
    await dieAt('posted');
    const lineItemId = `${course.scope.courseId}.participation`;
    await house.grades.stores.outbox.queue(course.scope, lineItemId, [
      { personId: course.people[0] ?? '', score: 50, activityAt: new Date('2026-11-07T15:00:00Z') },
    ]);
    await course.worker();
    expect(postsOf(0)).toEqual([
      [100, '2026-11-07T15:00:00.000Z', 200],
      [50, '2026-11-07T15:00:01.000Z', 200],
    ]);
    expect(await course.row(0)).toMatchObject({ state: 'posted', posted: { score: 50 } });
  });

  it('a score that was stored but not answered is found, not posted again', async () => {
    house.lms.fail('scores', { manner: 'lose' }, { sub: course.sub(0) });
    await course.post();
    expect(await course.row(0)).toMatchObject({ state: 'waiting', reason: 'service_unreachable' });
    pass(60);
    await course.goOn();
    expect(postsOf(0)).toHaveLength(1);
    expect(await statesOf()).toEqual(['posted', 'posted', 'posted']);
  });

  it('a score that never arrived is posted again, with a newer timestamp', async () => {
    house.lms.fail('scores', { manner: 'drop' }, { sub: course.sub(0) });
    await course.post();
    pass(60);
    await course.goOn();
    expect(postsOf(0)).toEqual([[100, '2026-11-07T15:00:01.000Z', 200]]);
  });

  it('never lets two workers at once post the same score', async () => {
    house.lms.manners.down = true;
    await course.post();
    house.lms.heal();
    const lineItemId = `${course.scope.courseId}.participation`;
    const wanted = { score: 100, activityAt: new Date('2026-11-07T15:00:00Z') };
    await house.grades.stores.outbox.queue(
      course.scope,
      lineItemId,
      course.people.map((personId) => ({ personId, ...wanted })),
    );
    await Promise.allSettled([course.worker(), course.worker(), course.worker()]);
    expect(house.lms.posted).toHaveLength(3);
    expect(new Set(house.lms.posted.map(({ sub }) => sub)).size).toBe(3);
    expect(house.lms.items).toHaveLength(1);
  });

  it('a worker that wakes after its lease was lost posts nothing', async () => {
    house.lms.manners.down = true;
    await course.post();
    house.lms.heal();
    const lineItemId = `${course.scope.courseId}.participation`;
    const wanted = { score: 100, activityAt: new Date('2026-11-07T15:00:00Z') };
    await house.grades.stores.outbox.queue(course.scope, lineItemId, [
      { personId: course.people[0] ?? '', ...wanted },
    ]);
    let wake = (): void => undefined;
    const asleep = new Promise<void>((resolve) => (wake = resolve));
    let slept = (): void => undefined;
    const sleeping = new Promise<void>((resolve) => (slept = resolve));
    const stalled = course.worker({
      checkpoint: async (step) => {
        if (step !== 'read') return;
        slept();
        await asleep;
      },
    });
    await sleeping;
    pass(90);
    await course.worker();
    wake();
    await stalled;
    expect(postsOf(0)).toHaveLength(1);
    expect(await course.row(0)).toMatchObject({ state: 'posted' });
  });
});

describe('the retry table', () => {
  beforeEach(async () => {
    await course.meet('2026-11-07T15:00:00Z');
    pass(0);
  });
  const THROTTLED = '403 Forbidden (Rate Limit Exceeded)';

  it.each([
    ['429', { status: 429 }, 'service_busy'],
    ['403 as Canvas throttles', { status: 403, body: THROTTLED }, 'service_busy'],
    ['503', { status: 503 }, 'service_failed'],
    ['500', { status: 500 }, 'service_failed'],
    ['a connection that breaks', { manner: 'drop' as const }, 'service_unreachable'],
  ])('%s passes by itself', async (_what, fault, code) => {
    house.lms.fail('scores', fault, { sub: course.sub(0) });
    await course.post();
    expect(await isActive()).toBe(true);
    expect([await failureOf(), (await course.row(0))['reason']]).toContain(code);
    pass(120);
    await course.goOn();
    expect(await statesOf()).toEqual(['posted', 'posted', 'posted']);
    expect(await isActive()).toBe(false);
  });

  it("waits as long as the LMS's Retry-After asks, and touches nobody before", async () => {
    house.lms.fail('scores', { status: 429, headers: { 'retry-after': '300' } }, { times: 1 });
    await course.post();
    const posted = house.lms.posted.length;
    pass(290);
    await course.goOn();
    expect(house.lms.posted).toHaveLength(posted);
    pass(310);
    await course.goOn();
    expect(await statesOf()).toEqual(['posted', 'posted', 'posted']);
  });

  it.each([
    [400, 'service_not_understood'],
    [404, 'service_gone'],
    [422, 'service_person_not_gradable'],
    [403, 'service_forbidden'],
    [418, 'service_refused'],
  ])('%i is refused as "%s", and the others are posted', async (status, reason) => {
    house.lms.fail('scores', { status }, { sub: course.sub(1) });
    await course.post();
    expect(await course.row(1)).toMatchObject({ state: 'refused', reason });
    expect(await statesOf()).toEqual(['posted', 'refused', 'posted']);
    expect(await isActive()).toBe(false);
    await course.post();
    expect(await statesOf()).toEqual(['posted', 'posted', 'posted']);
  });

  it.each([
    ['Moodle', { status: 409, body: '[]' }],
    ['Canvas', { status: 400, body: 'timestamp is older than the one stored' }],
  ])('a timestamp that %s finds too old is made newer at once', async (_platform, fault) => {
    house.lms.fail('scores', fault, { sub: course.sub(0) });
    await course.post();
    expect(postsOf(0)).toEqual([[100, new Date(LATER).toISOString(), 200]]);
    expect(await statesOf()).toEqual(['posted', 'posted', 'posted']);
  });

  it('a timestamp that is too old each time is given up after a while, with a reason', async () => {
    house.lms.fail('scores', { status: 409 }, { sub: course.sub(0), times: 1_000 });
    await course.post();
    for (let minute = 1; minute < 40 && (await course.row(0))['state'] === 'waiting'; minute += 1) {
      pass(minute * 60);
      await course.goOn();
    }
    expect(await course.row(0)).toMatchObject({ state: 'refused', reason: 'service_timestamp' });
  });

  it('a person at whom the LMS breaks down is given up after five tries, and nobody waits for them', async () => {
    house.lms.unknown.add(course.sub(0));
    await course.post();
    expect((await statesOf()).slice(1)).toEqual(['posted', 'posted']);
    for (let minute = 1; minute < 40 && (await course.row(0))['state'] === 'waiting'; minute += 1) {
      pass(minute * 60);
      await course.goOn();
    }
    expect(await course.row(0)).toMatchObject({ state: 'refused', reason: 'service_failed' });
    expect(postsOf(0)).toHaveLength(5);
    expect(await isActive()).toBe(false);
  });

  it('a network that breaks at one grade again and again costs it no attempt', async () => {
    house.lms.fail('scores', { manner: 'drop' }, { sub: course.sub(0), times: 12 });
    await course.post();
    for (let minute = 1; minute <= 60; minute += 6) {
      pass(minute * 60);
      await course.goOn();
    }
    expect(await course.row(0)).toMatchObject({ state: 'waiting', attempts: 0 });
    house.lms.heal();
    pass(7_200);
    await course.goOn();
    expect(await statesOf()).toEqual(['posted', 'posted', 'posted']);
  });

  it('an LMS that is away for a day costs no grade: the line goes on by itself', async () => {
    house.lms.manners.down = true;
    await course.post();
    for (let hour = 1; hour <= 24; hour += 1) {
      pass(hour * 3_600);
      await course.goOn();
    }
    expect(await failureOf()).toBe('service_failed');
    expect(house.lms.posted).toHaveLength(0);
    house.lms.heal();
    pass(25 * 3_600);
    await course.goOn();
    expect(await statesOf()).toEqual(['posted', 'posted', 'posted']);
  });

  it.each([
    ['the sign-in', 'token' as const, 400, 'service_token_refused'],
    ['the columns', 'items' as const, 403, 'service_forbidden'],
  ])(
    'a lasting refusal of %s stops the posting until staff post again',
    async (_what, service, status, code) => {
      course = await house.openGroup(2, service === 'token' ? { scopes: [] } : {});
      if (service === 'token') {
        await course.meet('2026-11-07T15:00:00Z');
        await course.post();
        expect(await failureOf()).toBe('grades_not_offered');
        return;
      }
      await course.meet('2026-11-07T15:00:00Z');
      house.lms.fail(service, { status }, { times: 1 });
      await course.post();
      expect(await failureOf()).toBe(code);
      expect(await isActive()).toBe(false);
      pass(3_600);
      await course.goOn();
      expect(house.lms.posted).toHaveLength(0);
      await course.post();
      expect(await statesOf()).toEqual(['posted', 'posted']);
    },
  );
});

it('is no matter for a course without a column', async () => {
  await enqueuePost(house.jobs, course.scope.courseId, { runId: null });
  await course.goOn();
  expect(await isActive()).toBe(false);
  expect(await failureOf()).toBeNull();
});
