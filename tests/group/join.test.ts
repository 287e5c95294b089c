import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createJoiner, enqueueJoin, JOIN, type JoinDeps } from '../../src/group/publish/join.job.ts';
import { createPlanStore } from '../../src/group/publish/plans.store.ts';
import { createWaitingStore } from '../../src/group/publish/waiting.store.ts';
import type { CourseScope } from '../../src/scope.ts';
import { openCourse, type TestCourse } from './course.ts';

const TRACK = { track: 'Software Development' };
const STEPS = ['frozen', 'bound', 'groups', 'closed', 'opened', 'told', 'flipped'];
let house: TestCourse;
let scope: CourseScope;
let people: string[];
let groupId: string;

beforeAll(async () => {
  house = await openCourse();
});
afterAll(async () => {
  await house.jobs.stop();
  await house.database.close();
});
beforeEach(async () => {
  scope = await house.begin();
  people = await fellows(5, 'fellow');
  groupId = await publish([people]);
});

const fellows = (count: number, name: string, profile: object = {}): Promise<string[]> =>
  Promise.all(
    Array.from({ length: count }, (_, index) =>
      house.fellow(scope, `${name}-${index}`, { ...TRACK, ...profile }),
    ),
  );
async function publish(groups: readonly (readonly string[])[]): Promise<string> {
  const proposalId = await house.propose(scope, groups);
  await house.group.stores.publisher.publish(scope, { proposalId, by: 'manager' });
  return `${proposalId}.0`;
}
function joiner(more: Partial<JoinDeps> = {}) {
  const { clock, course, proposals, formation, group, database, notices } = house;
  const { setup } = formation.stores;
  const { groups, appointments } = group.stores;
  const plans = createPlanStore(database);
  const waiting = createWaitingStore(database);
  const promised = () => Promise.resolve(new Map<string, number>());
  return createJoiner({
    clock,
    course,
    proposals,
    groups,
    appointments,
    plans,
    notices,
    waiting,
    setup,
    promised,
    ...more,
  });
}
const versionOf = async () => (await house.course.courses.select(scope)).groupsVersion;
const groupOf = async (personId: string) =>
  (await house.group.stores.groups.membershipOf(scope, await versionOf(), personId))?.groupId ?? null;
const toldTo = async (personId: string) =>
  (await house.notices.unread(scope, personId, await versionOf())).map(({ kind }) => kind);
const reasonOf = (personId: string) => house.group.stores.waiting.reasonOf(scope, personId);

