import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DEFAULT_RULES } from '../../src/formation/engine/types.ts';
import { newId } from '../../src/database/index.ts';
import type { CourseScope } from '../../src/scope.ts';
import { textOf } from '../support/http.ts';
import { faultsOf, openSite, type TestSite } from './site.ts';

let site: TestSite;
let scope: CourseScope;
let people: string[];
let groupId: string;

beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());
beforeEach(async () => {
  const { house } = site;
  scope = await house.begin();
  people = await Promise.all(['Ada Obi', 'Bola', 'Chidi Eze', 'Dayo'].map((sub) => house.fellow(scope, sub)));
});
const person = (index: number): string => people[index] ?? '';
const publish = async (): Promise<void> => {
  const proposalId = await site.house.propose(scope, [people]);
  groupId = `${proposalId}.0`;
  await site.house.group.stores.publisher.publish(scope, { proposalId, by: 'manager' });
};
const open = (personId: string, target = '/group') => site.ask({ scope, role: 'fellow', personId }, target);
const asManager = (target: string) => site.ask({ scope, role: 'manager', personId: 'm' }, target);
const plan = (link: string, channel: string, startsAt: string) =>
  site.house.group.stores.meetups.plan(scope, [
    {
      ...{ groupId, title: 'Review', link, channel, plannedBy: person(0), startsAt: new Date(startsAt) },
      endsAt: new Date(new Date(startsAt).getTime() + 3_600_000),
    },
  ]);

describe('My Peer Group', () => {
  it('shows at once name, track, place, why this place, members with roles, and what to do', async () => {
    await publish();
    const { appointments } = site.house.group.stores;
    await appointments.appoint(scope, groupId, person(0), 'lead', 'm');
    await appointments.appoint(scope, groupId, person(1), 'deputy', 'm');
    const { status, html } = await open(person(2));
    expect(status).toBe(200);
    const words = textOf(html);
    for (const expected of [
      'Group 1',
      'Software Development Ikeja',
      '4 fellows learning together.',
      'Why this group? Everyone in it learns Software Development.',
      'When groups were formed, 4 fellows of your track were waiting in Ikeja, and 4 make a group.',
      'AO Ada Obi since Mon 2 Nov Peer Lead',
      'B Bola since Mon 2 Nov Deputy',
      'CE Chidi Eze (you)',
      'No meetup is planned yet. Your Peer Lead plans the next one.',
      'What to do next Nothing for now.',
    ])
      expect(words).toContain(expected);
    expect(words).not.toContain('Appoint');
    expect(faultsOf(html)).toEqual([]);
  });

  it('shows the next meetup in the zone of whoever looks, with its link', async () => {
    await publish();
    await plan('https://discord.gg/abc', 'Discord', '2026-12-05T15:00:00Z');
    const { html } = await open(person(2));
    expect(textOf(html)).toContain('Sat 5 Dec, 4:00 pm WAT Review Join on Discord');
    expect(html).toContain('href="https://discord.gg/abc" target="_blank" rel="noopener noreferrer"');
    expect(textOf(html)).not.toContain('phone number');
  });

  it('says so while a meetup runs, and asks whoever leads for the roll', async () => {
    await publish();
    await site.house.group.stores.appointments.appoint(scope, groupId, person(0), 'lead', 'm');
    await plan('https://discord.gg/abc', 'Discord', '2026-11-07T15:00:00Z');
    site.house.setClock('2026-11-07T15:20:00Z');
    expect(textOf((await open(person(2))).html)).toContain('“Review” has begun: join now');
    expect(textOf((await open(person(0))).html)).toContain('Take the roll of “Review”');
    expect(textOf((await open(person(2))).html)).not.toContain('Take the roll');
  });

  it('warns that WhatsApp shows phone numbers, and names what does not', async () => {
    await publish();
    await plan('https://chat.whatsapp.com/abc', 'WhatsApp', '2026-12-05T15:00:00Z');
    const words = textOf((await open(person(2))).html);
    expect(words).toContain('On WhatsApp the others in your group see your phone number.');
    expect(words).toContain('Discord, Google Meet, Zoom or Microsoft Teams');
  });

  it("speaks of a group without a meetup in words that suit the reader's part in it", async () => {
    await publish();
    const part = async (role: 'manager' | 'mentor', target: string): Promise<string> =>
      textOf((await site.ask({ scope, role, personId: 'm' }, `/groups/g/${groupId}${target}`)).html);
    for (const target of ['', '/meetups']) {
      const mentor = await part('mentor', target);
      expect(mentor).toContain('The Community Manager appoints a Peer Lead, who plans the next one.');
      expect(mentor).not.toMatch(/Choose|Come to|Plan |Appoint |[Yy]our /);
      expect(await part('manager', target)).toContain(
        'Appoint a Peer Lead, who plans the next one, or plan it',
      );
    }
    await site.house.group.stores.appointments.appoint(scope, groupId, person(0), 'lead', 'm');
    expect(await part('mentor', '')).toContain("The group's Peer Lead plans the next one.");
    expect(textOf((await open(person(1))).html)).toContain('Your Peer Lead plans the next one.');
    expect(textOf((await open(person(0))).html)).toContain('Choose a time that suits the group.');
    await plan('https://chat.whatsapp.com/abc', 'WhatsApp', '2026-12-05T15:00:00Z');
    expect(await part('mentor', '')).toContain("everyone else's phone number, yours included");
  });

  it('keeps a member who left the course in sight until the next publish, without their office', async () => {
    await publish();
    await site.house.group.stores.appointments.appoint(scope, groupId, person(0), 'lead', 'm');
    await site.house.leave(scope, [person(0)]);
    const words = textOf((await open(person(2))).html);
    expect(words).toContain('3 fellows learning together.');
    expect(words).toContain('Ada Obi has left the course');
    expect(words).not.toContain('Peer Lead Bola');
    expect(words).toContain('Your Community Manager appoints a Peer Lead');
    expect(textOf((await asManager('/groups/list')).html)).toContain('no lead');
  });
});

