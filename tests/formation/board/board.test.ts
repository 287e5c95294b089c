import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createEditor } from '../../../src/formation/board/editor.store.ts';
import { createEditStore } from '../../../src/formation/board/edits.store.ts';
import { createTables } from '../../../src/formation/board/tables.store.ts';
import { newId } from '../../../src/database/index.ts';
import { PROPOSE } from '../../../src/formation/proposals/propose.job.ts';
import { DEFAULT_RULES } from '../../../src/formation/engine/types.ts';
import type { CourseScope } from '../../../src/scope.ts';
import { textOf } from '../../support/http.ts';
import { faultsOf, openSite, type TestSite } from '../../group/site.ts';

let site: TestSite;
let scope: CourseScope;
let id: string;
let board: string;

beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());
/** Two groups of seven and six in one track and place, and one of five in another track. */
beforeEach(async () => {
  scope = await site.house.begin();
  for (let at = 0; at < 13; at += 1)
    await site.house.fellow(scope, `Ada ${at}`, {
      canLead: at < 2,
      skill: at % 4,
      gender: at % 3 === 0 ? 'F' : 'M',
    });
  for (let at = 0; at < 5; at += 1) await site.house.fellow(scope, `Bola ${at}`, { track: 'Cloud' });
  id = newId();
  await site.house.jobs.enqueue({
    kind: PROPOSE,
    courseId: scope.courseId,
    key: 'propose',
    payload: { proposalId: id, rules: DEFAULT_RULES, by: 'm' },
  });
  await site.house.jobs.runDue();
  board = `/groups/proposals/${id}/board`;
});

const ask = (
  target: string,
  body?: Record<string, string>,
  personId = 'm',
  role: 'manager' | 'mentor' = 'manager',
) => site.ask({ scope, role, personId }, target, body);
const proposal = () => site.house.proposals.select(scope, id);
async function groups() {
  const rows = [];
  for await (const page of site.house.proposals.eachGroup(scope, await proposal())) rows.push(...page);
  return rows;
}
const track = async (name: string) => (await groups()).filter((group) => group.track === name);
const sizes = async () => (await track('Data Science')).map(({ memberIds }) => memberIds.length);
/** The larger and the smaller group of Data Science. */
async function pair() {
  const [one, other] = (await track('Data Science')).toSorted(
    (a, b) => b.memberIds.length - a.memberIds.length,
  );
  return { large: one!, small: other! };
}
const move = async (person: string, to: number | 'out', more: Record<string, string> = {}, by = 'm') =>
  ask(
    `${board}/move`,
    { person, to: String(to), seen: String((await proposal()).edits), back: '', ...more },
    by,
  );
const turn = async (kind: 'undo' | 'redo', of?: number) => {
  const { done, undone } = (await proposal()).board;
  return ask(`${board}/${kind}`, { of: String(of ?? (kind === 'undo' ? done : undone).at(-1) ?? 0) });
};
const audited = async (action: string) =>
  site.house.database.connection.collection('audit').find({ courseId: scope.courseId, action }).toArray();

describe('The board refuses', () => {
  it('whoever is no Community Manager', async () => {
    const { large, small } = await pair();
    expect((await ask(board, undefined, 'm', 'mentor')).status).toBe(403);
    const body = { person: large.memberIds[0]!, to: String(small.ordinal), seen: '0' };
    expect((await ask(`${board}/move`, body, 'm', 'mentor')).status).toBe(403);
  });

  it('another course, and people and groups of another proposal', async () => {
    const { large, small } = await pair();
    const mine = scope;
    scope = await site.house.begin();
    expect((await ask(board)).status).toBe(404);
    expect((await ask(`${board}/move`, { person: large.memberIds[0]!, to: '0', seen: '0' })).status).toBe(
      404,
    );
    scope = mine;
    expect((await move('somebody else', small.ordinal)).status).toBe(404);
    expect((await move(large.memberIds[0]!, 99)).status).toBe(404);
    expect((await ask(`${board}/people/nobody`)).status).toBe(404);
    expect((await ask(`${board}/lock`, { what: 'group on 99' })).status).toBe(404);
    expect((await ask(`${board}/swap`, { person: large.memberIds[0]!, with: 'nobody' })).status).toBe(404);
    expect((await proposal()).edits).toBe(0);
  });

  it('to move anybody once the proposal is published, being published or discarded', async () => {
    const { large, small } = await pair();
    for (const state of ['publishing', 'discarded'] as const) {
      await site.house.proposals.move(scope, id, ['open'], state);
      const { status, html } = await move(large.memberIds[0]!, small.ordinal);
      expect(status).toBe(409);
      expect(textOf(html)).toContain('nobody can be moved any more');
      expect((await ask(board)).to).toBe(`/groups/proposals/${id}`);
      await site.house.proposals.move(scope, id, [state], 'open');
    }
    expect((await proposal()).edits).toBe(0);
  });
});

