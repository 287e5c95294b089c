import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createEditor } from '../../../src/formation/board/editor.store.ts';
import {
  createEditStore,
  type EditCheckpoint,
  type NewEdit,
} from '../../../src/formation/board/edits.store.ts';
import { IMPROVE } from '../../../src/formation/board/improve.job.ts';
import { createTables } from '../../../src/formation/board/tables.store.ts';
import type { CourseScope } from '../../../src/scope.ts';
import { openCourse, type TestCourse } from '../../group/course.ts';

let house: TestCourse;
let scope: CourseScope;
let id: string;
let people: string[];

beforeAll(async () => {
  house = await openCourse();
});
afterAll(async () => {
  await house.jobs.stop();
  await house.database.close();
});
beforeEach(async () => {
  scope = await house.begin();
  people = [];
  for (let at = 0; at < 12; at += 1)
    people.push(
      await house.fellow(scope, `Ada ${at}`, {
        track: 'Software Development',
        canLead: at > 0 && at < 5,
        gender: at % 2 === 0 ? 'F' : 'M',
      }),
    );
  id = await house.propose(scope, [people.slice(0, 6), people.slice(6)]);
});

const noted: NewEdit[] = [];
const editorWith = (checkpoint?: EditCheckpoint) => {
  const note = (_scope: CourseScope, edit: NewEdit) => Promise.resolve(void noted.push(edit));
  const edits = createEditStore({ ...house, note, checkpoint });
  const tables = createTables({ ...house, setup: house.formation.stores.setup });
  return createEditor({ proposals: house.proposals, edits, tables });
};
const proposal = () => house.proposals.select(scope, id);
async function members(): Promise<string[][]> {
  const rows: string[][] = [];
  for await (const page of house.proposals.eachGroup(scope, await proposal()))
    rows.push(...page.map(({ memberIds }) => memberIds));
  return rows;
}
const asking = { by: 'm', seen: 0, confirmed: false };
const move = (editor = editorWith(), who = 0, to = 1, seen = 0) =>
  editor.move(scope, id, { ...asking, seen }, [{ personId: people[who]!, to }]);
const dies =
  (at: 'written' | 'rows'): EditCheckpoint =>
  (step) => {
    if (step === at) throw new Error('killed');
  };
const improveNow = async (seen: number) => {
  const payload = { proposalId: id, seen, by: 'm' };
  await house.jobs.enqueue({ kind: IMPROVE, courseId: scope.courseId, key: id, payload });
  await house.jobs.runDue();
  return house.jobs.findLatest(scope, IMPROVE);
};

describe('An edit whose maker dies', () => {
  it.each(['written', 'rows'] as const)(
    'once it is %s is not seen, and finished by whoever comes next',
    async (at) => {
      await expect(move(editorWith(dies(at)))).rejects.toThrow('killed');
      expect((await members()).map((list) => list.length)).toEqual([6, 6]);
      expect((await proposal()).edits).toBe(0);
      // Somebody else moves another person; what they had seen has changed meanwhile, by the edit that is finished now.
      expect(await move(editorWith(), 1, 1)).toMatchObject({ what: 'changed', edits: [{ seq: 1 }] });
      expect(await move(editorWith(), 1, 1, 1)).toEqual({ what: 'done', seq: 2 });
      expect((await members()).map((list) => list.length)).toEqual([4, 8]);
      expect((await members())[1]).toEqual(expect.arrayContaining([people[0], people[1]]));
    },
  );

  it('harms nothing where it wakes long after', async () => {
    let wake: () => void = () => undefined;
    const asleep = new Promise<void>((resolve) => (wake = resolve));
    let reached: () => void = () => undefined;
    const there = new Promise<void>((resolve) => (reached = resolve));
    const late = move(
      editorWith(async (step) => {
        if (step !== 'written') return;
        reached();
        await asleep;
      }),
    );
    await there;
    await move(editorWith(), 1, 1);
    await move(editorWith(), 1, 1, 1);
    await editorWith().turn(scope, id, 'm', 2, 'undo');
    const before = await members();
    wake();
    expect(await late).toEqual({ what: 'done', seq: 1 });
    expect(await members()).toEqual(before);
    expect((await proposal()).edits).toBe(3);
  });

  it('is written down once, in its maker’s name, by whoever lets it in', async () => {
    noted.length = 0;
    await expect(move(editorWith(dies('written')))).rejects.toThrow('killed');
    expect(noted).toEqual([]);
    const second = (seen: number) =>
      editorWith().move(scope, id, { by: 'second', seen, confirmed: false }, [
        { personId: people[1]!, to: 1 },
      ]);
    await second(0);
    expect(noted.map(({ by, seq }) => [by, seq])).toEqual([['m', 1]]);
    await second(1);
    expect(noted.map(({ by, seq }) => [by, seq])).toEqual([
      ['m', 1],
      ['second', 2],
    ]);
  });

  it('was refused where the proposal was discarded, and is written down where it comes in after all', async () => {
    noted.length = 0;
    const refused = move(
      editorWith(async (step) => {
        if (step === 'rows') await house.proposals.move(scope, id, ['open'], 'discarded');
      }),
    );
    await expect(refused).rejects.toMatchObject({ code: 'board_closed' });
    await house.proposals.move(scope, id, ['discarded'], 'open');
    await editorWith().move(scope, id, { by: 'second', seen: 0, confirmed: false }, [
      { personId: people[1]!, to: 1 },
    ]);
    expect(noted.map(({ by, seq }) => [by, seq])).toEqual([['m', 1]]);
  });

  it('does not come into a publish that has begun', async () => {
    await expect(move(editorWith(dies('rows')))).rejects.toThrow('killed');
    await house.proposals.move(scope, id, ['open'], 'publishing');
    await expect(move(editorWith(), 1, 1)).rejects.toMatchObject({ code: 'board_closed' });
    expect((await members()).map((list) => list.length)).toEqual([6, 6]);
  });
});