describe('a fellow who joins late', () => {
  it('is in the group of their track and place that has room, from the day they joined it', async () => {
    house.setClock('2026-11-20T09:00:00Z');
    const late = await house.fellow(scope, 'late', TRACK);
    expect(await joiner()(scope)).toEqual({ joined: 1, ended: 0, waiting: 0 });
    const { groups } = house.group.stores;
    expect(await groups.membershipOf(scope, 2, late)).toMatchObject({
      ...{ groupId, guest: false, fromVersion: 2, from: new Date('2026-11-20T09:00:00Z'), until: null },
    });
    expect(await groups.membershipOf(scope, 1, late)).toBeNull();
  });

  it('reads which group and why, and the group reads who came', async () => {
    const late = await house.fellow(scope, 'late', TRACK);
    await joiner()(scope);
    const [notice] = await house.notices.unread(scope, late, 2);
    expect(notice).toMatchObject({ kind: 'joined', params: { group: 'Group 1', why: 'notices:why.lga' } });
    expect(await toldTo(people[0] ?? '')).toContain('member_joined');
    expect(await house.notices.unread(scope, late, 1)).toEqual([]);
  });

  it('is a guest of the nearest group where none of their own place has room', async () => {
    const late = await house.fellow(scope, 'late', { ...TRACK, lga: 'Epe' });
    await joiner()(scope);
    expect(await house.group.stores.groups.membershipOf(scope, 2, late)).toMatchObject({
      groupId,
      guest: true,
    });
    const [notice] = await house.notices.unread(scope, late, 2);
    expect(notice?.params['why']).toBe('notices:why.guest_state');
  });

  it('waits where every group of the track is full, and is told so; nobody is in a group of 11', async () => {
    await fellows(7, 'late');
    expect(await joiner()(scope)).toEqual({ joined: 5, ended: 0, waiting: 2 });
    const members = await house.group.stores.groups.membersOf(scope, 2, [groupId]);
    expect(members).toHaveLength(10);
    expect(await house.group.stores.waiting.counts(scope)).toEqual([{ reason: 'no_room', count: 2 }]);
  });

  it.each([
    ['the track is not known', { track: null }, 'track_unknown'],
    ['the place is not known', { lga: null, state: null, zone: null, country: null }, 'place_unknown'],
    ['there is no group of the track', { track: 'Animation' }, 'no_group_of_track'],
  ])('waits where %s', async (_why, profile, reason) => {
    const late = await house.fellow(scope, 'late', { ...TRACK, ...profile });
    expect(await joiner()(scope)).toEqual({ joined: 0, ended: 0, waiting: 1 });
    expect(await groupOf(late)).toBeNull();
    expect(await reasonOf(late)).toBe(reason);
  });

  it('is in a group once the track is known, and waits no more', async () => {
    const late = await house.fellow(scope, 'late', { track: null });
    await joiner()(scope);
    await house.course.profiles.replace(scope, late, TRACK, 'form');
    await joiner()(scope);
    expect(await groupOf(late)).toBe(groupId);
    expect(await reasonOf(late)).toBeNull();
  });

  it('waits for a person where the course wants it so', async () => {
    await house.course.courses.saveSettings(scope, { placeLate: false });
    const late = await house.fellow(scope, 'late', TRACK);
    expect(await joiner()(scope)).toEqual({ joined: 0, ended: 0, waiting: 1 });
    expect(await reasonOf(late)).toBe('by_hand');
  });

  it('is come to in a later look where one has given all the seats it gives; those whom nobody can seat take no place', async () => {
    await fellows(3, 'none', { track: 'Animation' });
    const late = await fellows(4, 'late');
    const waiting = createWaitingStore(house.database);
    await waiting.note(scope, new Map(late.map((id) => [id, 'no_room'])), house.clock(), new Set());
    expect(await joiner({ mostSeats: 2 })(scope)).toEqual({ joined: 2, ended: 0, waiting: 5, more: true });
    const seated = await Promise.all(late.map(groupOf));
    expect(await Promise.all(late.map(reasonOf))).toEqual(
      seated.map((one) => (one === null ? 'no_room' : null)),
    );
    expect(await joiner({ mostSeats: 2 })(scope)).toEqual({ joined: 2, ended: 0, waiting: 3 });
  });

  it('is placed by nothing before groups are published', async () => {
    scope = await house.begin();
    await house.fellow(scope, 'early', TRACK);
    expect(await joiner()(scope)).toEqual({ joined: 0, ended: 0, waiting: 0 });
    expect(await versionOf()).toBe(0);
  });

  it('who was in a group before is in it again, where it has room', async () => {
    const second = await publish([await fellows(4, 'other')]);
    const back = people[0] ?? '';
    await house.leave(scope, [back]);
    await joiner()(scope);
    await house.person(scope, 'fellow-0');
    await joiner()(scope);
    expect(second).not.toBe(groupId);
    expect(await groupOf(back)).toBe(groupId);
    const times = await house.group.stores.groups.historyOf(scope, await versionOf(), [back]);
    expect(times.map(({ groupId: id }) => id)).toEqual([groupId, groupId]);
  });
});

describe('a fellow who must or must not be with somebody', () => {
  const wish = (kind: 'with' | 'apart', a: string, b: string) =>
    house.formation.stores.setup.putWishes(scope, [{ kind, a, b }], 'manager');

  it('is not put into the group of whom they must not be with, whoever of the two was named first', async () => {
    const [late = '', later = ''] = await fellows(2, 'late');
    await wish('apart', late, people[0] ?? '');
    await wish('apart', people[1] ?? '', later);
    expect(await joiner()(scope)).toEqual({ joined: 0, ended: 0, waiting: 2 });
    expect(await reasonOf(late)).toBe('pair_rules');
    expect(await reasonOf(later)).toBe('pair_rules');
  });

  it('is put into the group of whom they must be with, though another is smaller', async () => {
    await publish([await fellows(4, 'other')]);
    const late = await house.fellow(scope, 'late', TRACK);
    await wish('with', people[0] ?? '', late);
    await joiner()(scope);
    expect(await groupOf(late)).toBe(groupId);
  });
});