describe('A proposal that updates published groups', () => {
  it('has no board', async () => {
    await site.house.database.connection
      .collection<{ _id: string }>('proposals')
      .updateOne({ _id: id }, { $set: { update: {} } });
    const { large, small } = await pair();
    expect((await ask(board)).to).toBe(`/groups/proposals/${id}`);
    expect(textOf((await move(large.memberIds[0]!, small.ordinal)).html)).toContain(
      'updates groups that people are in',
    );
    expect((await proposal()).edits).toBe(0);
  });
});

describe('A move', () => {
  it('is done at once where it breaks no rule, and says what it did to both groups and the course', async () => {
    const { large, small } = await pair();
    const before = await proposal();
    const { to } = await move(large.memberIds[0]!, small.ordinal);
    expect(to).toBe(`/groups/proposals/${id}/board?did=1#said`);
    expect(await sizes()).toEqual(expect.arrayContaining([6, 7]));
    const { html } = await ask(to!.replace('#said', ''));
    const words = textOf(html);
    expect(words).toMatch(/Ada \d+ was moved from .+ to .+\./);
    expect(words).toContain('People: from 7 to 6');
    expect(words).toContain('People: from 6 to 7');
    expect(words).toContain('The whole course');
    expect(faultsOf(html)).toEqual([]);
    const now = await proposal();
    expect(now.bySize).toEqual(before.bySize);
    expect(now.edits).toBe(1);
    expect(textOf((await ask(`/groups/proposals/${id}`)).html)).toContain('1 change was made by hand.');
    expect(await audited('edit_proposal')).toHaveLength(1);
  });

  it('that breaks a size waits for a second yes', async () => {
    const [cloud] = await track('Cloud');
    await move(cloud!.memberIds[0]!, 'out');
    const { status, html } = await move(cloud!.memberIds[1]!, 'out');
    expect(status).toBe(409);
    expect(textOf(html)).toContain('This breaks a rule');
    expect(textOf(html)).toContain('would have 3 people; groups have 4 to 10');
    expect(faultsOf(html)).toEqual([]);
    expect((await track('Cloud'))[0]!.memberIds).toHaveLength(4);
    expect((await move(cloud!.memberIds[1]!, 'out', { confirmed: 'yes' })).status).toBe(303);
    expect((await track('Cloud'))[0]!.memberIds).toHaveLength(3);
    expect((await proposal()).unplaced).toBe(2);
  });

  it('into another track, and one that parts or joins whom wishes keep, waits as well', async () => {
    const { large, small } = await pair();
    const [cloud] = await track('Cloud');
    const other = await move(cloud!.memberIds[0]!, small.ordinal);
    expect(textOf(other.html)).toContain('somebody of another track');
    const [one, two] = large.memberIds;
    await site.house.formation.stores.setup.putWishes(
      scope,
      [
        { kind: 'with', a: one!, b: two! },
        { kind: 'apart', a: large.memberIds[2]!, b: small.memberIds[0]! },
      ],
      'm',
    );
    const tables = createTables({ ...site.house, setup: site.house.formation.stores.setup });
    const edits = createEditStore(site.house);
    const editor = createEditor({ proposals: site.house.proposals, edits, tables });
    const asking = { by: 'm', seen: 0, confirmed: false };
    const parted = await editor.move(scope, id, asking, [{ personId: one!, to: small.ordinal }]);
    expect(parted).toMatchObject({ what: 'breaks', breaks: [{ rule: 'together' }] });
    const joined = await editor.move(scope, id, asking, [
      { personId: large.memberIds[2]!, to: small.ordinal },
    ]);
    expect(joined).toMatchObject({ what: 'breaks', breaks: [{ rule: 'apart' }] });
  });

  it('puts whoever is in no group into one, and takes them out again', async () => {
    const [cloud] = await track('Cloud');
    const [who] = cloud!.memberIds;
    await move(who!, 'out');
    expect(textOf((await ask(board)).html)).toContain('1 person in no group');
    expect(textOf((await ask(`/groups/proposals/${id}`)).html)).toContain('taken out of their group by hand');
    const { html } = await ask(`${board}/people/${who}`);
    expect(textOf(html)).toMatch(/Put Bola \d in a group/);
    expect(faultsOf(html)).toEqual([]);
    expect((await move(who!, cloud!.ordinal)).status).toBe(303);
    expect((await track('Cloud'))[0]!.memberIds).toContain(who);
    const now = await proposal();
    expect([now.unplaced, await site.house.proposals.unplacedCounts(scope, now)]).toEqual([0, []]);
  });

  it('swaps two people', async () => {
    const { large, small } = await pair();
    const [one, other] = [large.memberIds[0]!, small.memberIds[0]!];
    const { to } = await ask(`${board}/swap`, { person: one, with: other, seen: '0', back: '' });
    expect(to).toContain('did=1');
    const now = await pair();
    expect(now.large.memberIds).toContain(other);
    expect(now.small.memberIds).toContain(one);
  });

  it('finds groups by name and sensible ones first, each with what it would do', async () => {
    const { large, small } = await pair();
    const { html } = await ask(`${board}/people/${large.memberIds[0]}`);
    expect(textOf(html)).toContain(small.name);
    expect(textOf(html)).not.toContain('Cloud');
    const found = await ask(`${board}/people/${large.memberIds[0]}?q=cloud`);
    expect(textOf(found.html)).toContain('It breaks a rule');
    expect(faultsOf(found.html)).toEqual([]);
  });

  it('is found by search, in the file, and by track and place', async () => {
    const { large, small } = await pair();
    const [who] = large.memberIds;
    await move(who!, small.ordinal);
    const name = (await site.house.course.enrolments.find(scope, who!))!.name!;
    const found = await ask(board, { q: name });
    expect(found.html).toContain(`id="g-${small.ordinal}"`);
    expect(found.html).not.toContain(`id="g-${large.ordinal}"`);
    const csv = await ask(`/groups/proposals/${id}/groups.csv`);
    expect(csv.html.split('\n').find((line) => line.includes(`,${name},`))).toContain(small.name);
    expect(textOf((await ask(`${board}?track=Cloud`)).html)).toContain('1 group');
    expect(textOf((await ask(`${board}?place=ikej`)).html)).toContain('3 groups');
  });
});

