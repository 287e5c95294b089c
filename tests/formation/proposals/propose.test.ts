import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { FaultKind } from '../../../src/database/engine/faults.ts';
import { newId } from '../../../src/database/index.ts';
import { figuresNow } from '../../../src/formation/board/figures.ts';
import { DEFAULT_RULES } from '../../../src/formation/engine/types.ts';
import { createChanges } from '../../../src/formation/proposals/changes.page.ts';
import { enqueuePropose, PROPOSE } from '../../../src/formation/proposals/propose.job.ts';
import type { Proposal } from '../../../src/formation/proposals/proposals.store.ts';
import { newEditedRun } from '../../../src/formation/proposals/proposed.store.ts';
import type { CourseScope } from '../../../src/scope.ts';
import { failNext } from '../../support/database.ts';
import { openCourse, type TestCourse } from '../../group/course.ts';

let house: TestCourse;
let scope: CourseScope;

beforeAll(async () => {
  house = await openCourse();
});
afterAll(async () => {
  await house.jobs.stop();
  await house.database.close();
});
beforeEach(async () => {
  scope = await house.begin();
});

const payload = (over: object = {}) => ({
  ...{ proposalId: newId(), rules: DEFAULT_RULES, anywhere: false, by: 'manager' },
  ...over,
});
const fellows = (count: number, name: string, profile = {}) =>
  Promise.all(Array.from({ length: count }, (_, index) => house.fellow(scope, `${name}-${index}`, profile)));
async function propose(over: object = {}): Promise<Proposal> {
  const asked = payload(over);
  await enqueuePropose(house.jobs, scope, asked);
  await house.jobs.runDue();
  return house.proposals.select(scope, asked.proposalId);
}
const reasons = async (proposal: Proposal) =>
  Object.fromEntries(
    (await house.proposals.unplacedCounts(scope, proposal)).map(({ reason, count }) => [reason, count]),
  );

describe('proposing groups', () => {
  it('forms groups of one track and place, of 4 to 10, and says how good they are', async () => {
    const science = await fellows(6, 'science');
    await fellows(5, 'cloud', { track: 'Cloud Computing' });
    const proposal = await propose();
    expect(proposal).toMatchObject({
      ...{ state: 'open', number: 1, groups: 2, people: 11, unplaced: 0, byRung: { lga: 11 } },
      ...{ bySize: { '5': 1, '6': 1 }, leadUnknown: 11, publication: null },
    });
    expect(proposal.terms.map(({ name }) => name)).toContain('no_lead');
    const groups = await house.proposals.groups(scope, proposal, -1, 9);
    expect(groups.map(({ track, place, rung }) => [track, place, rung])).toEqual([
      ['Cloud Computing', 'Ikeja', 'lga'],
      ['Data Science', 'Ikeja', 'lga'],
    ]);
    expect(groups[1]?.memberIds.toSorted()).toEqual(science.toSorted());
  });

  it('says who could not be placed and why', async () => {
    await fellows(4, 'placed');
    await fellows(3, 'few', { track: 'Animation' });
    await house.person(scope, 'without profile');
    await fellows(2, 'nowhere', { lga: null, state: null, zone: null, country: null });
    const proposal = await propose();
    expect(await reasons(proposal)).toEqual({ too_few_in_track: 3, track_unknown: 1, place_unknown: 2 });
    expect(proposal).toMatchObject({ people: 10, unplaced: 6, groups: 1 });
  });

  it('places those without a known place too, where it was asked to', async () => {
    await fellows(4, 'placed');
    await fellows(4, 'nowhere', { lga: null, state: null, zone: null, country: null });
    const proposal = await propose({ anywhere: true });
    expect(proposal).toMatchObject({ anywhere: true, unplaced: 0, people: 8 });
  });

  it('takes the course as one place where nobody has said theirs', async () => {
    await fellows(8, 'nowhere', { lga: null, state: null, zone: null, country: null });
    expect(await propose()).toMatchObject({ unplaced: 0, people: 8, byRung: { country: 8 } });
  });

  it('counts the one track for all for whoever has none', async () => {
    await house.course.courses.saveSettings(scope, { oneTrack: 'DevOps' });
    await fellows(4, 'trackless', { track: null });
    const proposal = await propose();
    const [group] = await house.proposals.groups(scope, proposal, -1, 1);
    expect(group?.track).toBe('DevOps');
  });

  it('leaves staff, and whoever is in a published group, where they are', async () => {
    await fellows(4, 'first');
    await house.person(scope, 'mentor', 'mentor');
    await house.person(scope, 'manager', 'instructor');
    const first = await propose();
    await house.group.stores.publisher.publish(scope, { proposalId: first.id, by: 'manager' });
    const late = await fellows(5, 'late');
    const second = await propose();
    const [group] = await house.proposals.groups(scope, second, -1, 9);
    expect(second).toMatchObject({ number: 2, people: 5, groups: 1 });
    expect(group?.memberIds.toSorted()).toEqual(late.toSorted());
    expect(group?.name).toBe('Ikeja · Data Science 2');
  });
});

