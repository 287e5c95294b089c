import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { RosterMember } from '../../src/lti/types.ts';
import { type Course, openSchool, type School, type Visit } from './support/school.ts';

let school: School;
beforeAll(async () => {
  school = await openSchool();
});
afterAll(() => school.close());
afterEach(() => school.house.lms.behaviour.reset());

type Begun = Course & { readonly manager: Visit };
let count = 0;
/** A course whose LMS lists so many fellows, f0, f1, ... */
async function classOf(fellows: number): Promise<Begun & { readonly ids: readonly string[] }> {
  const name = `sync${(count += 1)}`;
  const course = await school.begin(name);
  const ids = Array.from({ length: fellows }, (_, index) => `${name}-f${index}`);
  for (const id of ids) await course.add(id, `Fellow ${id}`);
  return { ...course, ids };
}
const memberOf = (sub: string): RosterMember => ({
  sub,
  role: 'learner',
  testUser: false,
  status: 'active',
  name: sub,
  givenName: null,
  familyName: null,
  email: null,
});
const active = (course: Course): Promise<number> =>
  school.course.enrolments.count(course.scope, { state: 'active', role: 'fellow' });
const suspend = (course: string, id: string, suspended = true): Promise<void> =>
  school.house.lms.suspend(course, id, suspended);
const numbers = (html: string): string[] => [...html.matchAll(/<dd>(\d+)<\/dd>/g)].map(([, one = '']) => one);

describe('Sync roster', () => {
  it('takes everyone, over all pages, and names who is new', async () => {
    const course = await classOf(7);
    school.house.lms.behaviour.rosterPage = 3;
    const page = await course.sync();
    expect(page.text).toContain('The roster is up to date');
    expect(numbers(page.html)).toEqual(['8', '0', '0']);
    expect(page.text).toContain(`Fellow ${course.ids[6] ?? ''}`);
    expect(await active(course)).toBe(7);
  });

  it('writes nothing where nothing changed, and says what changed where it did', async () => {
    const course = await classOf(3);
    await course.sync();
    expect(numbers((await course.sync()).html)).toEqual(['0', '0', '0']);
    await school.house.lms.rename(course.ids[1] ?? '', 'Zainab Musa');
    const page = await course.sync();
    expect(numbers(page.html)).toEqual(['0', '1', '0']);
    expect(page.text).toContain('Zainab Musa changed: name');
  });

  it('keeps the dates of who leaves and comes back', async () => {
    const course = await classOf(12);
    const [id = ''] = course.ids;
    await course.sync();
    const { joinedAt } = await course.person(id);
    school.pass(3_600_000);
    await suspend(course.ids[0]?.split('-')[0] ?? '', id);
    expect(numbers((await course.sync()).html)).toEqual(['0', '0', '1']);
    const gone = await course.person(id);
    expect(gone).toMatchObject({ state: 'left', joinedAt });
    expect((await course.manager.get('/roster?show=left')).text).toContain(`Fellow ${id}`);
    school.pass(3_600_000);
    await suspend(id.split('-')[0] ?? '', id, false);
    const page = await course.sync();
    expect(page.text).toContain('came back');
    const back = await course.person(id);
    expect(back).toMatchObject({ state: 'active', leftAt: null, joinedAt });
    expect(back.stays).toEqual([
      { from: joinedAt, until: gone.leftAt },
      { from: expect.any(Date), until: null },
    ]);
  });

  it('counts again what an interrupted run had written', async () => {
    const course = await classOf(3);
    await course.manager.post('/roster/sync');
    const sync = await school.house.services.jobs.findLatest(course.scope, 'sync');
    const { platformId } = await school.course.courses.select(course.scope);
    const half = [memberOf(course.ids[0] ?? '')];
    await school.course.sync.apply(course.scope, platformId, sync?.id ?? '', half);
    await school.house.services.jobs.runDue();
    expect(numbers((await course.manager.get('/roster/sync')).html)).toEqual(['4', '0', '0']);
  });

  it('never loses a role that staff set while it wrote', async () => {
    const course = await classOf(1);
    await course.sync();
    const [id = ''] = course.ids;
    await school.house.lms.rename(id, 'New Name');
    await Promise.all([
      course.sync(),
      ...Array.from({ length: 5 }, () =>
        school.course.enrolments.setRole(course.scope, course.personId(id), 'visitor'),
      ),
    ]);
    expect(await course.person(id)).toMatchObject({
      roleOverride: 'visitor',
      role: 'visitor',
      name: 'New Name',
    });
  });
});

