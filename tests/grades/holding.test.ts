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

describe('a grade that staff changed in the LMS', () => {
  beforeEach(async () => {
    await course.meet('2026-11-07T15:00:00Z', { 0: 'missed', 1: 'missed' });
    house.pass(0);
    await course.post();
    house.pass(60);
  });

  it('is held and not overwritten, while the others are posted', async () => {
    house.lms.setGrade(course.sub(1), 70);
    await course.meet('2026-11-14T15:00:00Z');
    await course.post();
    expect(house.lms.grade(course.sub(1))).toBe(70);
    expect(await course.row(1)).toMatchObject({ state: 'held', found: 70, score: 50 });
    expect(await course.states()).toEqual(['posted', 'held', 'posted']);
  });

  it('is held though no score has changed', async () => {
    const { changedAt } = await course.row(2);
    const posts = course.posts(2).length;
    house.lms.setGrade(course.sub(1), 70);
    await course.post();
    expect(house.lms.grade(course.sub(1))).toBe(70);
    expect(await course.row(1)).toMatchObject({ state: 'held', found: 70, score: 0 });
    // The others are looked at, not posted again, and keep the day they were posted.
    expect(course.posts(2)).toHaveLength(posts);
    expect((await course.row(2)).changedAt).toEqual(changedAt);
    expect(await course.states()).toEqual(['posted', 'held', 'posted']);
  });

  it('is held also where staff graded before the first posting', async () => {
    course = await house.openGroup(3);
    house.lms.setGrade(course.sub(0), 33);
    await course.meet('2026-11-07T15:00:00Z');
    await course.post();
    expect(house.lms.grade(course.sub(0))).toBe(33);
    expect(await course.states()).toEqual(['held', 'posted', 'posted']);
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
    expect(await course.states()).toEqual(['posted', 'posted', 'posted']);
    await course.meet('2026-11-14T15:00:00Z');
    await course.post();
    expect(house.lms.grade(course.sub(0))).toBe(50);
    expect(await course.states()).toEqual(['posted', 'posted', 'posted']);
  });

  it('is done where staff gave what we would have given', async () => {
    house.lms.setGrade(course.sub(1), 50);
    await course.meet('2026-11-14T15:00:00Z');
    await course.post();
    expect(course.posts(1)).toHaveLength(1);
    expect(await course.states()).toEqual(['posted', 'posted', 'posted']);
  });

  it('stands where staff keep it, also at the next posting', async () => {
    house.lms.setGrade(course.sub(1), 70);
    await course.meet('2026-11-14T15:00:00Z');
    await course.post();
    const lineItemId = `${course.scope.courseId}.participation`;
    expect(await house.grades.stores.outbox.keep(course.scope, lineItemId, course.people[1] ?? '', 70)).toBe(
      true,
    );
    await course.meet('2026-11-15T15:00:00Z');
    await course.post();
    expect(house.lms.grade(course.sub(1))).toBe(70);
    expect(await course.states()).toEqual(['posted', 'kept', 'posted']);
  });

  it('is let go where staff put our grade back', async () => {
    house.lms.setGrade(course.sub(1), 70);
    await course.meet('2026-11-14T15:00:00Z');
    await course.post();
    house.lms.setGrade(course.sub(1), 0);
    house.pass(120);
    await course.post();
    expect(await course.states()).toEqual(['posted', 'posted', 'posted']);
    expect(house.lms.grade(course.sub(1))).toBe(50);
  });

  describe('and ours is to stand all the same', () => {
    const order = async (): Promise<boolean> => {
      const lineItemId = `${course.scope.courseId}.participation`;
      const ordered = await house.grades.stores.outbox.postInstead(
        course.scope,
        lineItemId,
        {
          personId: course.people[1] ?? '',
          score: 50,
          activityAt: new Date('2026-11-14T15:00:00Z'),
        },
        70,
        'order',
      );
      await house.grades.stores.lineItems.open(course.scope, 'participation', 'Peer participation');
      return ordered;
    };
    beforeEach(async () => {
      house.lms.setGrade(course.sub(1), 70);
      await course.meet('2026-11-14T15:00:00Z');
      await course.post();
    });

    it('is overwritten, newer than theirs, and said to the platform', async () => {
      house.pass(120);
      expect(await order()).toBe(true);
      await course.worker();
      expect(house.lms.grade(course.sub(1))).toBe(50);
      expect(house.lms.posted.at(-1)).toMatchObject({ overStaff: true, status: 200 });
      // The activity was before their change, so its own time would have been refused.
      expect(course.posts(1).map(([, , status]) => status)).toEqual([200, 200]);
      expect(await course.row(1)).toMatchObject({ state: 'posted', instead: null, found: null });
    });

    it('is held again where staff changed it once more after they were asked', async () => {
      house.pass(120);
      await order();
      house.lms.setGrade(course.sub(1), 90);
      await course.worker();
      expect(house.lms.grade(course.sub(1))).toBe(90);
      expect(await course.row(1)).toMatchObject({ state: 'held', found: 90 });
    });

    it('says so where the LMS keeps its override and answers that all is well', async () => {
      house.lms.manners.locked.add(course.sub(1));
      house.pass(120);
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