describe('why this place', () => {
  const group = (over: object) => ({
    ordinal: 0,
    name: 'Lagos 1',
    nameFolded: 'lagos 1',
    track: 'Data Science',
    place: 'Lagos',
    rung: 'state' as const,
    memberIds: people,
    guestIds: [person(3)],
    prints: people.map(() => 'print'),
    why: { needed: 4, here: 41, lower: [{ name: 'Ikeja', count: 3 }] },
    facts: { leads: 0, slots: null },
    ...over,
  });
  const publishGroup = async (over: object = {}): Promise<void> => {
    const { proposals } = site.house;
    const id = newId();
    await proposals.begin(scope, id, { rules: DEFAULT_RULES, anywhere: false, createdBy: 'm' });
    const figures = {
      snapshot: '-',
      people: 4,
      byRung: {},
      bySize: {},
      leadUnknown: 0,
      terms: [],
      unplaced: [],
    };
    await proposals.fill(scope, id, { ...figures, groups: [group(over)] });
    await site.house.group.stores.publisher.publish(scope, { proposalId: id, by: 'm' });
    groupId = `${id}.0`;
  };

  const sinceFormed = 'When groups were formed, ';
  const why = async (asked: Promise<{ html: string }>): Promise<string> =>
    textOf(/<details id="why">[\s\S]*?<\/details>/.exec((await asked).html)?.[0] ?? '');

  it("is said in numbers of the fellow's own place, where these are too few", async () => {
    await publishGroup();
    expect(await why(open(person(0)))).toContain(
      `${sinceFormed}only 3 fellows of your track were waiting in Ikeja, and a group needs 4. The nearest place with enough was Lagos, with 41.`,
    );
  });

  it('is said otherwise where there are enough but the numbers do not divide', async () => {
    await publishGroup({ why: { needed: 4, here: 41, lower: [{ name: 'Ikeja', count: 11 }] } });
    expect(await why(open(person(0)))).toContain('11 fellows of your track were waiting in Ikeja, but not');
  });

  it("never names another member's place, also where the reader's own is unknown or new", async () => {
    const lower = [
      { name: 'Badagry', count: 1 },
      { name: 'Epe', count: 2 },
    ];
    await publishGroup({ why: { needed: 4, here: 41, lower }, guestIds: [] });
    const { profiles } = site.house.course;
    await profiles.replace(scope, person(1), { lga: null }, 'form');
    await profiles.replace(scope, person(2), { lga: 'Epe' }, 'form');
    const [moved, unknown, own] = await Promise.all([0, 1, 2].map((index) => why(open(person(index)))));
    expect(moved).toContain('41 fellows of your track were waiting in Lagos, and 4 make a group.');
    expect(unknown).toContain('Your local government area is not known');
    expect(own).toContain('only 2 fellows of your track were waiting in Epe');
    expect(`${moved} ${unknown} ${own}`).not.toContain('Badagry');
    expect(`${moved} ${unknown}`).not.toContain('Epe');
  });

  it('counts whoever is from there, and says that guests joined where these were too few', async () => {
    const here = { needed: 4, here: 3, lower: [] };
    await publishGroup({ place: 'Ikeja', rung: 'lga', why: here });
    expect(await why(open(person(0)))).toContain(
      `${sinceFormed}3 fellows of your track were waiting in Ikeja. A group needs 4, so fellows from other places joined as guests.`,
    );
  });

  it('is said to a guest as it is for them: where they come from, and why they are here', async () => {
    await publishGroup();
    expect(await why(open(person(3)))).toContain(
      'You come from Ikeja, and this is a group of Lagos. No group of your track had room nearer to you',
    );
    await site.house.course.profiles.replace(
      scope,
      person(3),
      { lga: null, state: null, zone: null },
      'form',
    );
    expect(await why(open(person(3)))).toContain('you are a guest in it');
  });

  it('is said to staff as of others', async () => {
    await publishGroup();
    const words = await why(asManager(`/groups/g/${groupId}`));
    expect(words).toContain('only 3 fellows of the track were waiting in Ikeja');
    expect(words).not.toMatch(/\byou/i);
  });
});

