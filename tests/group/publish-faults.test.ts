import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FAULTS, type FaultKind } from '../../src/database/engine/faults.ts';
import type { Step } from '../../src/group/publish/finish.job.ts';
import { createPlanStore } from '../../src/group/publish/plans.store.ts';
import { createPublisher, enqueuePublish, PUBLISH } from '../../src/group/publish/publish.job.ts';
import type { CourseScope } from '../../src/scope.ts';
import { failNext } from '../support/database.ts';
import { openCourse, type TestCourse } from './course.ts';

let house: TestCourse;
let scope: CourseScope;
let people: string[];
let proposalId: string;
let leaver: string;

beforeAll(async () => {
  house = await openCourse();
});
afterAll(async () => {
  await house.jobs.stop();
  await house.database.close();
});
/** One has left the group of an earlier publish, so that the one under test closes, opens and ends an office. */
beforeEach(async () => {
  scope = await house.begin();
  people = await Promise.all(Array.from({ length: 9 }, (_, index) => house.person(scope, `fellow-${index}`)));
  leaver = await house.person(scope, 'leaver');
  const first = await house.propose(scope, [[leaver]]);
  const { publisher, appointments } = house.group.stores;
  await publisher.publish(scope, { proposalId: first, by: 'manager' });
  await appointments.appoint(scope, `${first}.0`, leaver, 'lead', 'manager');
  house.setClock('2026-11-10T08:00:00Z');
  await house.leave(scope, [leaver]);
  proposalId = await house.propose(scope, [people.slice(0, 4), people.slice(4)]);
});

function worker(checkpoint: (step: Step) => Promise<void> | void = () => undefined) {
  const { clock, course, proposals, group, database, notices } = house;
  const { groups, appointments } = group.stores;
  const plans = createPlanStore(database);
  return createPublisher({
    ...{ clock, course, proposals, groups, appointments, plans, notices },
    mover: group.stores.mover,
    checkpoint,
  });
}
const job = () => ({ proposalId, by: 'manager' });

/** Everybody is where the proposal says, once; the leaver's time is closed; nothing is left bound. */
async function expectPublished(): Promise<void> {
  const { groups, appointments } = house.group.stores;
  const { groupsVersion, publishing } = await house.course.courses.select(scope);
  expect({ groupsVersion, publishing }).toEqual({ groupsVersion: 2, publishing: null });
  const all = await groups.historyOf(scope, 2, people);
  const expected = people.map((personId, index) => [personId, `${proposalId}.${index < 4 ? 0 : 1}`]);
  expect(all.map(({ personId, groupId }) => [personId, groupId]).toSorted()).toEqual(expected.toSorted());
  const left = await groups.historyOf(scope, 2, [leaver]);
  expect(left).toMatchObject([{ fromVersion: 1, untilVersion: 2, until: new Date('2026-11-10T08:00:00Z') }]);
  expect(await appointments.holders(scope, 'lead')).toEqual([]);
  const proposal = await house.proposals.select(scope, proposalId);
  expect(proposal).toMatchObject({ state: 'published', publication: { people: 9, ended: 1 } });
}

/** Which of the database's commands each step needs next. */
const NEXT: readonly [Step | 'begin', string][] = [
  ['begin', 'insert'],
  ['begin', 'find'],
  ['frozen', 'update'],
  ['bound', 'find'],
  ['bound', 'update'],
  ['groups', 'update'],
  ['closed', 'insert'],
  ['opened', 'aggregate'],
  ['opened', 'update'],
  ['told', 'update'],
  ['told', 'find'],
];
const HOW: readonly FaultKind[] = FAULTS.filter((how) => how !== 'slow');

describe('a publish whose database fails', () => {
  it.each(NEXT.flatMap(([step, command]) => HOW.map((how) => [step, command, how] as const)))(
    'after "%s" in the next %s (%s) is finished by the next worker, with nothing lost or doubled',
    async (step, command, how) => {
      // The driver tries a read again by itself.
      const times = command === 'find' || command === 'aggregate' ? 6 : 1;
      const arm = (): Promise<void> => failNext(house.database, command, how, { times });
      if (step === 'begin') await arm();
      const broken = worker((here) => (here === step ? arm() : undefined));
      await expect(broken.publish(scope, job())).rejects.toThrow();
      await failNext(house.database, command, how, { times: 0 });
      const { groupsVersion } = await house.course.courses.select(scope);
      const seen = await house.group.stores.groups.placedPersonIds(scope, groupsVersion);
      expect(seen.size).toBe(groupsVersion === 1 ? 1 : 9);
      await worker().publish(scope, job());
      await expectPublished();
    },
  );

  it('goes on by itself: the job waits and tries again', async () => {
    await failNext(house.database, 'insert', 'drop', { times: 2 });
    const enqueue = () => enqueuePublish(house.jobs, scope, job());
    await expect(enqueue()).rejects.toThrow();
    await expect(enqueue()).rejects.toThrow();
    await enqueue();
    await failNext(house.database, 'aggregate', 'notPrimary', { times: 6 });
    for (let at = 1; at < 6; at += 1) {
      await house.jobs.runDue();
      house.setClock(`2026-11-10T1${at}:00:00Z`);
    }
    expect(await house.jobs.findLatest(scope, PUBLISH)).toMatchObject({ state: 'done', attempts: 2 });
    await expectPublished();
  });

  it('waits for one that is slow', async () => {
    await failNext(house.database, 'insert', 'slow', { ms: 300 });
    await worker().publish(scope, job());
    await expectPublished();
  });
});

describe('two workers at once', () => {
  it('on one proposal publish it once, wherever they meet', async () => {
    const attempts = await Promise.allSettled([1, 2, 3].map(() => worker().publish(scope, job())));
    expect(attempts.some(({ status }) => status === 'fulfilled')).toBe(true);
    await worker().publish(scope, job());
    await expectPublished();
  });

  it('on two proposals of the same people place each of them once', async () => {
    const other = await house.propose(scope, [people.slice(0, 5), people.slice(5)]);
    const ids = [proposalId, other];
    await Promise.allSettled(ids.map((id) => worker().publish(scope, { proposalId: id, by: 'manager' })));
    await Promise.allSettled(ids.map((id) => worker().publish(scope, { proposalId: id, by: 'manager' })));
    const { groupsVersion, publishing } = await house.course.courses.select(scope);
    expect({ groupsVersion, publishing }).toEqual({ groupsVersion: 2, publishing: null });
    const all = await house.group.stores.groups.historyOf(scope, 2, people);
    expect(all).toHaveLength(9);
    expect(new Set(all.map(({ groupId }) => groupId.split('.')[0])).size).toBe(1);
  });
});
