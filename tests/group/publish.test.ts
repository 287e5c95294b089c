import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { GroupStore } from '../../src/group/groups/groups.store.ts';
import { createPlanStore } from '../../src/group/publish/plans.store.ts';
import { createPublisher, type PublishDeps } from '../../src/group/publish/publish.job.ts';
import type { CourseRole, CourseScope } from '../../src/scope.ts';
import { openCourse, type TestCourse } from './course.ts';

const STEPS = ['frozen', 'bound', 'groups', 'closed', 'opened', 'told', 'flipped'];
let house: TestCourse;
let scope: CourseScope;
let people: string[];
let proposalId: string;

beforeAll(async () => {
  house = await openCourse();
});
afterAll(() => house.database.close());
beforeEach(async () => {
  scope = await house.begin();
  people = await Promise.all(Array.from({ length: 9 }, (_, index) => house.person(scope, `fellow-${index}`)));
  proposalId = await house.propose(scope, [people.slice(0, 4), people.slice(4)]);
});

/** A worker of its own, as another process would be. */
function worker(more: Partial<PublishDeps> = {}) {
  const { clock, course, proposals, group, database } = house;
  return createPublisher({
    clock,
    course,
    proposals,
    groups: group.stores.groups,
    appointments: group.stores.appointments,
    plans: createPlanStore(database),
    notices: house.notices,
    mover: group.stores.mover,
    ...more,
  });
}
const job = () => ({ proposalId, by: 'manager' });
const dieAt = (step: string) => (here: string) => {
  if (here === step) throw new Error(`killed at ${step}`);
};
function gate() {
  let open = (): void => undefined;
  let reached = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  const arrived = new Promise<void>((resolve) => (reached = resolve));
  const stallAt = (step: string) => async (here: string) => {
    if (here !== step) return;
    reached();
    await opened;
  };
  return { open, arrived, stallAt };
}

/** Everybody is in the group that was proposed for them, once, and nothing is left bound. */
async function expectPublished(): Promise<void> {
  const { groupsVersion, publishing } = await house.course.courses.select(scope);
  expect({ groupsVersion, publishing }).toEqual({ groupsVersion: 1, publishing: null });
  const all = await house.group.stores.groups.historyOf(scope, 1, people);
  const expected = people.map((personId, index) => [personId, `${proposalId}.${index < 4 ? 0 : 1}`]);
  expect(all.map(({ personId, groupId }) => [personId, groupId]).toSorted()).toEqual(expected.toSorted());
  expect(await house.group.stores.groups.count(scope, 1)).toBe(2);
  expect((await house.proposals.select(scope, proposalId)).state).toBe('published');
}