describe('A roster that lacks more than a tenth', () => {
  it('marks nobody before a person has said yes to so many', async () => {
    const course = await classOf(5);
    await course.sync();
    const name = course.ids[0]?.split('-')[0] ?? '';
    await suspend(name, course.ids[0] ?? '');
    const page = await course.sync();
    expect(page.text).toContain('nobody was marked as having left');
    expect(page.text).toContain(`Fellow ${course.ids[0] ?? ''}`);
    expect(await active(course)).toBe(5);
    expect((await course.manager.get('/roster')).text).toContain('Look and decide');

    // The yes was for one; by now two are missing.
    await suspend(name, course.ids[1] ?? '');
    await course.manager.post('/roster/sync', { may_vanish: '1' });
    await school.house.services.jobs.runDue();
    expect(await active(course)).toBe(5);

    await course.manager.post('/roster/sync', { may_vanish: '2' });
    await school.house.services.jobs.runDue();
    expect(numbers((await course.manager.get('/roster/sync')).html)).toEqual(['0', '0', '2']);
    expect(await active(course)).toBe(3);
  });

  it('is not made small by a crowd that joins at the same time', async () => {
    const course = await classOf(5);
    await course.sync();
    const name = course.ids[0]?.split('-')[0] ?? '';
    for (const id of course.ids.slice(0, 2)) await suspend(name, id);
    for (let index = 0; index < 40; index += 1) await course.add(`${name}-new${index}`);
    const page = await course.sync();
    expect(page.text).toContain('nobody was marked as having left');
    expect(numbers(page.html)).toEqual(['40', '0', '0']);
  });

  it('is not made small by joiners of a run that was interrupted', async () => {
    const course = await classOf(5);
    await course.sync();
    const name = course.ids[0]?.split('-')[0] ?? '';
    for (const id of course.ids.slice(0, 2)) await suspend(name, id);
    await course.manager.post('/roster/sync');
    const sync = await school.house.services.jobs.findLatest(course.scope, 'sync');
    const { platformId } = await school.course.courses.select(course.scope);
    const joiners = Array.from({ length: 40 }, (_, index) => memberOf(`${name}-new${index}`));
    for (const { sub } of joiners) await course.add(sub);
    await school.course.sync.apply(course.scope, platformId, sync?.id ?? '', joiners);
    await school.house.services.jobs.runDue();
    expect((await course.manager.get('/roster/sync')).text).toContain('nobody was marked as having left');
  });

  it('may be empty: that is said, and removes nobody', async () => {
    const course = await classOf(2);
    await course.sync();
    const name = course.ids[0]?.split('-')[0] ?? '';
    for (const id of [...course.ids, `${name}-cm`]) await suspend(name, id);
    const page = await course.sync();
    expect(page.text).toContain('empty roster');
    expect(page.text).toContain('The LMS listed nobody');
    expect(await active(course)).toBe(2);
  });

  it('is not lack of those who only ever launched', async () => {
    const course = await classOf(0);
    const name = `sync${count}`;
    await course.add(`${name}-guest`);
    await course.open(`${name}-guest`);
    await suspend(name, `${name}-guest`);
    const page = await course.sync();
    expect(page.text).not.toContain('nobody was marked');
    expect((await course.person(`${name}-guest`)).state).toBe('active');
  });
});

describe('An LMS that is away', () => {
  it('leaves the old roster, says when it is tried again, and the sync goes on by itself', async () => {
    const course = await classOf(3);
    await course.sync();
    await course.add(`${course.ids[0] ?? ''}b`);
    const busy = { status: 503, headers: { 'retry-after': '600' } };
    school.house.lms.behaviour.fail('members', [busy]);
    const page = await course.sync();
    expect(page.text).toMatch(/tried again by itself \w{3} \d+ \w{3}, \d+:\d\d [ap]m/);
    expect(page.text).toContain('The roster you had is unchanged');
    expect(await active(course)).toBe(3);
    expect((await course.manager.get('/roster')).text).toContain('Taking the roster from the LMS');
    school.pass(601_000);
    await school.house.services.jobs.runDue();
    expect(await active(course)).toBe(4);
  });

  it('half way through its pages has changed nothing', async () => {
    const course = await classOf(6);
    school.house.lms.behaviour.rosterPage = 3;
    school.house.lms.behaviour.fail('members', [{}, { status: 503, headers: { 'retry-after': '600' } }]);
    await course.sync();
    expect(await active(course)).toBe(0);
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
    const course = await classOf(11);
    // Tokens of earlier syncs are over.
    school.pass(3_600_000);
    spoil();
    const page = await course.sync();
    expect(page.text).toContain('The roster could not be taken');
    expect(page.text).toContain(words);
    expect(page.text).toContain('The roster you had is unchanged');
    expect((await course.manager.get('/roster')).text).toContain(words);
    expect(await active(course)).toBe(0);
  });

  it('because it is not offered at all is said on the roster, with what to do', async () => {
    school.house.lms.behaviour.spoil = (claims) => {
      for (const name of Object.keys(claims)) if (name.includes('namesroleservice')) claims[name] = undefined;
    };
    const course = await classOf(0);
    const page = await course.manager.get('/roster');
    expect(page.text).toContain('does not offer its roster');
    expect(page.html).not.toContain('/roster/sync');
    expect((await course.sync()).text).toContain('does not offer its roster');
  });
});

describe('An empty course', () => {
  it('leads from its home to the sync', async () => {
    const course = await classOf(2);
    const home = await course.manager.get('/');
    expect(home.text).toContain("Take the course's people from the LMS");
    expect(home.html).toMatch(/class="btn main" href="[^"]*\/roster"/);
    expect((await course.manager.get('/roster')).text).toContain(
      'Sync the roster: everyone in the LMS course comes here',
    );
    await course.sync();
    expect((await course.manager.get('/')).text).toContain('2 fellows');
  });
});
