import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MEETUP } from '../../src/group/meetups/meetups.router.ts';
import type { CourseScope } from '../../src/scope.ts';
import { openCourse, type TestCourse } from './course.ts';

let house: TestCourse;
let scope: CourseScope;
let people: string[];
let groupId: string;

beforeAll(async () => {
  house = await openCourse();
});
afterAll(() => house.database.close());
beforeEach(async () => {
  scope = await house.begin();
  people = await Promise.all(['a', 'b', 'c', 'd'].map((sub) => house.person(scope, sub)));
  const proposalId = await house.propose(scope, [people]);
  groupId = `${proposalId}.0`;
  await house.group.stores.publisher.publish(scope, { proposalId, by: 'manager' });
});
const person = (index: number): string => people[index] ?? '';

describe('appointments', () => {
  const offices = async () =>
    (await house.group.stores.appointments.current(scope, [groupId]))
      .map(({ office, personId }) => [office, personId])
      .toSorted();

  it('give a group one Peer Lead and one Deputy; a new one ends the old', async () => {
    const { appointments } = house.group.stores;
    await appointments.appoint(scope, groupId, person(0), 'lead', 'manager');
    await appointments.appoint(scope, groupId, person(1), 'deputy', 'manager');
    await appointments.appoint(scope, groupId, person(2), 'lead', 'manager');
    expect(await offices()).toEqual([
      ['deputy', person(1)],
      ['lead', person(2)],
    ]);
    const [ended] = await appointments.history(scope, groupId);
    expect(ended).toMatchObject({ personId: person(0), office: 'lead', until: house.clock() });
  });

  it('let nobody hold both offices', async () => {
    const { appointments } = house.group.stores;
    await appointments.appoint(scope, groupId, person(0), 'lead', 'manager');
    await appointments.appoint(scope, groupId, person(0), 'deputy', 'manager');
    expect(await offices()).toEqual([['deputy', person(0)]]);
  });

  it('say the same thing twice without a trace, and can be taken back', async () => {
    const { appointments } = house.group.stores;
    await appointments.appoint(scope, groupId, person(0), 'lead', 'manager');
    await appointments.appoint(scope, groupId, person(0), 'lead', 'manager');
    expect(await appointments.history(scope, groupId)).toEqual([]);
    await appointments.dismiss(scope, groupId, 'lead');
    expect(await offices()).toEqual([]);
  });

  it('of two at the same moment leave one holder, whoever was quicker', async () => {
    const { appointments } = house.group.stores;
    await Promise.allSettled(
      people.map((personId) => appointments.appoint(scope, groupId, personId, 'lead', 'manager')),
    );
    expect((await offices()).length).toBeLessThanOrEqual(1);
    await appointments.appoint(scope, groupId, person(3), 'lead', 'manager');
    expect(await offices()).toEqual([['lead', person(3)]]);
  });
});

describe('meetups', () => {
  const planned = (startsAt: string) => ({
    groupId,
    title: 'Review',
    startsAt: new Date(startsAt),
    endsAt: new Date(new Date(startsAt).getTime() + 3_600_000),
    link: 'https://discord.gg/abc',
    channel: 'Discord',
    plannedBy: person(0),
  });
  const plan = async (startsAt: string): Promise<string> =>
    (await house.group.stores.meetups.plan(scope, [planned(startsAt)]))[0] ?? '';

  it('are of one group: another does not find them', async () => {
    const id = await plan('2026-11-07T15:00:00Z');
    await expect(house.group.stores.meetups.select(scope, 'another', id)).rejects.toThrow('not_found');
    await expect(house.group.stores.meetups.select(await house.begin(), groupId, id)).rejects.toThrow(
      'not_found',
    );
  });

  it('show each group its next one', async () => {
    const { meetups } = house.group.stores;
    await plan('2026-11-14T15:00:00Z');
    const soon = await plan('2026-11-07T15:00:00Z');
    await meetups.cancel(scope, await plan('2026-11-03T15:00:00Z'));
    expect((await meetups.nextOf(scope, [groupId], house.clock())).get(groupId)?.id).toBe(soon);
  });

  it('are held once their roll is taken, and then neither change nor are cancelled', async () => {
    const { meetups } = house.group.stores;
    const id = await plan('2026-11-07T15:00:00Z');
    expect(await meetups.countHeld(scope)).toBe(0);
    await meetups.markHeld(scope, id, person(0), { met: 3, missed: 1, excused: 0 });
    await meetups.cancel(scope, id);
    await meetups.change(scope, id, { ...planned('2027-01-01T15:00:00Z'), title: 'Other' });
    expect(await meetups.select(scope, groupId, id)).toMatchObject({
      title: 'Review',
      state: 'planned',
      rollTakenBy: person(0),
    });
    expect(await meetups.countHeld(scope)).toBe(1);
  });

  it('count those who belonged to the group when they began, by date', async () => {
    const { groups } = house.group.stores;
    const later = new Date('2026-11-10T00:00:00Z');
    await groups.closeMemberships(scope, 2, [{ personId: person(3), groupId, until: later }]);
    const at = async (time: string) =>
      (await groups.membersAtTime(scope, 2, groupId, new Date(time))).toSorted();
    expect(await at('2026-11-07T15:00:00Z')).toEqual(people.toSorted());
    expect(await at('2026-11-14T15:00:00Z')).toEqual(people.slice(0, 3).toSorted());
    expect(await at('2026-11-01T15:00:00Z')).toEqual([]);
  });

  it('leave evidence that a correction adds to and never overwrites', async () => {
    const id = await plan('2026-11-07T15:00:00Z');
    const occurredAt = new Date('2026-11-07T15:00:00Z');
    const say = (outcome: 'met' | 'missed') =>
      house.course.evidence.record(
        scope,
        MEETUP,
        id,
        [{ personId: person(1), groupId, outcome, occurredAt }],
        person(0),
      );
    await say('missed');
    await say('missed');
    await say('met');
    const latest = await house.course.evidence.of(scope, MEETUP, id);
    expect(latest.get(person(1))).toMatchObject({ outcome: 'met', revision: 2, occurredAt });
    expect(await house.course.evidence.count(scope)).toBe(2);
  });

  it('are named on receipts', async () => {
    const id = await plan('2026-11-07T15:00:00Z');
    const [kind] = house.group.room.evidenceKinds;
    expect((await kind?.titles(scope, [id]))?.get(id)?.title).toBe('Review');
  });
});

describe('the course home', () => {
  it('counts who is placed and who waits, and groups with and without a lead', async () => {
    await house.person(scope, 'waiting');
    const [placed, held] = await house.group.room.figures(scope);
    expect(placed).toMatchObject({ value: 4, note: { params: { count: 1 } } });
    expect(held).toMatchObject({ value: 0 });
    expect((await house.group.room.steps(scope)).map(({ done }) => done)).toEqual([true, false]);
    await house.group.stores.appointments.appoint(scope, groupId, person(0), 'lead', 'manager');
    expect((await house.group.room.steps(scope)).map(({ done }) => done)).toEqual([true, true]);
  });
});