describe('What the board shows of a move', () => {
  it('is the same for a woman and a man who are alike but for that', async () => {
    const mixed = await site.house.begin();
    scope = mixed;
    const people: string[] = [];
    for (let at = 0; at < 9; at += 1)
      people.push(
        await site.house.fellow(scope, `Chi ${at}`, {
          ...{ track: 'Software Development', canLead: true },
          gender: [0, 5, 6].includes(at) ? 'F' : 'M',
        }),
      );
    id = await site.house.propose(scope, [people.slice(0, 5), people.slice(5)]);
    board = `/groups/proposals/${id}/board`;
    const said = async (target: string, body?: Record<string, string>) =>
      textOf((await ask(target, body)).html).replaceAll(/Chi \d/g, 'somebody');
    const looks = await Promise.all(people.slice(0, 5).map((who) => said(`${board}/people/${who}`)));
    const [own = []] = (await groups()).map(({ memberIds }) => memberIds);
    // Their own names stand among the people to change places with in neither.
    expect(new Set(looks).size).toBe(1);
    expect(own).toContain(people[0]);
    const done = [];
    for (const who of people.slice(0, 2)) {
      const { to } = await move(who, 1);
      done.push(await said(to!.replace('#said', '')));
      expect(textOf((await ask(`/groups/proposals/${id}`)).html)).not.toMatch(/Alone of their gender \d/);
      await turn('undo');
    }
    expect(done[0]).toContain('People: from 5 to 4');
    expect(done.join()).not.toMatch(/gender|isolated/i);
  });
});

