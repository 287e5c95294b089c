import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createCopyStore } from '../../src/course/copies/copies.store.ts';
import { type Class, classOf } from './support/classes.ts';
import { openSchool, type School } from './support/school.ts';

const PLACE = { track: 'DevOps', state: 'Kano', lga: 'Dala', zone: 'North West', country: 'Nigeria' };
let school: School;
let course: Class;
beforeAll(async () => {
  school = await openSchool();
  course = await classOf(school, 4);
});
afterAll(() => school.close());
const know = (...indices: number[]) =>
  school.course.profiles.tell(
    course.scope,
    indices.map((index) => ({ personId: course.personId(course.ids[index] ?? ''), told: PLACE })),
    'csv',
  );

describe('The steps of the course home', () => {
  it('say nothing is known of people who are not here yet', async () => {
    const { text } = await course.manager.get('/');
    expect(text).toContain('Tracks and places asked for once the roster is here');
    expect(text).not.toContain('known for everyone');
  });

  it('are not ticked while somebody is not known, list these, and go on all the same', async () => {
    await course.sync();
    await know(0, 1, 2);
    const { html, text } = await course.manager.get('/');
    expect(text).toContain('Tracks and places not known for 1 fellow');
    expect(text).not.toContain('Tracks and places (done)');
    expect(html).toContain('/roster?show=unknown"');
    expect(html).toMatch(/btn main" href="[^"]*\/groups"/);
  });

  it('are ticked where everybody is known', async () => {
    await know(3);
    expect((await course.manager.get('/')).text).toContain('Tracks and places (done) known for everyone');
  });
});

describe('The check of another list of places', () => {
  it('counts fellows of the course alone, not who has left it', async () => {
    await course.manager.post('/settings/places', { text: 'state\nAccra' });
    await school.house.lms.suspend(course.name, course.ids[0] ?? '');
    await course.manager.post('/roster/sync', { may_vanish: '1' });
    await school.house.services.jobs.runDue();
    const { to } = await course.manager.post('/settings/places', { text: 'state\nAccra' });
    expect((await course.manager.get(to ?? '')).text).toContain(
      '3 fellows have a place that is not in this list',
    );
  });
});

describe('Taking over the settings of the course that this one was copied from', () => {
  it('is decided before anything is written, and finished where it was interrupted', async () => {
    const [from, to] = [await classOf(school, 0), await classOf(school, 0)];
    const { database } = school.house;
    const { courses, trees } = school.course;
    await courses.saveSettings(from.scope, { timeZone: 'Africa/Accra' });
    const rows = database.connection.collection<{ _id: string; state: string }>('course_copies');
    const _id = to.scope.courseId;
    const row = { fromCourseId: from.scope.courseId, foundAt: new Date(), decidedAt: null };
    await rows.insertOne({ _id, state: 'offered', ...row });
    let broken = true;
    const interrupted: typeof courses = {
      ...courses,
      saveSettings: (...given) =>
        broken ? Promise.reject(new Error('killed')) : courses.saveSettings(...given),
    };
    const copies = createCopyStore({ database, clock: () => new Date(), courses: interrupted, trees });
    await expect(copies.take(to.scope, 'cm')).rejects.toThrow('killed');
    expect(await copies.decline(to.scope)).toBe(false);
    broken = false;
    expect(await copies.take(to.scope, 'cm')).toBe(true);
    expect((await courses.select(to.scope)).settings.timeZone).toBe('Africa/Accra');
    await rows.updateOne({ _id }, { $set: { state: 'declined' } });
    await courses.saveSettings(to.scope, { timeZone: 'Africa/Lagos' });
    expect(await copies.take(to.scope, 'cm')).toBe(false);
    expect((await courses.select(to.scope)).settings.timeZone).toBe('Africa/Lagos');
  });
});
