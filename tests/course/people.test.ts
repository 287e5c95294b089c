import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LtiRole } from '../../src/lti/types.ts';
import type { CourseRole } from '../../src/scope.ts';
import { courseRoleOf } from '../../src/course/roster/roles.ts';
import { type Course, openSchool, type School, type Visit } from './support/school.ts';

describe('A role in the course', () => {
  it.each<[LtiRole | null, LtiRole | null, CourseRole]>([
    // launch, roster
    ['instructor', null, 'manager'],
    ['instructor', 'instructor', 'manager'],
    // Moodle: a non-editing teacher.
    ['instructor', 'learner', 'mentor'],
    ['mentor', null, 'mentor'],
    ['mentor', 'learner', 'mentor'],
    [null, 'mentor', 'mentor'],
    [null, 'instructor', 'manager'],
    [null, 'learner', 'fellow'],
    ['learner', null, 'fellow'],
    ['learner', 'learner', 'fellow'],
    // Staff who look at the course as a learner are grouped with nobody.
    ['learner', 'instructor', 'visitor'],
    ['administrator', null, 'visitor'],
    ['administrator', 'learner', 'visitor'],
    ['none', null, 'visitor'],
    ['none', 'learner', 'visitor'],
    [null, 'none', 'visitor'],
    [null, null, 'visitor'],
  ])('of launch %s and roster %s is %s', (launchRole, rosterRole, role) => {
    const facts = { launchRole, rosterRole, roleOverride: null, testUser: false };
    expect(courseRoleOf(facts)).toBe(role);
  });

  it('of a test user is in no group, unless staff say otherwise', () => {
    const facts = { launchRole: 'learner', rosterRole: 'learner', testUser: true } as const;
    expect(courseRoleOf({ ...facts, roleOverride: null })).toBe('visitor');
    expect(courseRoleOf({ ...facts, roleOverride: 'fellow' })).toBe('fellow');
  });
});

