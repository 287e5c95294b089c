import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { MEETUP } from '../../src/group/meetups/evidence.ts';
import type { Meetup } from '../../src/group/meetups/meetups.store.ts';
import type { CourseScope } from '../../src/scope.ts';
import { failNext } from '../support/database.ts';
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

  it('let nobody hold both offices: the Peer Lead does not become Deputy, a Deputy who rises is one no more', async () => {
    const { appointments } = house.group.stores;
    await appointments.appoint(scope, groupId, person(0), 'lead', 'manager');
    const demotion = appointments.appoint(scope, groupId, person(0), 'deputy', 'manager');
    await expect(demotion).rejects.toThrow('office_is_lead');
    await appointments.appoint(scope, groupId, person(1), 'deputy', 'manager');
    expect(await appointments.appoint(scope, groupId, person(1), 'lead', 'manager')).toEqual({
      changed: true,
      replaced: person(0),
    });
    expect(await offices()).toEqual([['lead', person(1)]]);
  });

  it('say the same thing twice without a trace, and can be taken back', async () => {
    const { appointments } = house.group.stores;
    await appointments.appoint(scope, groupId, person(0), 'lead', 'manager');
    const again = await appointments.appoint(scope, groupId, person(0), 'lead', 'manager');
    expect(again).toEqual({ changed: false, replaced: null });
    expect(await appointments.history(scope, groupId)).toEqual([]);
    expect(await appointments.dismiss(scope, groupId, 'lead')).toBe(person(0));
    expect(await appointments.dismiss(scope, groupId, 'lead')).toBeNull();
    expect(await offices()).toEqual([]);
  });

  it('end with the membership that the next publish ends, at its date, and free the person for another group', async () => {
    const { appointments, publisher } = house.group.stores;
    await appointments.appoint(scope, groupId, person(0), 'lead', 'manager');
    house.setClock('2026-11-20T08:00:00Z');
    await house.leave(scope, [person(0)]);
    house.setClock('2026-11-25T08:00:00Z');
    const others = await Promise.all(['w', 'x', 'y', 'z'].map((sub) => house.person(scope, sub)));
    const proposalId = await house.propose(scope, [others]);
    await publisher.publish(scope, { proposalId, by: 'manager' });
    expect(await offices()).toEqual([]);
    const [ended] = await appointments.history(scope, groupId);
    expect(ended).toMatchObject({ personId: person(0), until: new Date('2026-11-20T08:00:00Z') });
    // A late worker meets the office of a later time and leaves it alone.
    await appointments.appoint(scope, groupId, person(0), 'lead', 'manager');
    await appointments.endFor(scope, [
      { personId: person(0), groupId, until: new Date('2026-11-20T08:00:00Z') },
    ]);
    expect(await offices()).toEqual([['lead', person(0)]]);
  });

  it('are in what a person may take with them, beside their memberships', async () => {
    const { appointments } = house.group.stores;
    await appointments.appoint(scope, groupId, person(0), 'deputy', 'manager');
    await appointments.dismiss(scope, groupId, 'deputy');
    expect(await house.group.room.privacy.export(scope, person(0))).toMatchObject({
      memberships: [{ groupId, personId: person(0), until: null }],
      offices: [{ groupId, office: 'deputy', open: false }],
    });
  });

  it('in a group that somebody left do not stand in the way of one in another', async () => {
    const { appointments } = house.group.stores;
    await appointments.appoint(scope, 'another group', person(0), 'lead', 'manager');
    await appointments.appoint(scope, groupId, person(0), 'lead', 'manager');
    expect(await offices()).toEqual([['lead', person(0)]]);
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
    await meetups.cancel(scope, await plan('2026-11-03T15:00:00Z'), 'm');
    expect((await meetups.nextOf(scope, [groupId], house.clock())).get(groupId)?.id).toBe(soon);
  });

  it('are held once their roll is taken, and then neither change nor are cancelled', async () => {
    const { meetups } = house.group.stores;
    const id = await plan('2026-11-07T15:00:00Z');
    expect(await meetups.countHeld(scope)).toBe(0);
    await meetups.markHeld(scope, id, person(0), { met: 3, missed: 1, excused: 0 }, false);
    expect(await meetups.cancel(scope, id, 'm')).toBe(false);
    expect(await meetups.change(scope, id, { ...planned('2027-01-01T15:00:00Z'), title: 'Other' })).toBe(
      false,
    );
    expect(await meetups.select(scope, groupId, id)).toMatchObject({
      ...{ title: 'Review', state: 'planned', rollTakenBy: person(0) },
    });
    expect(await meetups.countHeld(scope)).toBe(1);
  });

  it('are cancelled or have their roll begun: of the two at once one wins', async () => {
    const { meetups } = house.group.stores;
    const id = await plan('2026-11-07T15:00:00Z');
    const { startsAt } = await meetups.select(scope, groupId, id);
    const [cancelled, begun] = await Promise.all([
      meetups.cancel(scope, id, 'm'),
      meetups.beginRoll(scope, id, startsAt),
    ]);
    expect([cancelled, begun].filter(Boolean)).toHaveLength(1);
  });

  it('have no roll begun for a time from which they were moved', async () => {
    const { meetups } = house.group.stores;
    const id = await plan('2026-11-07T15:00:00Z');
    expect(await meetups.beginRoll(scope, id, new Date('2026-11-07T14:00:00Z'))).toBe(false);
    expect(await meetups.select(scope, groupId, id)).toMatchObject({ rollBegunAt: null });
  });

  it('are planned once by a form that is sent twice, or twice at once', async () => {
    const { meetups } = house.group.stores;
    const series = [planned('2026-11-07T15:00:00Z'), planned('2026-11-14T15:00:00Z')];
    const [first, second] = await Promise.all([
      meetups.plan(scope, series, 'a form'),
      meetups.plan(scope, series, 'a form'),
    ]);
    const third = await meetups.plan(scope, series, 'a form');
    expect(third).toEqual(await meetups.plan(scope, series, 'a form'));
    expect(new Set([...first, ...second, ...third]).size).toBeGreaterThanOrEqual(2);
    expect(await meetups.upcoming(scope, groupId, house.clock(), null, 9)).toHaveLength(2);
    const other = meetups.plan(scope, [{ ...planned('2026-11-07T15:00:00Z'), title: 'Other' }], 'a form');
    await expect(other).rejects.toThrow('form_used');
    await meetups.plan(scope, series, 'another form');
    expect(await meetups.upcoming(scope, groupId, house.clock(), null, 9)).toHaveLength(4);
  });

  it('are planned whole where the first sending planned only some', async () => {
    const { meetups } = house.group.stores;
    const series = [planned('2026-11-07T15:00:00Z'), planned('2026-11-14T15:00:00Z')];
    await failNext(house.database, 'insert', 'lost');
    await expect(meetups.plan(scope, series, 'a form')).rejects.toThrow();
    await house.database.connection.collection('meetups').deleteOne({ formKey: 'a form', ordinal: 0 });
    expect(await meetups.plan(scope, series, 'a form')).toHaveLength(2);
    expect(await meetups.upcoming(scope, groupId, house.clock(), null, 9)).toHaveLength(2);
  });

  it('are paged by time, each once, also where several begin at one moment', async () => {
    const { meetups } = house.group.stores;
    for (const key of ['a', 'b', 'c', 'd', 'e'])
      await meetups.plan(scope, [planned('2026-11-07T15:00:00Z')], `form ${key}`);
    const seen: string[] = [];
    for (let after: { startsAt: Date; id: string } | null = null; ;) {
      const page: readonly Meetup[] = await meetups.upcoming(scope, groupId, house.clock(), after, 2);
      seen.push(...page.map(({ id }) => id));
      const last = page.at(-1);
      if (last === undefined) break;
      after = last;
    }
    expect(new Set(seen).size).toBe(5);
    expect(seen).toHaveLength(5);
    const later = new Date('2026-12-01T00:00:00Z');
    const [latest, next] = await meetups.past(scope, groupId, later, null, 2);
    expect((await meetups.past(scope, groupId, later, next ?? null, 9)).map(({ id }) => id)).toHaveLength(3);
    expect(latest?.id).toBe(seen.at(-1));
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
    const rows = house.database.connection.collection('evidence');
    expect(await rows.countDocuments({ courseId: scope.courseId })).toBe(2);
  });

  it('are named on receipts', async () => {
    const id = await plan('2026-11-07T15:00:00Z');
    const [kind] = house.group.room.evidenceKinds;
    expect((await kind?.titles(scope, [id]))?.get(id)?.title).toBe('Review');
  });
});