describe('a fellow who left the course', () => {
  it('is taken out of the group by themselves, dated by the day they left; history stays', async () => {
    const [gone = '', stays = ''] = people;
    house.setClock('2026-11-11T08:00:00Z');
    await house.leave(scope, [gone]);
    house.setClock('2026-11-15T08:00:00Z');
    expect(await joiner()(scope)).toEqual({ joined: 0, ended: 1, waiting: 0 });
    const [was] = await house.group.stores.groups.historyOf(scope, 2, [gone]);
    expect(was).toMatchObject({ groupId, untilVersion: 2, until: new Date('2026-11-11T08:00:00Z') });
    expect(await toldTo(stays)).toContain('member_left_course');
  });

  it('is not said to have left the course where they are no fellow of it any more', async () => {
    const [other = '', stays = ''] = people;
    await house.course.enrolments.setRole(scope, other, 'visitor');
    expect(await joiner()(scope)).toEqual({ joined: 0, ended: 1, waiting: 0 });
    expect((await toldTo(stays)).toSorted()).toEqual(['member_not_fellow', 'placed']);
  });

  it('gives the seat to one who waits, in the same step', async () => {
    const late = await fellows(6, 'late');
    await joiner()(scope);
    const waits = (await Promise.all(late.map(groupOf))).indexOf(null);
    await house.leave(scope, people.slice(0, 1));
    expect(await joiner()(scope)).toEqual({ joined: 1, ended: 1, waiting: 0 });
    expect(await groupOf(late[waits] ?? '')).toBe(groupId);
  });
});

describe('placing by themselves', () => {
  it.each(STEPS)('loses and doubles nobody when killed at "%s" and begun again', async (step) => {
    const late = await fellows(3, 'late');
    await house.leave(scope, people.slice(0, 1));
    const dying = joiner()(scope, (here) => {
      if (here === step) throw new Error('killed');
    });
    await expect(dying).rejects.toThrow('killed');
    await joiner()(scope);
    expect(await Promise.all(late.map(groupOf))).toEqual([groupId, groupId, groupId]);
    expect(await groupOf(people[0] ?? '')).toBeNull();
    const all = await house.group.stores.groups.historyOf(scope, await versionOf(), [...people, ...late]);
    expect(all).toHaveLength(8);
    expect(await versionOf()).toBe(2);
    expect(await toldTo(late[0] ?? '')).toEqual(['joined', 'member_joined', 'member_joined'].slice(0, 1));
  });

  it('places nobody by sizes that a publish has changed meanwhile, and begins again', async () => {
    const late = await fellows(5, 'late');
    const stalled = joiner()(scope, async (step) => {
      if (step === 'frozen') await joiner()(scope);
    });
    await expect(stalled).rejects.toThrow('publish_busy');
    await joiner()(scope);
    expect(await Promise.all(late.map(groupOf))).toEqual(late.map(() => groupId));
    expect(await house.group.stores.groups.membersOf(scope, await versionOf(), [groupId])).toHaveLength(10);
  });

  it('notes nobody as waiting whom a newer look has seated', async () => {
    await fellows(1, 'first');
    const [late = ''] = await fellows(1, 'late', { track: 'Animation' });
    await joiner()(scope, async (step) => {
      if (step !== 'flipped') return;
      await house.course.profiles.replace(scope, late, TRACK, 'form');
      await joiner()(scope);
    });
    expect(await groupOf(late)).toBe(groupId);
    expect(await reasonOf(late)).toBeNull();
  });

  it('asked for while a look runs comes once after it, not beside it', async () => {
    const late = await house.fellow(scope, 'late', TRACK);
    const rows = house.database.connection.collection('jobs');
    await enqueueJoin(house.jobs, scope);
    const runs = { state: 'running', leaseId: 'other', leaseUntil: new Date('2026-11-03T08:00:00Z') };
    await rows.updateOne({ courseId: scope.courseId, kind: JOIN }, { $set: runs });
    await Promise.all([1, 2, 3].map(() => enqueueJoin(house.jobs, scope)));
    await house.jobs.runDue();
    expect(await groupOf(late)).toBeNull();
    expect(await rows.countDocuments({ courseId: scope.courseId, active: true })).toBe(2);
    await rows.updateOne(
      { courseId: scope.courseId, kind: JOIN },
      { $set: { active: false, state: 'done', leaseId: null, leaseUntil: null } },
    );
    house.setClock('2026-11-02T08:00:02Z');
    await house.jobs.runDue();
    expect(await groupOf(late)).toBe(groupId);
    expect(await rows.countDocuments({ courseId: scope.courseId, active: true })).toBe(0);
  });

  it('changes nothing where nobody came and nobody left', async () => {
    await joiner()(scope);
    expect(await versionOf()).toBe(1);
  });

  it('is asked for by the timed job where somebody waits or left', async () => {
    const late = await house.fellow(scope, 'late', TRACK);
    for (const timed of house.group.room.timedJobs) await timed.run();
    await house.jobs.runDue();
    expect(await groupOf(late)).toBe(groupId);
  });
});
