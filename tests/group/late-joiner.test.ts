import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newId } from '../../src/database/index.ts';
import { DEFAULT_RULES } from '../../src/formation/engine/types.ts';
import { PROPOSE } from '../../src/formation/proposals/propose.job.ts';
import { PUBLISH } from '../../src/group/publish/publish.job.ts';
import { openSchool, type School } from '../course/support/school.ts';

const TRACK = 'Data Science';
const FORM = { track: TRACK, state: 'Lagos', lga: 'Ikeja', can_lead: '', skill: '' };
let school: School;
let course: Awaited<ReturnType<School['begin']>>;

beforeAll(async () => {
  school = await openSchool();
  course = await school.begin('late');
  for (let index = 0; index < 5; index += 1) await course.add(`early-${index}`, `Early ${index}`);
  await course.sync();
  for (let index = 0; index < 5; index += 1)
    await school.course.profiles.replace(
      course.scope,
      course.personId(`early-${index}`),
      { track: TRACK, lga: 'Ikeja', state: 'Lagos', zone: 'South West', country: 'Nigeria' },
      'staff',
    );
  const { jobs } = school.house.services;
  const { courseId } = course.scope;
  const proposalId = newId();
  const by = course.personId('late-cm');
  await jobs.enqueue({
    kind: PROPOSE,
    courseId,
    key: 'p',
    payload: { proposalId, rules: DEFAULT_RULES, by },
  });
  await jobs.runDue();
  await jobs.enqueue({ kind: PUBLISH, courseId, key: 'p', payload: { proposalId, by } });
  await jobs.runDue();
});
afterAll(() => school.close());

describe('a fellow who opens the tool after groups are published', () => {
  it('tells track and place, and is in a group without anybody doing anything', async () => {
    await course.add('new-1', 'Nneka New');
    const fellow = await course.open('new-1');
    expect((await fellow.get('/group')).to).toBe('/me/profile');
    expect((await fellow.post('/me/profile', FORM)).to).toBe('/group');
    const looking = await fellow.get('/group');
    expect(looking.text).toContain('We are looking for a group of your track near you.');
    expect(looking.html).toContain('http-equiv="refresh"');
    await school.house.services.jobs.runDue();
    const { status, text } = await fellow.get('/group');
    expect(status).toBe(200);
    expect(text).toContain('You joined');
    expect(text).toContain('It is of your track, in your local government area, and had room.');
    expect(text).toContain('6 fellows learning together.');
  });

  it('reads why: who was there at the beginning, what formation weighed; who came later, that it placed nobody else', async () => {
    const early = await (await course.open('early-1')).get('/group/why');
    expect(early.text).toContain('Why this group? Everyone in it learns Data Science.');
    expect(early.text).toContain('What was weighed');
    expect(early.text).not.toMatch(/gender|woman|women|\bman\b|Early [02-4]/i);
    const late = await (await course.open('new-1')).get('/group/why');
    expect(late.text).toContain('You joined this group after it was formed');
    expect((await (await course.open('late-cm')).get('/group/why')).status).toBe(403);
  });

  it('reads what is new until it is put away; nobody else can put it away', async () => {
    const fellow = await course.open('new-1');
    const { html } = await fellow.get('/group');
    const [, path = ''] = /action="[^"]*(\/notices\/[^"]+\/dismiss)"/.exec(html) ?? [];
    const other = await course.open('early-1');
    expect((await other.post(path)).status).toBe(404);
    expect((await fellow.get('/group')).text).toContain('You joined');
    expect((await fellow.post(path)).to).toBe('/group');
    expect((await fellow.get('/group')).text).not.toContain('You joined');
    expect((await fellow.post(path)).to).toBe('/group');
  });

  it('is taken out of the group by hand and put back, each at once', async () => {
    const personId = course.personId('new-1');
    const { manager } = course;
    const one = `/groups/people/${personId}`;
    const { html } = await manager.get(one);
    const from = /\/groups\/g\/([^"]+)"/.exec(html)?.[1] ?? '';
    expect((await manager.post(one, { from, to: 'out' })).to).toBe(`${one}?undo=${from}&done=out`);
    expect((await manager.post(one, { from: 'out', to: from })).to).toBe(`${one}?undo=out&done=added`);
    expect((await (await course.open('new-1')).get('/group')).text).toContain('added you to');
  });

  it('is seen by the others of the group', async () => {
    const other = await course.open('early-0');
    expect((await other.get('/group')).text).toContain('Nneka New joined your group on');
  });
});

describe('a fellow whom the roster names after groups are published', () => {
  it('is placed by the sync where track and place are known', async () => {
    await course.add('new-2', 'Obi Other');
    await school.course.profiles.replace(
      course.scope,
      course.personId('new-2'),
      { track: TRACK, lga: 'Ikeja', state: 'Lagos', zone: 'South West', country: 'Nigeria' },
      'staff',
    );
    await course.sync();
    await school.house.services.jobs.runDue();
    const fellow = await course.open('new-2');
    expect((await fellow.get('/group')).text).toContain('7 fellows learning together.');
  });

  it('is told why they wait where no group has room, and what happens next', async () => {
    for (let index = 0; index < 4; index += 1) {
      await course.add(`more-${index}`, `More ${index}`);
      await school.course.profiles.replace(
        course.scope,
        course.personId(`more-${index}`),
        { track: TRACK, lga: 'Ikeja', state: 'Lagos', zone: 'South West', country: 'Nigeria' },
        'staff',
      );
    }
    await course.sync();
    await school.house.services.jobs.runDue();
    const texts: string[] = [];
    for (let index = 0; index < 4; index += 1)
      texts.push((await (await course.open(`more-${index}`)).get('/group')).text);
    const waits = texts.filter((text) => text.includes('Every group of your track is full at the moment.'));
    expect(waits).toHaveLength(1);
    expect(waits[0]).toContain('As soon as a seat is free near you, you are in that group, by itself.');
    expect((await course.manager.get('/')).text).toContain('1 fellow waits for a group. See why, and decide');
    expect((await course.manager.get('/groups/updates')).text).toContain(
      'no group of their track has a free seat',
    );
  });
});