describe('proposing again', () => {
  it('where nobody waits any more fails with the reason, and lists no empty proposal', async () => {
    await enqueuePropose(house.jobs, scope, payload());
    await house.jobs.runDue();
    expect(await house.jobs.findLatest(scope, PROPOSE)).toMatchObject({
      ...{ state: 'failed', attempts: 1, errorCode: 'nobody_waiting' },
    });
    expect(await house.proposals.list(scope, 9)).toEqual([]);
  });

  it('keeps those apart who were in one group before, as far as they wait again', async () => {
    const { publisher } = house.group.stores;
    const people = await fellows(8, 'fellow');
    const first = await house.propose(scope, [people.slice(0, 4), people.slice(4)]);
    await publisher.publish(scope, { proposalId: first, by: 'manager' });
    await house.leave(scope, people);
    const others = await fellows(4, 'other');
    const second = await house.propose(scope, [others]);
    await publisher.publish(scope, { proposalId: second, by: 'manager' });
    await fellows(8, 'fellow');
    const proposal = await propose({ rules: { ...DEFAULT_RULES, ideal: 4, max: 4 } });
    expect(proposal).toMatchObject({ people: 8, groups: 2 });
    for (const { memberIds } of await house.proposals.groups(scope, proposal, -1, 9))
      expect(memberIds.filter((id) => people.indexOf(id) < 4)).toHaveLength(2);
  });
});

describe('what has changed since', () => {
  const since = (freshMs = 60_000) =>
    createChanges({
      ...{ course: house.course, proposals: house.proposals, published: () => house.group.stores.published },
      ...{ small: 0, patienceMs: 0, freshMs },
    });
  /** Looks until it is told. */
  const told = async (look: ReturnType<typeof since>, proposal: Proposal) => {
    for (;;) {
      const changes = await look(scope, proposal);
      if (changes !== 'pending') return changes;
    }
  };

  it('in a large course is worked out beside the page, which does not wait', async () => {
    await fellows(5, 'fellow');
    const proposal = await propose();
    const look = since();
    expect(await look(scope, proposal)).toBe('pending');
    expect(await told(look, proposal)).toBeNull();
  });

  it('is worked out anew once somebody came or went, and after a while in any case', async () => {
    const [first = ''] = await fellows(5, 'fellow');
    const proposal = await propose();
    const [look, hasty] = [since(), since(0)];
    expect(await told(look, proposal)).toBeNull();
    await house.course.profiles.replace(scope, first, { lga: 'Epe' }, 'form');
    expect(await told(look, proposal)).toBeNull();
    expect(await hasty(scope, proposal)).toBe('pending');
    await fellows(1, 'late');
    expect(await told(look, proposal)).toEqual({ joined: 1, gone: 0, placed: 0, moved: 1 });
  });
});

