import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type Class, classOf, fellowsOf, figuresOf, memberOf } from './support/classes.ts';
import { openSchool, type School } from './support/school.ts';

let school: School;
beforeAll(async () => {
  school = await openSchool();
});
afterAll(() => school.close());
afterEach(() => school.house.lms.behaviour.reset());

const suspend = ({ name }: Class, id: string, suspended = true): Promise<void> =>
  school.house.lms.suspend(name, id, suspended);

describe('Sync roster', () => {
  it('takes everyone, over all pages, and names who is new', async () => {
    const course = await classOf(school, 7);
    school.house.lms.behaviour.rosterPage = 3;
    const page = await course.sync();
    expect(page.text).toContain('The roster is up to date');
    expect(figuresOf(page.html)).toEqual(['7', '0', '0']);
    expect(page.text).toContain(`Fellow ${course.ids[6] ?? ''}`);
    expect(await fellowsOf(school, course)).toBe(7);
  });

  it('writes nothing where nothing changed, and says what changed where it did', async () => {
    const course = await classOf(school, 3);
    await course.sync();
    expect(figuresOf((await course.sync()).html)).toEqual(['0', '0', '0']);
    await school.house.lms.rename(course.ids[1] ?? '', 'Zainab Musa');
    const page = await course.sync();
    expect(figuresOf(page.html)).toEqual(['0', '1', '0']);
    expect(page.text).toContain('Zainab Musa changed: name');
  });

  it('keeps the dates of who leaves and comes back', async () => {
    const course = await classOf(school, 12);
    const [id = ''] = course.ids;
    await course.sync();
    const { joinedAt } = await course.person(id);
    school.pass(3_600_000);
    await suspend(course, id);
    expect(figuresOf((await course.sync()).html)).toEqual(['0', '0', '1']);
    const gone = await course.person(id);
    expect(gone).toMatchObject({ state: 'left', joinedAt });
    expect((await course.manager.get('/roster?show=left')).text).toContain(`Fellow ${id}`);
    school.pass(3_600_000);
    await suspend(course, id, false);
    const page = await course.sync();
    expect(figuresOf(page.html)).toEqual(['0', '1', '0', '0']);
    expect(page.text).toMatch(/New 0 Came back 1 Changed 0 Left 0/);
    const back = await course.person(id);
    expect(back).toMatchObject({ state: 'active', leftAt: null, joinedAt });
    expect(back.stays).toEqual([
      { from: joinedAt, until: gone.leftAt },
      { from: expect.any(Date), until: null },
    ]);
  });

  it('counts nobody as new who came by a launch before, unless more of them changed', async () => {
    const course = await classOf(school, 2);
    const [early = ''] = course.ids;
    await course.open(early);
    await course.add(`${course.name}-mentor`, 'Maryam Bello', 'mentor');
    await course.open(`${course.name}-mentor`);
    const page = await course.sync();
    expect(figuresOf(page.html)).toEqual(['1', '1', '0']);
    expect(page.text).toContain('Maryam Bello changed: role');
  });

  it('counts again what an interrupted run had written', async () => {
    const course = await classOf(school, 3);
    await course.manager.post('/roster/sync');
    const sync = await school.house.services.jobs.findLatest(course.scope, 'sync');
    const { platformId } = await school.course.courses.select(course.scope);
    const half = [memberOf(course.ids[0] ?? '')];
    await school.course.sync.apply(course.scope, platformId, sync?.id ?? '', half);
    await school.house.services.jobs.runDue();
    expect(figuresOf((await course.manager.get('/roster/sync')).html)).toEqual(['3', '0', '0']);
  });

  it('never loses a role that staff set while it wrote', async () => {
    const course = await classOf(school, 1);
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
    const course = await classOf(school, 5);
    await course.sync();
    await suspend(course, course.ids[0] ?? '');
    const page = await course.sync();
    expect(page.text).toContain('nobody was marked as having left');
    expect(page.text).toContain(`Fellow ${course.ids[0] ?? ''}`);
    expect(await fellowsOf(school, course)).toBe(5);
    expect((await course.manager.get('/roster')).text).toContain('Look and decide');

    // The yes was for one; by now two are missing.
    await suspend(course, course.ids[1] ?? '');
    await course.manager.post('/roster/sync', { may_vanish: '1' });
    await school.house.services.jobs.runDue();
    expect(await fellowsOf(school, course)).toBe(5);

    await course.manager.post('/roster/sync', { may_vanish: '2' });
    await school.house.services.jobs.runDue();
    expect(figuresOf((await course.manager.get('/roster/sync')).html)).toEqual(['0', '0', '2']);
    expect(await fellowsOf(school, course)).toBe(3);
  });

  it('is not made small by a crowd that joins at the same time', async () => {
    const course = await classOf(school, 5);
    await course.sync();
    const { name } = course;
    for (const id of course.ids.slice(0, 2)) await suspend(course, id);
    for (let index = 0; index < 40; index += 1) await course.add(`${name}-new${index}`);
    const page = await course.sync();
    expect(page.text).toContain('nobody was marked as having left');
    expect(figuresOf(page.html)).toEqual(['40', '0', '0']);
  });

  it('is not made small by joiners of a run that was interrupted', async () => {
    const course = await classOf(school, 5);
    await course.sync();
    const { name } = course;
    for (const id of course.ids.slice(0, 2)) await suspend(course, id);
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
    const course = await classOf(school, 2);
    await course.sync();
    const { name } = course;
    for (const id of [...course.ids, `${name}-cm`]) await suspend(course, id);
    const page = await course.sync();
    expect(page.text).toContain('empty roster');
    expect(page.text).toContain('The LMS listed nobody');
    expect(await fellowsOf(school, course)).toBe(2);
  });

  it('is not lack of those who only ever launched', async () => {
    const course = await classOf(school, 0);
    const { name } = course;
    await course.add(`${name}-guest`);
    await course.open(`${name}-guest`);
    await suspend(course, `${name}-guest`);
    const page = await course.sync();
    expect(page.text).not.toContain('nobody was marked');
    expect((await course.person(`${name}-guest`)).state).toBe('active');
  });
});

describe('An empty course', () => {
  it('leads from its home to the sync', async () => {
    const course = await classOf(school, 2);
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