describe('a fellow without a group', () => {
  const unplaced = async (personId: string, reason: string): Promise<void> => {
    const { proposals } = site.house;
    const id = newId();
    await proposals.begin(scope, id, { rules: DEFAULT_RULES, anywhere: false, createdBy: 'm' });
    await proposals.fill(scope, id, {
      ...{ snapshot: '-', people: 5, byRung: {}, bySize: {}, leadUnknown: 0, terms: [] },
      unplaced: [{ personId, reason, track: 'Data Science', print: '' }],
      groups: [
        {
          ...{ ordinal: 0, name: 'G', nameFolded: 'g', track: 'T', place: 'P', rung: 'lga', guestIds: [] },
          ...{ memberIds: people, prints: people.map(() => '') },
          ...{ why: { needed: 4, here: 4, lower: [] }, facts: { leads: 0, slots: null } },
        },
      ],
    });
    await site.house.group.stores.publisher.publish(scope, { proposalId: id, by: 'm' });
  };

  it('is asked for track and place first, and may go on without', async () => {
    const lone = await site.house.person(scope, 'lone');
    expect(await open(lone)).toMatchObject({ status: 303, to: '/me/profile' });
    const { status, html } = await open(lone, '/group?later=1');
    expect(status).toBe(200);
    expect(textOf(html)).toContain('Tell us your track and place');
    expect(faultsOf(html)).toEqual([]);
  });

  it('is told that groups are still to be formed, and what happens next', async () => {
    const { html } = await open(person(0));
    expect(textOf(html)).toContain('Groups have not been published in this course yet.');
    expect(textOf(html)).toContain('What happens next');
    expect(textOf(html)).toContain('Ikeja, Lagos');
    expect(faultsOf(html)).toEqual([]);
  });

  it('is told when they joined too late', async () => {
    await publish();
    const late = await site.house.fellow(scope, 'late');
    expect(textOf((await open(late)).html)).toContain('Groups were published before you could be placed');
  });

  it('is told the reason why the published proposal had no place for them', async () => {
    const left = await site.house.fellow(scope, 'left over');
    await unplaced(left, 'no_feasible_size');
    expect(textOf((await open(left)).html)).toContain('did not divide evenly');
  });

  it('is told that a reason is over once they have entered what was missing', async () => {
    const lone = await site.house.fellow(scope, 'lone');
    await unplaced(lone, 'place_unknown');
    expect(textOf((await open(lone)).html)).toContain(
      'Groups were formed before your track and place were known',
    );
  });

  it('does not hear of proposals that were never published', async () => {
    const left = await site.house.fellow(scope, 'left over');
    const { proposals } = site.house;
    const id = newId();
    await proposals.begin(scope, id, { rules: DEFAULT_RULES, anywhere: false, createdBy: 'm' });
    await proposals.fill(scope, id, {
      ...{ snapshot: '-', people: 1, byRung: {}, bySize: {}, leadUnknown: 0, terms: [], groups: [] },
      unplaced: [{ personId: left, reason: 'no_feasible_size', track: null, print: '' }],
    });
    expect(await proposals.reasonOf(scope, left)).toBeNull();
    expect(textOf((await open(left)).html)).toContain('not been published');
  });

  it('who was in one before is told which and until when', async () => {
    await publish();
    site.house.setClock('2026-11-20T08:00:00Z');
    await site.house.leave(scope, [person(0)]);
    const more = await Promise.all(['w', 'x', 'y', 'z'].map((sub) => site.house.fellow(scope, sub)));
    const proposalId = await site.house.propose(scope, [more]);
    await site.house.group.stores.publisher.publish(scope, { proposalId, by: 'm' });
    await site.house.person(scope, 'Ada Obi');
    expect(textOf((await open(person(0))).html)).toContain('Until Fri 20 Nov you were in Group 1.');
  });

  it('finds no meetups of their own, but their page', async () => {
    expect(await open(person(0), '/group/meetups')).toMatchObject({ to: '/group' });
    await publish();
    expect(await open(person(0), '/group/meetups')).toMatchObject({ to: `/groups/g/${groupId}/meetups` });
  });
});

