import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
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

describe('a crash or a lost answer', () => {
  beforeEach(async () => {
    await course.meet('2026-11-07T15:00:00Z');
    house.pass(0);
  });
  /** The first row's worker dies at a step; the row is as it left it. */
  const dieAt = async (step: string): Promise<void> => {
    house.lms.manners.down = true;
    await course.post();
    house.lms.heal();
    await course.queue(100, [0]);
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
      house.pass(90);
      await course.worker();
      expect(house.lms.grade(course.sub(0))).toBe(100);
      expect(house.lms.posted.filter(({ status }) => status === 200)).toHaveLength(1);
      expect(await course.row(0)).toMatchObject({ state: 'posted', sent: null, posted: { score: 100 } });
    },
  );

  it('between post and record, with another score since, is followed by a newer timestamp', async () => {
    await dieAt('posted');
    await course.queue(50, [0]);
    await course.worker();
    expect(course.posts(0)).toEqual([
      [100, '2026-11-07T15:00:00.000Z', 200],
      [50, '2026-11-07T15:00:01.000Z', 200],
    ]);
    expect(await course.row(0)).toMatchObject({ state: 'posted', posted: { score: 50 } });
  });

  it('a score that was stored but not answered is found, not posted again', async () => {
    house.lms.fail('scores', { manner: 'lose' }, { sub: course.sub(0) });
    await course.post();
    expect(await course.row(0)).toMatchObject({ state: 'waiting', reason: 'service_unreachable' });
    house.pass(60);
    await course.goOn();
    expect(course.posts(0)).toHaveLength(1);
    expect(await course.states()).toEqual(['posted', 'posted', 'posted']);
  });

  it.each(['lose', 'drop'] as const)(
    'a zero whose answer is missing (%s) is in the LMS in the end, though it reads back as none',
    async (manner) => {
      course = await house.openGroup(1);
      await course.meet('2026-11-07T15:00:00Z', { 0: 'missed' });
      house.lms.fail('scores', { manner });
      await course.post();
      house.pass(60);
      await course.goOn();
      expect(house.lms.grade(course.sub(0))).toBe(0);
      expect(await course.states()).toEqual(['posted']);
    },
  );

  it('a score that never arrived is posted again, with a newer timestamp', async () => {
    house.lms.fail('scores', { manner: 'drop' }, { sub: course.sub(0) });
    await course.post();
    house.pass(60);
    await course.goOn();
    expect(course.posts(0)).toEqual([[100, '2026-11-07T15:00:01.000Z', 200]]);
  });

  it('never lets two workers at once post the same score', async () => {
    house.lms.manners.down = true;
    await course.post();
    house.lms.heal();
    await course.queue(100);
    await Promise.allSettled([course.worker(), course.worker(), course.worker()]);
    expect(house.lms.posted).toHaveLength(3);
    expect(new Set(house.lms.posted.map(({ sub }) => sub)).size).toBe(3);
    expect(house.lms.items).toHaveLength(1);
  });

  it('a worker that wakes after its lease was lost posts nothing', async () => {
    house.lms.manners.down = true;
    await course.post();
    house.lms.heal();
    await course.queue(100, [0]);
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
    house.pass(90);
    await course.worker();
    wake();
    await stalled;
    expect(course.posts(0)).toHaveLength(1);
    expect(await course.row(0)).toMatchObject({ state: 'posted' });
  });
});