describe('Improving the rest', () => {
  it('keeps whom somebody moved or locked, and can be undone', async () => {
    await move();
    const editor = editorWith();
    for (const personId of people.slice(7))
      await editor.lock(scope, id, 'm', { personId, ordinal: null }, true);
    const before = await members();
    const job = await improveNow(6);
    expect(job?.state).toBe('done');
    const { exchanged } = job?.result as { exchanged: number };
    expect(exchanged).toBeGreaterThan(0);
    const after = await members();
    expect(after.map((list) => list.length)).toEqual([5, 7]);
    expect(after[1]).toEqual(expect.arrayContaining([people[0], ...people.slice(7)]));
    expect((await proposal()).edits).toBe(7);
    expect(await editor.turn(scope, id, 'm', 7, 'undo')).toMatchObject({ what: 'done' });
    expect(await members()).toEqual(before);
    await editor.turn(scope, id, 'm', 7, 'redo');
    expect(await members()).toEqual(after);
  });

  it('changes nothing where a whole group is locked and the other has nobody to exchange with', async () => {
    await editorWith().lock(scope, id, 'm', { personId: null, ordinal: 0 }, true);
    const job = await improveNow(1);
    expect(job?.result).toEqual({ exchanged: 0 });
    expect((await proposal()).edits).toBe(1);
  });

  it('is refused, and says so, where somebody moved people meanwhile', async () => {
    await move();
    const job = await improveNow(0);
    expect([job?.state, job?.errorCode]).toEqual(['failed', 'board_overtaken']);
    expect((await proposal()).edits).toBe(1);
  });
});

describe('A publish after edits', () => {
  it('takes the groups as they were edited', async () => {
    await move();
    await editorWith().move(scope, id, { ...asking, seen: 1 }, [{ personId: people[1]!, to: null }]);
    await house.group.stores.publisher.publish(scope, { proposalId: id, by: 'm' });
    const version = (await house.course.courses.select(scope)).groupsVersion;
    const groups = await house.group.stores.groups.list(scope, version, null, null, 9);
    const placed = await house.group.stores.groups.membersOf(
      scope,
      version,
      groups.map((group) => group.id),
    );
    const groupOf = new Map(placed.map(({ personId, groupId }) => [personId, groupId]));
    expect(groupOf.get(people[0]!)).toBe(groupOf.get(people[7]!));
    expect(groupOf.has(people[1]!)).toBe(false);
    expect(placed).toHaveLength(11);
    expect(await house.proposals.reasonOf(scope, people[1]!)).toBe('taken_out');
    expect(await house.proposals.reasonOf(scope, people[0]!)).toBeNull();
  });
});