describe('the menu', () => {
  it('offers the meetups of their group to fellows, and to staff as a link to place in the course', () => {
    const { navigation } = site.house.group.room;
    const meetups = navigation.find(({ path }) => path === '/group/meetups');
    expect(meetups).toMatchObject({ roles: ['fellow'], link: 'group:nav.meetups_link' });
  });

  it("marks Meetups on a group's meetup pages, and Group on its own", async () => {
    await publish();
    const [mine, meetups] = site.house.group.room.navigation;
    const base = `/groups/g/${groupId}`;
    for (const at of ['/meetups', '/meetups/new', '/meetups/x/roll'])
      expect(meetups?.also?.exec(base + at)?.[0].length).toBeGreaterThan(
        mine?.also?.exec(base + at)?.[0].length ?? 0,
      );
    expect(meetups?.also?.test(base)).toBe(false);
    expect(mine?.also?.test(base)).toBe(true);
  });
});

describe('the course home', () => {
  it('counts as placed who is a fellow of the course, and as led a group whose lead is', async () => {
    await publish();
    const { appointments } = site.house.group.stores;
    await appointments.appoint(scope, groupId, person(0), 'lead', 'm');
    const { room } = site.house.group;
    expect((await room.figures(scope))[0]).toMatchObject({ value: 4, note: null });
    expect((await room.steps(scope))[1]).toMatchObject({ done: true });
    await site.house.leave(scope, [person(0)]);
    expect((await room.figures(scope))[0]).toMatchObject({ value: 3, note: null });
    expect((await room.steps(scope))[1]).toMatchObject({ done: false });
  });
});
