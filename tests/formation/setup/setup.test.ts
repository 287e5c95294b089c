import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { RULE_NAMES } from '../../../src/formation/engine/types.ts';
import type { CourseScope } from '../../../src/scope.ts';
import { faultsOf, openSite, type TestSite } from '../../group/site.ts';
import { textOf } from '../../support/http.ts';

let site: TestSite;
let scope: CourseScope;

beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());
beforeEach(async () => {
  scope = await site.house.begin();
});

const ask = (target: string, body?: Record<string, string>, role: 'manager' | 'mentor' = 'manager') =>
  site.ask({ scope, role, personId: 'm' }, target, body);
const fellow = (name: string, profile = {}) => site.house.fellow(scope, name, profile);
const fellows = (count: number, name: string, profile = {}) =>
  Promise.all(Array.from({ length: count }, (_, index) => fellow(`${name} ${index}`, profile)));
const setup = () => site.house.formation.stores.setup;
const form = (over: Record<string, string> = {}) => ({
  ...{ min: '4', ideal: '6', max: '10', revision: '0', count: 'no_lead' },
  ...over,
});
async function propose() {
  await ask('/groups/propose', {});
  await site.house.jobs.runDue();
  const at = (await ask('/groups/proposing')).to ?? '';
  const proposal = await site.house.proposals.select(scope, at.split('/').at(-1) ?? '');
  return { proposal, groups: await site.house.proposals.groups(scope, proposal, -1, 99) };
}
const audited = async (action: string) =>
  site.house.database.connection.collection('audit').find({ courseId: scope.courseId, action }).toArray();

describe('the set-up of groups', () => {
  it('is closed to a mentor', async () => {
    expect((await ask('/groups/setup', undefined, 'mentor')).status).toBe(403);
    expect((await ask('/groups/setup', form(), 'mentor')).status).toBe(403);
  });

  it('suits without a touch: all that counts is ticked, and said with an example each', async () => {
    const { html } = await ask('/groups/setup');
    expect(html.match(/name="count" value="\w+" checked/g)).toHaveLength(RULE_NAMES.length);
    const words = textOf(html);
    expect(words).toContain('This is how it is without a touch.');
    expect(words).toContain('With 5 able leads for 5 groups, each group gets one');
    expect(words).toContain('2 in Animation cannot make a group.');
    expect(faultsOf(html)).toEqual([]);
  });

  it('refuses sizes that make no sense at their field, keeps what was typed and saves nothing', async () => {
    const { status, html } = await ask('/groups/setup', form({ min: '7', ideal: '6', cross_track: 'yes' }));
    expect(status).toBe(422);
    expect(html).toMatch(/id="min"[^>]*value="7"/);
    expect(html).toMatch(/id="ideal-error">This must not be smaller/);
    expect(html).toMatch(/name="cross_track" value="yes" checked/);
    expect(await setup().find(scope)).toMatchObject({ revision: 0, min: 4 });
    expect(faultsOf(html)).toEqual([]);
  });

  it('is kept, written down, and what later proposals follow and record', async () => {
    await fellows(8, 'Ada');
    const saved = await ask('/groups/setup', form({ min: '3', ideal: '4', max: '5', cross_track: 'yes' }));
    expect(saved.to).toBe('/groups/setup?saved=1');
    expect(textOf((await ask('/groups/setup?saved=1')).html)).toContain('Groups may be as small as 3 here.');
    expect(await audited('formation_setup')).toHaveLength(1);
    expect(textOf((await ask('/groups')).html)).toContain('Groups of 3 to 5, ideally 4.');
    const { proposal } = await propose();
    expect(proposal.rules).toMatchObject({ min: 3, ideal: 4, max: 5, crossTrack: true, seed: 1 });
    expect(proposal.rules.ignore).toEqual(RULE_NAMES.filter((rule) => rule !== 'no_lead'));
    expect(proposal.bySize).toEqual({ '4': 2 });
  });

  it('of two managers lets the second see what the first saved, and overwrites nothing unseen', async () => {
    await ask('/groups/setup', form({ max: '8' }));
    const { status, html } = await ask('/groups/setup', form({ min: '5', max: '9' }));
    expect(status).toBe(409);
    expect(textOf(html)).toContain(
      'Somebody else changed the set-up while you did. Now saved: groups of 4 to 8',
    );
    expect(html).toMatch(/id="min"[^>]*value="5"/);
    expect(html).toContain('name="revision" value="1"');
    expect(await setup().find(scope)).toMatchObject({ revision: 1, min: 4, max: 8 });
    expect((await ask('/groups/setup', form({ min: '5', max: '9', revision: '1' }))).status).toBe(303);
    expect(await setup().find(scope)).toMatchObject({ revision: 2, min: 5, max: 9 });
    expect(faultsOf(html)).toEqual([]);
  });

  it('of two who save at one moment takes one', async () => {
    const save = (max: number) =>
      setup().save(
        scope,
        0,
        { ...{ min: 4, ideal: 6, max, ignore: [] }, crossTrack: false, anywhere: false },
        'm',
      );
    expect((await Promise.all([save(8), save(9), save(10)])).filter(Boolean)).toHaveLength(1);
  });

  it('lets tracks mix where one is too small, if it says so', async () => {
    await fellows(4, 'Ada');
    await fellows(2, 'Femi', { track: 'Animation' });
    expect((await propose()).proposal.unplaced).toBe(2);
    site.house.setClock('2026-11-02T09:00:00Z');
    await ask('/groups/setup', form({ cross_track: 'yes' }));
    expect((await propose()).proposal.unplaced).toBe(0);
  });
});

