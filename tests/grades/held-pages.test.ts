import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { CANVAS_THROTTLING } from '../../src/demo-lms/behaviour.ts';
import { textOf } from '../support/http.ts';
import { openVisits, type Visits } from './support/visits.ts';

let course: Visits;
beforeAll(async () => {
  course = await openVisits();
});
afterAll(() => course.close());

beforeAll(async () => {
  await course.meet(15, 'Kick-off', { 0: 'missed', 1: 'excused' });
  await course.meet(8, 'Second week', { 2: 'missed' });
  await course.post();
});

describe('a grade that staff changed in the LMS', () => {
  beforeAll(async () => {
    await course.house.lms.setGrade('course', 'f0', 71);
    await course.house.lms.setGrade('course', 'f2', 72);
    await course.meet(2, 'Third week');
  });

  it('is held, shown with both values, and counted at home', async () => {
    const done = await course.post();
    expect(textOf(done.html)).toContain('2 grades were changed in the LMS and are held');
    expect(await course.house.lms.gradeOf('course', 'f0')).toBe(71);
    const held = textOf((await course.manager.get('/grades?show=held')).html);
    expect(held).toContain('Fellow 0 66.67 Held The LMS shows 71 of 100, which is not from here.');
    expect(held).not.toContain('Fellow 1');
    const home = await course.manager.get('/');
    expect(textOf(home.html)).toMatch(/Grades posted 4 2 held/);
    expect(textOf(home.html)).toContain('2 grades were changed in the LMS and wait for your choice');
    expect(textOf(home.html)).not.toContain('Everything is set up');
    expect(home.html).toContain('/grades?show=held"');
  });

  it('stands where staff keep it', async () => {
    const target = `/grades/people/${course.idOf(0)}`;
    const after = await course.manager.submit(await course.manager.get(target), `${target}/grade`);
    expect(textOf(after.html)).toContain("The LMS's grade stands, as staff chose.");
    expect(textOf(after.html)).not.toContain('Which grade should stand?');
    await course.post();
    expect(await course.house.lms.gradeOf('course', 'f0')).toBe(71);
    expect(await course.audit('grade_keep')).toMatchObject([
      { subject: course.idOf(0), details: { theirs: 71, ours: 66.67 } },
    ]);
  });

  it('gives way where staff post ours anyway', async () => {
    const target = `/grades/people/${course.idOf(2)}`;
    const page = await course.manager.get(target);
    expect(textOf(page.html)).toContain('Post 66.67 anyway');
    await course.manager.submit(page, `${target}/grade`, { choice: 'post' });
    await course.goOn();
    expect(await course.house.lms.gradeOf('course', 'f2')).toBe(66.67);
    expect(textOf((await course.manager.get(target)).html)).toContain('Posted');
    expect(await course.audit('grade_post_anyway')).toMatchObject([{ subject: course.idOf(2) }]);
  });

  it('is chosen about but once, by one of two choices', async () => {
    const page = await course.manager.get(`/grades/people/${course.idOf(0)}`);
    const action = `/grades/people/${course.idOf(0)}/grade`;
    expect((await course.manager.submit(page, action, { choice: 'keep' })).status).toBe(409);
    expect((await course.manager.submit(page, action, { choice: 'burn' })).status).toBe(400);
  });

  it('is not chosen about where the LMS shows another grade than the page did', async () => {
    const page = await course.manager.get(`/grades/people/${course.idOf(0)}`);
    const action = `/grades/people/${course.idOf(0)}/grade`;
    const refused = await course.manager.submit(page, action, { choice: 'post', seen: '12' });
    expect(refused.status).toBe(409);
    expect(textOf(refused.html)).toContain('not the one you saw');
    expect(await course.house.lms.gradeOf('course', 'f0')).toBe(71);
  });
});

describe('what the LMS does not take', () => {
  it('stands in the list with a sentence to act on', async () => {
    await course.house.lms.suspend('course', 'f3');
    await course.meet(1, 'Fourth week', { 3: 'missed', 4: 'missed' });
    const done = await course.post();
    expect(textOf(done.html)).toContain('1 grade was refused.');
    const text = textOf((await course.manager.get('/grades?show=refused')).html);
    expect(text).toContain('Fellow 3');
    expect(text).toContain('Check in the LMS that they are enrolled as a student');
    expect(await course.house.lms.gradeOf('course', 'f4')).toBe(75);
    await course.house.lms.suspend('course', 'f3', false);
    await course.post();
    expect(await course.house.lms.gradeOf('course', 'f3')).toBe(75);
  });

  it('waits where the LMS is busy, and the page says that it goes on by itself', async () => {
    await course.meet(0.5, 'Fifth week', { 5: 'missed' });
    course.house.lms.behaviour.fail('scores', [CANVAS_THROTTLING, CANVAS_THROTTLING]);
    const page = await course.post();
    expect(textOf(page.html)).toContain('The LMS is busy and asked us to wait. It is tried again by itself.');
    expect(textOf((await course.manager.get('/grades')).html)).toContain('Posting grades The LMS is busy');
    await course.goOn(10 * 60_000);
    expect(await course.house.lms.gradeOf('course', 'f5')).toBe(80);
  });
});