describe('two who propose at the same moment', () => {
  it('begin one job, and look at one result', async () => {
    await fellows(4, 'fellow');
    const asked = [payload(), payload(), payload()];
    const answers = await Promise.all(asked.map((one) => enqueuePropose(house.jobs, scope, one)));
    expect(answers.filter(({ created }) => created)).toHaveLength(1);
    expect(new Set(answers.map(({ jobId }) => jobId)).size).toBe(1);
    await house.jobs.runDue();
    expect(await house.proposals.list(scope, 9)).toHaveLength(1);
  });
});

describe('forming that is interrupted', () => {
  /** Runs what is due, and again once the pauses after failures are over. */
  const persist = async (): Promise<void> => {
    for (let at = 1; at < 5; at += 1) {
      await house.jobs.runDue();
      house.setClock(`2026-11-02T1${at}:00:00Z`);
    }
  };
  /** Breaks the database's next command of this name once a step is reached. */
  const breakAt = (step: 'begin' | 'fill', command: string, how: FaultKind): void => {
    const { proposals } = house;
    const begin = proposals.begin.bind(proposals);
    const fill = proposals.fill.bind(proposals);
    const arm = async (at: 'begin' | 'fill'): Promise<void> => {
      if (at !== step) return;
      Object.assign(proposals, { begin, fill });
      await failNext(house.database, command, how);
    };
    proposals.begin = async (...given) => {
      await arm('begin');
      await begin(...given);
    };
    proposals.fill = async (...given) => {
      await arm('fill');
      await fill(...given);
    };
  };

  it.each([
    ['begin', 'insert', 'lost'],
    ['begin', 'insert', 'drop'],
    ['fill', 'update', 'lost'],
    ['fill', 'update', 'notPrimary'],
    ['fill', 'delete', 'drop'],
  ] as const)(
    'at "%s" by a %s that was %s goes on, and leaves one whole outcome',
    async (step, command, how) => {
      await fellows(9, 'fellow');
      const asked = payload();
      breakAt(step, command, how);
      await enqueuePropose(house.jobs, scope, asked);
      await persist();
      expect(await house.jobs.findLatest(scope, PROPOSE)).toMatchObject({ state: 'done', attempts: 2 });
      const proposal = await house.proposals.select(scope, asked.proposalId);
      expect(proposal.state).toBe('open');
      const groups = await house.proposals.groups(scope, proposal, -1, 99);
      expect(groups.flatMap(({ memberIds }) => memberIds)).toHaveLength(9);
    },
  );

  it('of two attempts keeps one, whole, whichever comes last', async () => {
    const people = await fellows(8, 'fellow');
    const outcome = (groups: readonly (readonly string[])[]) => ({
      ...{ snapshot: '-', people: 8, byRung: {}, bySize: {}, leadUnknown: 0, terms: [], unplaced: [] },
      groups: groups.map((memberIds, ordinal) => ({
        ...{ ordinal, name: 'G', nameFolded: 'g', track: 'T', place: 'P', rung: 'lga' as const },
        ...{ memberIds: [...memberIds], guestIds: [], prints: memberIds.map(() => '') },
        ...{ why: { needed: 4, here: 4, lower: [] }, facts: { leads: 0, slots: null } },
      })),
    });
    const { proposals } = house;
    const id = newId();
    await proposals.begin(scope, id, { rules: DEFAULT_RULES, anywhere: false, createdBy: 'manager' });
    await Promise.all([
      proposals.fill(scope, id, outcome([people.slice(0, 4), people.slice(4)]), 'one'),
      proposals.fill(scope, id, outcome([people]), 'two'),
    ]);
    const proposal = await proposals.select(scope, id);
    const kept = await proposals.groups(scope, proposal, -1, 9);
    expect(kept).toHaveLength(proposal.groups);
    expect(kept.flatMap(({ memberIds }) => memberIds).toSorted()).toEqual(people.toSorted());
    const rows = await house.database.connection
      .collection('proposed_groups')
      .find({ proposalId: id })
      .toArray();
    expect(new Set(rows.map(({ run }) => String(run)))).toEqual(new Set([proposal.run]));
  });

  /** Lets something happen right after the outcome is in, or right before. */
  const around = (when: 'before' | 'after', happens: () => Promise<void>): void => {
    const { proposals } = house;
    const fill = proposals.fill.bind(proposals);
    proposals.fill = async (...given) => {
      proposals.fill = fill;
      if (when === 'before') await happens();
      await fill(...given);
      if (when === 'after') await happens();
    };
  };
  /** "Improve the rest": rows of a run of its own, to which one edit points the proposal. */
  const improved = async (id: string): Promise<void> => {
    const proposal = await house.proposals.select(scope, id);
    const rows = await house.proposals.groupsOfTracks(scope, proposal, ['Data Science']);
    const run = newEditedRun(new Date());
    await house.proposals.put(scope, { id, run }, rows, []);
    expect(await house.proposals.commitEdit(scope, id, 0, { ...figuresNow(proposal), run })).toBe(true);
  };

  it('keeps its records, and the rows of either run, where somebody improves it at once', async () => {
    const people = await fellows(8, 'fellow');
    const asked = payload();
    around('after', () => improved(asked.proposalId));
    await enqueuePropose(house.jobs, scope, asked);
    await house.jobs.runDue();
    const proposal = await house.proposals.select(scope, asked.proposalId);
    expect(proposal.run).not.toBe(proposal.formedRun);
    const known = await house.formation.stores.records.statementsOf(scope, proposal.id, people);
    expect(known.size).toBe(8);
    const { formedRun: run = '' } = proposal;
    // Said again by a worker that had not heard that it was done.
    const outcome = { ...proposal, groups: [], unplaced: [], known: null };
    await house.proposals.fill(scope, proposal.id, outcome, run ?? '');
    const key = { id: proposal.id, run: run ?? '', edits: 0 };
    for (const one of [proposal, key])
      expect((await house.proposals.groups(scope, one, -1, 9)).length).toBeGreaterThan(0);
  });

  it('keeps the winner’s records where an attempt comes too late', async () => {
    const people = await fellows(8, 'fellow');
    const asked = payload();
    const { proposals, formation } = house;
    around('before', async () => {
      const recorder = formation.stores.records.begin(
        scope,
        { id: asked.proposalId, run: 'quicker' },
        { people: [] },
      );
      recorder.explained(people.map((id) => ({ id, statements: [] })));
      await recorder.done();
      await proposals.fill(scope, asked.proposalId, await quicker(), 'quicker');
    });
    const quicker = async () => ({
      ...(await proposals.select(scope, asked.proposalId)),
      ...{ groups: [], unplaced: [], known: null, state: 'open' as const },
    });
    await enqueuePropose(house.jobs, scope, asked);
    await house.jobs.runDue();
    const rows = await house.database.connection
      .collection('proposal_records')
      .find({ proposalId: asked.proposalId })
      .toArray();
    expect(rows.map(({ run }) => String(run))).toEqual(people.map(() => 'quicker'));
  });

  it('writes nothing back of whoever is erased meanwhile', async () => {
    const [first = ''] = await fellows(6, 'fellow', { gender: 'F' });
    const { course, formation } = house;
    around('before', async () => {
      await course.enrolments.erase(scope, first);
    });
    await propose();
    expect(await formation.stores.records.recordsOf(scope, first)).toEqual([]);
  });

  it('is not tried again where people and sizes can never be groups', async () => {
    await fellows(4, 'fellow');
    await enqueuePropose(house.jobs, scope, payload({ rules: { ...DEFAULT_RULES, min: 9, max: 4 } }));
    await house.jobs.runDue();
    expect(await house.jobs.findLatest(scope, PROPOSE)).toMatchObject({
      ...{ state: 'failed', attempts: 1, errorCode: 'forming_refused' },
    });
  });
});