describe('who must and must not be together', () => {
  it('are kept so by a proposal, by name, email or user id', async () => {
    await fellows(12, 'Ada');
    const pair = (one: string, kind: string, other: string) =>
      ask('/groups/setup/pairs', { one, kind, other });
    expect((await pair('ada 0', 'with', 'Ada 11')).to).toBe('/groups/setup?saved=1#pairs');
    await pair('Ada 1', 'apart', 'Ada 0');
    await pair('Ada 2', 'apart', 'Ada 3');
    const { html } = await ask('/groups/setup');
    expect(textOf(html)).toContain('Ada 2 and Ada 3 must not be together');
    expect(faultsOf(html)).toEqual([]);
    const { groups } = await propose();
    const names = new Map(
      (
        await site.house.course.enrolments.findMany(
          scope,
          groups.flatMap(({ memberIds }) => memberIds),
        )
      ).map(({ personId, sub }) => [sub, groups.find(({ memberIds }) => memberIds.includes(personId))?.id]),
    );
    expect(names.get('Ada 0')).toBe(names.get('Ada 11'));
    expect(names.get('Ada 1')).not.toBe(names.get('Ada 0'));
    expect(names.get('Ada 2')).not.toBe(names.get('Ada 3'));
    expect(await audited('formation_apart')).toHaveLength(2);
  });

  it('are not taken where the name is nobody’s, several people’s, or twice the same', async () => {
    await fellow('Ada');
    await Promise.all(
      ['x1', 'x2'].map((sub) =>
        site.house.course.enrolments.recordLaunch(scope, {
          ...{
            platformId: 'platform',
            sub,
            name: 'Two Alike',
            email: null,
            role: 'learner',
            testUser: false,
          },
        }),
      ),
    );
    const refused = async (one: string, other: string) => {
      const { status, html } = await ask('/groups/setup/pairs', { one, kind: 'apart', other });
      expect(status).toBe(422);
      expect(html).toContain(`value="${one}"`);
      expect(html).toContain('<option value="apart" selected>');
      expect(faultsOf(html)).toEqual([]);
      return textOf(html);
    };
    expect(await refused('Nobody', 'Ada')).toContain('Nobody in the course is “Nobody”.');
    expect(await refused('Ada', 'Two Alike')).toContain('More than one person is “Two Alike”.');
    expect(await refused('Ada', 'Ada')).toContain('one and the same person');
    expect(await setup().countWishes(scope)).toBe(0);
  });

  it('can be taken back, once or twice', async () => {
    const [a = '', b = ''] = await fellows(2, 'Ada');
    await setup().putWishes(scope, [{ kind: 'with', a, b }], 'm');
    const key = [a, b].toSorted().join(' ');
    expect((await ask('/groups/setup/pairs/remove', { key })).to).toBe('/groups/setup#pairs');
    expect((await ask('/groups/setup/pairs/remove', { key })).status).toBe(303);
    expect(await audited('formation_unpair')).toHaveLength(1);
    expect(textOf((await ask('/groups/setup')).html)).toContain('Nobody must or must not be with anybody.');
  });

  it('come from a file too, which says by line what was not taken', async () => {
    await fellows(8, 'Ada');
    const text = [
      'name;must_with;must_not_with;previous_group',
      'Ada 0;"Ada 1; Ada 2";Ada 3;Old 1',
      'Ada 1;Nobody;Ada 0;Old 1',
      'Who;Ada 0;;',
      'Ada 4;Ada 4;;',
    ].join('\n');
    const { status, html } = await ask('/groups/setup/pairs/file', { text });
    expect(status).toBe(200);
    const words = textOf(html);
    expect(words).toContain('5 entries are taken.');
    expect(words).toContain('Line 3: nobody in the course is “Nobody”.');
    expect(words).toContain('Line 3: an earlier line says the opposite about “Ada 0”');
    expect(words).toContain('Line 4: nobody in the course is “Who”.');
    expect(words).toContain('Line 5: That is one and the same person.');
    expect(faultsOf(html)).toEqual([]);
    await ask('/groups/setup/pairs/file', { text });
    expect(await setup().countWishes(scope)).toBe(5);
  });

  it('refuse a file without the columns, and take nothing of it', async () => {
    for (const text of ['must_with\nAda', 'name\nAda', '']) {
      const { status, html } = await ask('/groups/setup/pairs/file', { text });
      expect(status).toBe(422);
      expect(faultsOf(html)).toEqual([]);
    }
    expect(await setup().countWishes(scope)).toBe(0);
  });

  it('keep those apart who were in one group before', async () => {
    const people = await fellows(8, 'Ada');
    const wishes = people.map((a, index) => ({ kind: 'before' as const, a, b: `Old ${index % 2}` }));
    await setup().putWishes(scope, wishes, 'm');
    await ask('/groups/setup', form({ min: '4', ideal: '4', max: '4', count: 'together_before' }));
    const { groups, proposal } = await propose();
    const old = new Map(wishes.map(({ a, b }) => [a, b]));
    for (const { memberIds } of groups)
      expect(memberIds.filter((id) => old.get(id) === 'Old 0')).toHaveLength(2);
    expect(proposal.terms).toContainEqual(expect.objectContaining({ name: 'together_before', value: 4 }));
  });

  it('are told to whom they are about, and forgotten with them', async () => {
    const [a = '', b = '', c = ''] = await fellows(3, 'Ada');
    await setup().putWishes(
      scope,
      [
        { kind: 'with', a, b },
        { kind: 'apart', a: b, b: c },
      ],
      'm',
    );
    const { privacy } = site.house.formation.room;
    expect(await privacy.export(scope, a)).toMatchObject({ wishes: [{ kind: 'with' }] });
    await privacy.erase(scope, b);
    await privacy.erase(scope, b);
    expect(await setup().countWishes(scope)).toBe(0);
  });
});