describe('Undo and redo', () => {
  it('go back to the very groups and figures, step by step, and forward again', async () => {
    const { large, small } = await pair();
    const start = { ...(await proposal()), groupsNow: await groups() };
    await move(large.memberIds[0]!, small.ordinal);
    const middle = await proposal();
    await move(large.memberIds[1]!, 'out');
    const end = await proposal();
    expect((await turn('undo')).status).toBe(303);
    expect((await proposal()).terms).toEqual(middle.terms);
    expect((await proposal()).unplaced).toBe(0);
    await turn('undo');
    const back = await proposal();
    expect([back.terms, back.bySize, back.byRung]).toEqual([start.terms, start.bySize, start.byRung]);
    const members = (list: Awaited<ReturnType<typeof groups>>) => list.map(({ memberIds }) => memberIds);
    expect(members(await groups())).toEqual(members(start.groupsNow));
    await turn('redo');
    await turn('redo');
    const again = await proposal();
    expect([again.terms, again.unplaced]).toEqual([end.terms, 1]);
    expect(
      (await site.house.proposals.unplacedOf(scope, again, null, '', 9)).map(({ personId }) => personId),
    ).toEqual([large.memberIds[1]]);
    expect(textOf((await ask(`${board}?did=6`)).html)).toContain('Done again:');
  });

  it('forget what was undone once something else is done, and undo nothing that is not the last', async () => {
    const { large, small } = await pair();
    await move(large.memberIds[0]!, small.ordinal);
    await turn('undo');
    await move(large.memberIds[1]!, small.ordinal);
    const redo = await turn('redo', 1);
    expect(redo.status).toBe(409);
    const undo = await turn('undo', 1);
    expect(undo.status).toBe(409);
    expect(textOf(undo.html)).toContain('Somebody changed this meanwhile');
    expect(faultsOf(undo.html)).toEqual([]);
    expect((await turn('undo')).status).toBe(303);
  });
});

describe('A lock', () => {
  it('keeps a person and a group as they are until it is taken off', async () => {
    const { large, small } = await pair();
    const [who, other] = large.memberIds;
    await ask(`${board}/lock`, { what: `person on ${who}` });
    const { status, html } = await move(who!, small.ordinal);
    expect([status, textOf(html)]).toEqual([409, expect.stringContaining('This person is locked.')]);
    await ask(`${board}/lock`, { what: `group on ${small.ordinal}` });
    expect(textOf((await move(other!, small.ordinal)).html)).toContain('This group is locked.');
    const shown = await ask(board);
    expect(textOf(shown.html)).toContain('2 locks are set.');
    expect(faultsOf(shown.html)).toEqual([]);
    await turn('undo');
    expect((await move(other!, small.ordinal)).status).toBe(303);
    await ask(`${board}/lock`, { what: `person off ${who}` });
    expect((await move(who!, small.ordinal)).status).toBe(303);
  });
});

describe('Two Community Managers', () => {
  it('write over nothing they have not seen: the second gets what changed, and their own move ready', async () => {
    const { large, small } = await pair();
    const [one, two] = large.memberIds;
    await site.house.person(scope, 'Ngozi', 'instructor');
    await move(one!, small.ordinal);
    const { status, html } = await move(two!, small.ordinal, { seen: '0' }, 'second');
    expect(status).toBe(409);
    const words = textOf(html);
    expect(words).toContain('Somebody changed this meanwhile');
    expect(words).toMatch(/Ada \d+ was moved from/);
    expect(words).toMatch(/What you wanted Move Ada \d+ from/);
    expect(html).toContain('name="seen" value="1"');
    expect(faultsOf(html)).toEqual([]);
    expect((await move(two!, small.ordinal, { seen: '1' }, 'second')).status).toBe(303);
    expect((await pair()).large.memberIds).toEqual(expect.arrayContaining([one, two]));
  });

  it('are not in each other’s way in other groups', async () => {
    const { large, small } = await pair();
    const [cloud] = await track('Cloud');
    await move(large.memberIds[0]!, small.ordinal);
    expect((await move(cloud!.memberIds[0]!, 'out', { seen: '0' }, 'second')).status).toBe(303);
  });

  it('who press at the same moment: every move is done once, or told', async () => {
    const { large, small } = await pair();
    const people = large.memberIds.slice(0, 3);
    const answers = await Promise.all(people.map((who) => move(who, small.ordinal, { seen: '0' })));
    const done = answers.filter(({ status }) => status === 303).length;
    expect(done).toBeGreaterThan(0);
    expect(answers.every(({ status }) => status === 303 || status === 409)).toBe(true);
    const now = await proposal();
    expect(now.edits).toBe(done);
    const all = (await groups()).flatMap(({ memberIds }) => memberIds);
    expect([all.length, new Set(all).size]).toEqual([18, 18]);
  });

  it('are told of each other’s changes while they look', async () => {
    const { large, small } = await pair();
    await move(large.memberIds[0]!, small.ordinal);
    const model = await site.ask({ scope, role: 'manager', personId: 'second' }, `${board}/news?seen=0`);
    expect(model.to).toBe(board);
  });
});
