import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { classOf, fellowsOf, figuresOf } from './support/classes.ts';
import { failNext } from '../support/database.ts';
import { openSchool, type School } from './support/school.ts';

let school: School;
beforeAll(async () => {
  school = await openSchool();
});
afterAll(() => school.close());
afterEach(() => school.house.lms.behaviour.reset());

describe('An LMS that is away', () => {
  it('leaves the old roster, says when it is tried again, and the sync goes on by itself', async () => {
    const course = await classOf(school, 3);
    await course.sync();
    await course.add(`${course.ids[0] ?? ''}b`);
    const busy = { status: 503, headers: { 'retry-after': '600' } };
    school.house.lms.behaviour.fail('members', [busy]);
    const page = await course.sync();
    expect(page.text).toMatch(/tried again by itself \w{3} \d+ \w{3}, \d+:\d\d [ap]m/);
    expect(page.text).toContain('The roster you had is unchanged');
    expect(await fellowsOf(school, course)).toBe(3);
    expect((await course.manager.get('/roster')).text).toContain('Taking the roster from the LMS');
    school.pass(601_000);
    await school.house.services.jobs.runDue();
    expect(await fellowsOf(school, course)).toBe(4);
  });

  it('half way through its pages has changed nothing', async () => {
    const course = await classOf(school, 6);
    school.house.lms.behaviour.rosterPage = 3;
    school.house.lms.behaviour.fail('members', [{}, { status: 503, headers: { 'retry-after': '600' } }]);
    await course.sync();
    expect(await fellowsOf(school, course)).toBe(0);
  });
});

describe('A roster that the LMS does not give', () => {
  const refuse: readonly [string, () => void, string][] = [
    [
      'refuses the scope',
      () => (school.house.lms.behaviour.grantScopes = () => []),
      'did not allow the roster',
    ],
    [
      'refuses the call',
      () => school.house.lms.behaviour.fail('members', [{ status: 403 }]),
      'did not allow',
    ],
    [
      'forgot the course',
      () => school.house.lms.behaviour.fail('members', [{ status: 404 }]),
      'does not know the course',
    ],
    [
      'answers nonsense',
      () => (school.house.lms.behaviour.rosterBody = () => ({ people: [] })),
      'not a roster',
    ],
    [
      'sends one page again and again',
      () => {
        school.house.lms.behaviour.rosterPage = 10;
        school.house.lms.behaviour.rosterNext = (_next, here) => here;
      },
      'the same page',
    ],
    [
      'points elsewhere for the rest',
      () => {
        school.house.lms.behaviour.rosterPage = 10;
        school.house.lms.behaviour.rosterNext = () => 'https://other.example/members';
      },
      'another host',
    ],
  ];
  it.each(refuse)('is a sentence where it %s, and the roster stays', async (_what, spoil, words) => {
    const course = await classOf(school, 11);
    // Tokens of earlier syncs are over.
    school.pass(3_600_000);
    spoil();
    const page = await course.sync();
    expect(page.text).toContain('The roster could not be taken');
    expect(page.text).toContain(words);
    expect(page.text).toContain('The roster you had is unchanged');
    expect((await course.manager.get('/roster')).text).toContain(words);
    expect(await fellowsOf(school, course)).toBe(0);
  });

  it('because it is not offered at all is said on the roster, with what to do', async () => {
    school.house.lms.behaviour.spoil = (claims) => {
      for (const name of Object.keys(claims)) if (name.includes('namesroleservice')) claims[name] = undefined;
    };
    const course = await classOf(school, 0);
    const page = await course.manager.get('/roster');
    expect(page.text).toContain('does not offer its roster');
    expect(page.html).not.toContain('/roster/sync');
    expect((await course.sync()).text).toContain('does not offer its roster');
  });
});

describe('A roster', () => {
  it('without names has "Learner" and a number for each, as a CSV may name them', async () => {
    school.house.lms.behaviour.rosterBody = (body) => ({
      ...body,
      members: (body['members'] as Record<string, unknown>[]).map(({ user_id, roles }) => ({
        user_id,
        roles,
      })),
    });
    const course = await classOf(school, 2);
    await course.sync();
    const { number } = await course.person(course.ids[1] ?? '');
    expect((await course.manager.get('/roster')).text).toContain(`Learner ${number}`);
    const { to } = await course.manager.send('/roster/upload', `name,track\nlearner ${number},DevOps\n`);
    expect((await course.manager.get(to ?? '')).text).toContain('1 fellow was found');
  });

  it('survives a database that fails in the middle of its writing', async () => {
    const course = await classOf(school, 3);
    await course.manager.post('/roster/sync');
    await failNext(school.house.database, 'insert', 'lost');
    await school.house.services.jobs.runDue();
    const page = await course.manager.get('/roster/sync');
    expect(page.text).toMatch(/Something went wrong on our side\. It is tried again by itself/);
    for (let run = 0; run < 5; run += 1) {
      await school.house.services.jobs.runDue();
      school.pass(300_000);
    }
    expect(figuresOf((await course.manager.get('/roster/sync')).html)).toEqual(['3', '0', '0']);
    expect(await fellowsOf(school, course)).toBe(3);
  });
});