describe('A person in the roster', () => {
  let school: School;
  let course: Course & { readonly manager: Visit };
  beforeAll(async () => {
    school = await openSchool();
    course = await school.begin('people');
    for (const id of ['ada', 'bola']) await course.add(id, id);
    await course.add('maryam', 'Maryam Bello', 'mentor');
    await course.sync();
  });
  afterAll(() => school.close());
  const page = (id: string): string => `/roster/people/${course.personId(id)}`;
  const form = (change: Readonly<Record<string, string>> = {}) => ({
    role: '',
    track: '',
    state: '',
    lga: '',
    ...change,
  });
  const fellows = async (): Promise<string[]> => {
    const found: string[] = [];
    for await (const rows of school.course.enrolments.each(course.scope, 'fellow'))
      found.push(...rows.map(({ sub }) => sub));
    return found.toSorted();
  };

  it('whom the LMS lists as Learner but launches as Instructor is a mentor, and grouped never', async () => {
    expect(await course.person('maryam')).toMatchObject({ rosterRole: 'learner', role: 'fellow' });
    await course.open('maryam');
    expect(await course.person('maryam')).toMatchObject({ launchRole: 'instructor', role: 'mentor' });
    await course.sync();
    expect((await course.person('maryam')).role).toBe('mentor');
    expect(await fellows()).toEqual(['ada', 'bola']);
  });

  it('is excluded and taken back by staff, and stays so through syncs and launches', async () => {
    expect((await course.manager.post(page('bola'), form({ role: 'visitor' }))).status).toBe(303);
    await course.sync();
    const bola = await course.open('bola');
    expect((await course.person('bola')).role).toBe('visitor');
    expect((await bola.get('/')).text).toContain("not in this course's groups");
    expect(await fellows()).toEqual(['ada']);
    await course.manager.post(page('bola'), form());
    expect(await fellows()).toEqual(['ada', 'bola']);
  });

  it('is marked as not a fellow with one button and back with another, audited, and a sync changes nothing', async () => {
    expect((await course.manager.get(page('ada'))).text).toContain('so only the roster says');
    expect((await course.manager.post(`${page('ada')}/fellow`, { is: 'no' })).status).toBe(303);
    await course.sync();
    expect(await fellows()).toEqual(['bola']);
    expect((await course.manager.get('/roster?show=excluded')).text).toContain('ada');
    const again = await course.manager.post(`${page('ada')}/fellow`, { is: 'no' });
    expect(again.status).toBe(409);
    expect(again.text).toContain('not the one you saw');
    expect((await course.manager.get(page('ada'))).text).toContain('Undo: follow the LMS again');
    await course.manager.post(`${page('ada')}/fellow`, { is: 'yes' });
    expect(await fellows()).toEqual(['ada', 'bola']);
    const noted = school.house.database.connection.collection('audit');
    const about = { courseId: course.scope.courseId, subject: course.personId('ada') };
    const actions = (await noted.find(about).sort({ at: 1 }).toArray()).map(({ action }) => String(action));
    expect(actions).toEqual(['person_not_fellow', 'person_fellow_again']);
    expect((await course.manager.post(`${page('people-cm')}/fellow`, { is: 'no' })).status).toBe(409);
  });

  it('who was marked as not a fellow and opens the tool as staff is shown to staff, who may undo it', async () => {
    await course.add('sola', 'Sola Adeyemi', 'mentor');
    await course.sync();
    await course.manager.post(`${page('sola')}/fellow`, { is: 'no' });
    await course.open('sola');
    expect((await course.manager.get(page('sola'))).text).toContain('has since opened Peer Group as staff');
    await course.manager.post(`${page('sola')}/fellow`, { is: 'yes' });
    expect((await course.person('sola')).role).toBe('mentor');
    expect(await fellows()).not.toContain('sola');
  });

  it('is asked about where only a launch can tell, and the roster says so', async () => {
    expect((await course.manager.get('/roster')).text).toContain(
      'list non-editing teachers as learners in the roster',
    );
    await course.add('early', 'Early Teacher', 'instructor');
    await course.open('early');
    expect((await course.manager.get(page('early'))).text).toContain('is in no roster yet');
  });

  it.each([
    ['a role that is none', { role: 'king' }, 'role', 'Choose a role'],
    ['a track that is not offered', { track: 'Astrology' }, 'track', 'Choose a track'],
    ['a state that is not offered', { state: 'Atlantis' }, 'state', 'Choose one from the list'],
    ['an area of another state', { state: 'Kano', lga: 'Ikeja' }, 'lga', 'not in Kano'],
  ])(
    'is not given %s: the form comes back with the reason at the field',
    async (_what, change, field, words) => {
      const answer = await course.manager.post(page('ada'), form({ role: 'mentor', ...change }));
      expect(answer.status).toBe(422);
      expect(answer.html).toContain(`aria-describedby="${field}-error"`);
      expect(answer.text).toContain(words);
      expect((await course.person('ada')).role).toBe('fellow');
    },
  );

  it('cannot take their own role away, or the course might be left without anyone', async () => {
    const answer = await course.manager.post(page('people-cm'), form({ role: 'fellow' }));
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('You cannot take your own role away');
  });

  it('keeps what they entered themselves where staff change something else', async () => {
    const told = { track: 'DevOps', state: 'Kano', lga: 'Dala', zone: 'North West', country: 'Nigeria' };
    await school.course.profiles.replace(course.scope, course.personId('ada'), told, 'form');
    await course.manager.post(page('ada'), form({ track: 'Animation', state: 'Kano', lga: 'Dala' }));
    expect(await school.course.profiles.find(course.scope, course.personId('ada'))).toMatchObject({
      track: 'Animation',
      sources: { track: 'staff', state: 'form', lga: 'form' },
    });
    const { text } = await course.manager.get(page('ada'));
    expect(text).toContain('Animation set by staff');
    expect(text).toContain('Dala, Kano, North West, Nigeria entered by the fellow');
  });

  it('is forgotten for good: neither the next roster nor a launch brings the name back', async () => {
    await course.add('zainab', 'Zainab Musa');
    await course.sync();
    const room = school.house.services.rooms.find(({ name }) => name === 'course');
    const personId = course.personId('zainab');
    await room?.privacy.erase(course.scope, personId);
    await room?.privacy.erase(course.scope, personId);
    await course.sync();
    const back = await course.open('zainab');
    expect((await back.get('/')).status).toBe(401);
    const kept = await course.person('zainab');
    expect(kept).toMatchObject({ name: null, email: null, sub: '', state: 'left', role: 'visitor' });
    expect(JSON.stringify(kept)).not.toMatch(/zainab|musa/i);
  });
});

describe('The course home', () => {
  it('has four numbers and the next step for the Community Manager, and no step for a mentor', async () => {
    const school = await openSchool();
    const course = await school.begin('home');
    const { html, text } = await course.manager.get('/');
    expect(html.match(/<dd>/g)).toHaveLength(4);
    expect(text).toMatch(/People 0 Placed 0 .*Meetups held 0 Grades posted 0/);
    expect(html).toContain('btn main');
    await course.add('maryam', 'Maryam Bello', 'mentor');
    await course.sync();
    const mentor = await course.open('maryam');
    await course.manager.post(`/roster/people/${course.personId('maryam')}`, { role: 'mentor' });
    const home = await mentor.get('/');
    expect(home.html.match(/<dd>/g)).toHaveLength(4);
    expect(home.html).not.toContain('btn main');
    expect(home.html).not.toContain('/roster/upload');
    await school.close();
  });
});
