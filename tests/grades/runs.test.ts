import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createRunStore, type RunStore } from '../../src/grades/gradebook/runs.store.ts';
import type { RunOutcome } from '../../src/grades/gradebook/runs.ts';
import { newId } from '../../src/database/index.ts';
import { textOf } from '../support/http.ts';
import { type GradedGroup, openGrades, type TestGrades } from './support/course.ts';
import { openVisits, type Visits } from './support/visits.ts';

describe('the page of a posting', () => {
  let course: Visits;
  beforeAll(async () => {
    course = await openVisits();
    await course.meet(15, 'Kick-off', { 0: 'missed', 1: 'excused' });
    await course.meet(8, 'Second week', { 2: 'missed' });
    await course.post();
    await course.house.lms.setGrade('course', 'f0', 71);
    await course.house.lms.suspend('course', 'f3');
    await course.meet(2, 'Third week', { 3: 'missed', 4: 'missed' });
  });
  afterAll(() => course.close());

  it('tells what this posting did with each fellow, failures first, with the reason and what to do', async () => {
    const text = textOf((await course.post()).html);
    expect(text).toContain('Posted 2 Unchanged 2 Held 1 Refused 1');
    expect(text).toMatch(
      /Fellow 3 66\.67 Refused .*enrolled as a student, then post again\. Fellow 0 66\.67 Held The LMS shows 71 of 100, which is not from here\. Choose .*Posted.*Unchanged The gradebook had it already\./,
    );
    expect(text).toContain('All (6) Refused (1) Held (1) Posted (2) Unchanged (2)');
  });

  it('shows one outcome alone', async () => {
    const text = textOf((await course.manager.get('/grades/posting?show=refused')).html);
    expect(text).toContain('Fellow 3');
    expect(text).not.toMatch(/Fellow [01245]/);
  });

  it('tells of one grade that staff ordered posted, and leaves the posting of all as it was', async () => {
    const target = `/grades/people/${course.idOf(0)}`;
    const page = await course.manager.get(target);
    await course.manager.submit(page, `${target}/grade`, { choice: 'post' });
    await course.goOn();
    const order = textOf((await course.manager.get(`/grades/posting?of=${course.idOf(0)}`)).html);
    expect(order).toContain('This is what became of the grade you chose.');
    expect(order).toMatch(/Fellow 0 66\.67 Posted/);
    expect(order).not.toMatch(/Fellow [1-5]/);
    const all = textOf((await course.manager.get('/grades/posting')).html);
    expect(all).toContain('Posted 2 Unchanged 2 Held 1 Refused 1');
    expect(all).toMatch(/Fellow 0 66\.67 Held .* It has been posted since\./);
    expect(all).not.toContain('Choose ');
  });

  it('says in the next posting of a grade that staff let stand that it stands', async () => {
    await course.house.lms.setGrade('course', 'f5', 30);
    await course.post();
    const target = `/grades/people/${course.idOf(5)}`;
    await course.manager.submit(await course.manager.get(target), `${target}/grade`);
    const text = textOf((await course.post()).html);
    expect(text).toMatch(/Fellow 5 – LMS's grade stands The gradebook keeps 30 of 100/);
  });

  it('goes to the grades where nothing was ordered for the person, and shows fellows none of it', async () => {
    expect((await course.manager.get(`/grades/posting?of=${course.idOf(1)}`)).url).toMatch(/\/grades$/);
    expect((await course.fellow.get('/grades/posting')).status).toBe(403);
  });
});

describe('the marks of a posting', () => {
  let house: TestGrades;
  let course: GradedGroup;
  let runs: RunStore;
  beforeAll(async () => {
    house = await openGrades();
    runs = createRunStore(house.database);
  });
  afterAll(() => house.end());

  it('say posted of a grade whose worker was killed before it could record it', async () => {
    course = await house.openGroup(1);
    await course.meet('2026-11-07T15:00:00Z');
    house.pass(0);
    const { lineItems, outbox } = house.grades.stores;
    const { id } = await lineItems.open(course.scope, 'participation', 'Peer participation');
    const wanted = { personId: course.people[0] ?? '', score: 100, activityAt: house.clock() };
    await outbox.queue(course.scope, id, [wanted], 'run');
    const die = (step: string): void => {
      if (step === 'posted') throw new Error('killed');
    };
    await expect(course.worker({ checkpoint: die })).rejects.toThrow('killed');
    expect(await runs.count(course.scope, id, 'run')).toMatchObject({ waiting: 1, posted: 0 });
    house.pass(90);
    await course.worker();
    expect(course.posts(0)).toHaveLength(1);
    expect(await runs.count(course.scope, id, 'run')).toMatchObject({ posted: 1, unchanged: 0 });
  });

  it('page 30,000 lines, each once, failures first', async () => {
    course = await house.openGroup(1);
    const { courseId } = course.scope;
    const outcomes: RunOutcome[] = ['refused', 'held', 'posted', 'unchanged'];
    const rows = Array.from({ length: 30_000 }, (_, index) => {
      const outcome = outcomes[index % 100 < 2 ? index % 2 : 2 + (index % 2)] ?? 'posted';
      const run = { id: 'run', outcome, score: 1, found: null, reason: null, tried: true };
      return {
        _id: `${courseId}.participation.${newId()}`,
        ...{ courseId, lineItemId: 'item', personId: newId(), state: 'posted', score: 1 },
        ...{ posted: null, sent: null, instead: null, found: null, reason: null, run, order: null },
        ...{ attempts: 0, leaseId: null, mark: null },
        ...{ activityAt: new Date(), dueAt: new Date(), changedAt: new Date() },
      };
    });
    await house.database.connection.collection<{ _id: string }>('outbox').insertMany(rows);
    expect(await runs.count(course.scope, 'item', 'run')).toMatchObject({ refused: 300, held: 300 });
    const seen: string[] = [];
    const told: (RunOutcome | undefined)[] = [];
    for (let after: string | null = null; ;) {
      const lines = await runs.list(course.scope, 'item', 'run', null, after, 1_000);
      seen.push(...lines.map(({ id }) => id));
      told.push(...lines.map(({ run }) => run?.outcome));
      after = lines.at(-1)?.id ?? null;
      if (lines.length < 1_000) break;
    }
    expect(new Set(seen).size).toBe(30_000);
    expect(seen).toHaveLength(30_000);
    expect(told.filter((outcome, index) => outcome !== told[index - 1])).toEqual(outcomes);
  });
});