describe('publishing groups', () => {
  it('places everyone as proposed and answers how many', async () => {
    expect(await worker().publish(scope, job())).toMatchObject({ groups: 2, people: 9, gone: 0, placed: 0 });
    await expectPublished();
  });

  it.each(STEPS)(
    'loses and doubles nothing when killed at "%s" and taken up by another worker',
    async (step) => {
      await expect(worker({ checkpoint: dieAt(step) }).publish(scope, job())).rejects.toThrow('killed');
      await worker().publish(scope, job());
      await expectPublished();
    },
  );

  it.each(STEPS.slice(1, 6))(
    'is finished by the timed job alone when its worker died for good at "%s"',
    async (step) => {
      await expect(worker({ checkpoint: dieAt(step) }).publish(scope, job())).rejects.toThrow('killed');
      for (const timed of house.group.room.timedJobs) await timed.run();
      await expectPublished();
    },
  );

  it('goes on where a worker died in the middle of the memberships', async () => {
    const { groups } = house.group.stores;
    const half: GroupStore = {
      ...groups,
      async openMemberships(within, version, rows) {
        await groups.openMemberships(within, version, rows.slice(0, 5));
        throw new Error('killed halfway');
      },
    };
    await expect(worker({ groups: half }).publish(scope, job())).rejects.toThrow('halfway');
    await worker().publish(scope, job());
    await expectPublished();
  });

  it.each(STEPS.slice(1))(
    'is not disturbed by a worker that stalled at "%s" and wakes after all was done',
    async (step) => {
      const { open, arrived, stallAt } = gate();
      const late = worker({ checkpoint: stallAt(step) }).publish(scope, job());
      await arrived;
      for (const { scope: within, publishing } of await house.course.courses.withOpenPublish()) {
        await worker().finish(within, publishing);
      }
      const newcomers = await Promise.all(['new-1', 'new-2', 'new-3'].map((sub) => house.person(scope, sub)));
      await worker().publish(scope, { proposalId: await house.propose(scope, [newcomers]), by: 'manager' });
      const before = await house.group.stores.groups.historyOf(scope, 9, [...people, ...newcomers]);
      open();
      await late;
      expect(await house.group.stores.groups.historyOf(scope, 9, [...people, ...newcomers])).toEqual(before);
      expect(before).toHaveLength(12);
      const { groupsVersion, publishing } = await house.course.courses.select(scope);
      expect({ groupsVersion, publishing }).toEqual({ groupsVersion: 2, publishing: null });
    },
  );

  it('lets one of two workers bind; the other finds it done', async () => {
    const { open, arrived, stallAt } = gate();
    const late = worker({ checkpoint: stallAt('frozen') }).publish(scope, job());
    await arrived;
    await worker().publish(scope, job());
    open();
    await expect(late).rejects.toThrow('publish_busy');
    expect(await worker().publish(scope, job())).toMatchObject({ people: 9 });
    await expectPublished();
  });

  it('shows readers nothing before the version flips', async () => {
    await expect(worker({ checkpoint: dieAt('opened') }).publish(scope, job())).rejects.toThrow('killed');
    const { groups, published } = house.group.stores;
    expect(await published.personIds(scope)).toEqual(new Set());
    expect(await groups.membershipOf(scope, 0, people[0] ?? '')).toBeNull();
    expect(await groups.find(scope, 0, `${proposalId}.0`)).toBeNull();
    expect(await groups.historyOf(scope, 0, people)).toEqual([]);
  });

  it('shows readers no end of a membership before the version flips', async () => {
    const leaver = people[0] ?? '';
    const { groups } = house.group.stores;
    await worker().publish(scope, job());
    house.setClock('2026-11-10T08:00:00Z');
    await house.leave(scope, [leaver]);
    const newcomer = await house.person(scope, 'newcomer');
    const next = { proposalId: await house.propose(scope, [[newcomer]]), by: 'manager' };
    await expect(worker({ checkpoint: dieAt('opened') }).publish(scope, next)).rejects.toThrow('killed');
    const later = new Date('2026-11-12T08:00:00Z');
    expect(await groups.historyOf(scope, 1, [leaver])).toMatchObject([{ until: null }]);
    expect(await groups.membersAtTime(scope, 1, `${proposalId}.0`, later)).toContain(leaver);
    await worker().publish(scope, next);
    expect(await groups.historyOf(scope, 2, [leaver])).toMatchObject([{ until: house.clock() }]);
    expect(await groups.membersAtTime(scope, 2, `${proposalId}.0`, later)).not.toContain(leaver);
  });

  it('keeps the dates of the plan when it is finished days later', async () => {
    await expect(worker({ checkpoint: dieAt('bound') }).publish(scope, job())).rejects.toThrow('killed');
    const frozen = house.clock();
    house.setClock('2026-11-20T08:00:00Z');
    await worker().publish(scope, job());
    const all = await house.group.stores.groups.historyOf(scope, 1, people);
    expect(new Set(all.map(({ from }) => from.toISOString()))).toEqual(new Set([frozen.toISOString()]));
  });

  it('places also the eleventh of ten, whom staff put there past the warning', async () => {
    const more = await Promise.all(['more-1', 'more-2'].map((sub) => house.person(scope, sub)));
    const large = { proposalId: await house.propose(scope, [[...people, ...more]]), by: 'manager' };
    expect(await worker().publish(scope, large)).toMatchObject({ groups: 1, people: 11, leftOut: [] });
    expect((await house.group.stores.groups.places(scope, 1)).size).toBe(11);
  });

  it('publishes no other groups than were looked at', async () => {
    const payload = { ...job(), edits: 0 };
    await house.database.connection
      .collection('proposals')
      .updateOne({ courseId: scope.courseId }, { $set: { edits: 1 } });
    await expect(worker().publish(scope, payload)).rejects.toThrow('publish_edited');
    expect((await house.proposals.select(scope, proposalId)).state).toBe('open');
    await house.database.connection
      .collection('proposals')
      .updateOne({ courseId: scope.courseId }, { $set: { edits: 0 } });
    await worker().publish(scope, payload);
    await expectPublished();
  });

  it('leaves out, and counts, who left the course since the proposal', async () => {
    const gone = people[0] ?? '';
    await house.course.enrolments.setRole(scope, gone, 'visitor');
    expect(await worker().publish(scope, job())).toMatchObject({
      ...{ groups: 2, people: 8, gone: 1 },
      leftOut: [{ personId: gone, cause: 'gone' }],
    });
    expect(await house.group.stores.groups.membershipOf(scope, 1, gone)).toBeNull();
  });

  it('ends no membership of a fellow whom the list did not show', async () => {
    await worker().publish(scope, job());
    const [missed = ''] = people;
    const newcomer = await house.person(scope, 'newcomer');
    const { enrolments } = house.course;
    const course = {
      ...house.course,
      enrolments: {
        ...enrolments,
        async *each(within: CourseScope, role: CourseRole) {
          for await (const page of enrolments.each(within, role))
            yield page.filter(({ personId }) => personId !== missed && personId !== newcomer);
        },
      },
    };
    const next = { proposalId: await house.propose(scope, [[newcomer]]), by: 'manager' };
    expect(await worker({ course }).publish(scope, next)).toMatchObject({ people: 1, gone: 0, ended: 0 });
    expect(await house.group.stores.groups.membershipOf(scope, 2, missed)).not.toBeNull();
  });

  it('ends the memberships of leavers also where everyone else is placed; with neither it refuses', async () => {
    await worker().publish(scope, job());
    const [leaver = '', ...stay] = people;
    await house.leave(scope, [leaver]);
    const next = { proposalId: await house.propose(scope, [stay]), by: 'manager' };
    expect(await worker().publish(scope, next)).toMatchObject({ groups: 0, people: 0, ended: 1 });
    expect(await house.group.stores.groups.membershipOf(scope, 2, leaver)).toBeNull();
    const again = { proposalId: await house.propose(scope, [stay]), by: 'manager' };
    await expect(worker().publish(scope, again)).rejects.toThrow('publish_nobody');
  });

  it('stops rather than publish a plan that is not whole', async () => {
    await expect(worker({ checkpoint: dieAt('bound') }).publish(scope, job())).rejects.toThrow('killed');
    const { publishing } = await house.course.courses.select(scope);
    await house.database.connection
      .collection('publish_rows')
      .deleteOne({ planId: publishing?.publishId ?? '' });
    await expect(worker().publish(scope, job())).rejects.toThrow('not whole');
    expect((await house.course.courses.select(scope)).groupsVersion).toBe(0);
  });
});

describe('memberships', () => {
  it('are at most one open a person: the database itself refuses a second', async () => {
    await worker().publish(scope, job());
    await expect(
      house.group.stores.groups.openMemberships(scope, 2, [
        { personId: people[0] ?? '', groupId: `${proposalId}.1`, guest: false, from: house.clock() },
      ]),
    ).rejects.toThrow('disagrees');
    expect(await house.group.stores.groups.historyOf(scope, 9, [people[0] ?? ''])).toHaveLength(1);
  });

  it('survive a late closing of a group that was left and joined again', async () => {
    const { groups } = house.group.stores;
    await worker().publish(scope, job());
    const [personId = ''] = people;
    const [a, b] = [`${proposalId}.0`, `${proposalId}.1`];
    const at = house.clock();
    const close = [{ personId, groupId: a, until: at }];
    await groups.closeMemberships(scope, 2, close);
    await groups.openMemberships(scope, 2, [{ personId, groupId: b, guest: false, from: at }]);
    await groups.closeMemberships(scope, 3, [{ personId, groupId: b, until: at }]);
    await groups.openMemberships(scope, 3, [{ personId, groupId: a, guest: false, from: at }]);
    await groups.closeMemberships(scope, 2, close);
    expect(await groups.membershipOf(scope, 3, personId)).toMatchObject({ groupId: a, fromVersion: 3 });
  });
});
