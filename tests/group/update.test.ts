import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { formCommand } from '../../src/cli/form.ts';
import { createPlanStore } from '../../src/group/publish/plans.store.ts';
import { createPublisher } from '../../src/group/publish/publish.job.ts';
import type { CourseScope } from '../../src/scope.ts';
import { textOf } from '../support/http.ts';
import { faultsOf, openSite, type TestSite } from './site.ts';

const TRACK = { track: 'Software Development' };
const STEPS = ['frozen', 'bound', 'opened', 'flipped'];
let site: TestSite;
let scope: CourseScope;
let first: string[];
let second: string[];
let ids: [string, string];

beforeAll(async () => {
  site = await openSite();
});
afterAll(() => site.close());
beforeEach(async () => {
  scope = await site.house.begin();
  first = await fellows(['Ada', 'Bola', 'Chidi', 'Dayo']);
  second = await fellows(['Efe', 'Femi', 'Gozie', 'Hauwa', 'Ife']);
  const proposalId = await site.house.propose(scope, [first, second]);
  await site.house.group.stores.publisher.publish(scope, { proposalId, by: 'manager' });
  ids = [`${proposalId}.0`, `${proposalId}.1`];
});
const fellows = (names: readonly string[], profile: object = TRACK) =>
  Promise.all(names.map((name) => site.house.fellow(scope, name, profile)));
const ask = (target: string, body?: Record<string, string>) =>
  site.ask({ scope, role: 'manager', personId: 'm' }, target, body);
const version = async () => (await site.house.course.courses.select(scope)).groupsVersion;
const groupOf = async (personId: string) =>
  (await site.house.group.stores.groups.membershipOf(scope, await version(), personId))?.groupId ?? null;
const groupsOf = (personIds: readonly string[]) => Promise.all(personIds.map(groupOf));
const toldTo = async (personId: string) =>
  (await site.house.notices.unread(scope, personId, await version())).map(({ kind }) => kind);
const listed = async () =>
  (await site.house.group.stores.groups.list(scope, await version(), null, null, 9)).map(({ id }) => id);
/** Three of the first group leave, so that it cannot go on, and Uche joins the course. */
async function change(): Promise<string> {
  await site.house.leave(scope, first.slice(1));
  const [uche = ''] = await fellows(['Uche']);
  return uche;
}
async function propose(): Promise<string> {
  await ask('/groups/updates', {});
  await site.house.jobs.runDue();
  const [proposal] = await site.house.proposals.list(scope, 1);
  return proposal?.id ?? '';
}
async function publish(proposalId: string): Promise<void> {
  await ask(`/groups/publish/${proposalId}`, {});
  await site.house.jobs.runDue();
}
async function pass(at: string): Promise<void> {
  site.house.setClock(at);
  for (const timed of site.house.group.room.timedJobs) await timed.run();
  await site.house.jobs.runDue();
}

describe('an update of published groups', () => {
  it('lists who joins, leaves and moves and why, beside moving nobody and beginning afresh', async () => {
    await site.house.group.stores.appointments.appoint(scope, ids[0], first[0] ?? '', 'lead', 'm');
    await change();
    const proposalId = await propose();
    const { html } = await ask(`/groups/updates/${proposalId}`);
    const words = textOf(html);
    expect(words).toContain('1 joins, 3 have left, 1 moves.');
    expect(words).toContain('No new group. 1 group ends.');
    expect(words).toMatch(
      /Ada : from Group 1 to Group 2 Their group has too few left to go on\. Peer Lead there; that ends with the move\./,
    );
    expect(words).toContain('Fellows who move 0 1');
    expect(words).toContain('Groups too small');
    expect(words).toContain('Uche Group 2');
    expect(words).toContain('3 have left the course');
    expect(faultsOf(html)).toEqual([]);
  });

  it('keeps why everybody is where they are, and what it went by: the command makes the same groups again', async () => {
    const uche = await change();
    const proposalId = await propose();
    const at = `/groups/proposals/${proposalId}`;
    const proposal = await site.house.proposals.select(scope, proposalId);
    const [group] = await site.house.proposals.groups(scope, proposal, -1, 9);
    const { html } = await ask(`${at}/groups/${group?.ordinal ?? ''}`);
    expect(textOf(html)).toContain('Their earlier group, Group 1, was dissolved.');
    const folder = await mkdtemp(path.join(tmpdir(), 'peer-group-update-'));
    try {
      const command = />npm run --silent form -- ([^<]*)</.exec((await ask(at)).html)?.[1] ?? '';
      for (const name of ['input', 'before'])
        await writeFile(
          path.join(folder, `proposal-${proposal.number}-${name}.csv`),
          (await ask(`${at}/${name}.csv`)).html,
        );
      const words = command.trim().split(' ');
      const inFolder = words.map((word) => (word.endsWith('.csv') ? path.join(folder, word) : word));
      const said: string[] = [];
      const io = { print: () => undefined, printError: (line: string) => said.push(line) };
      expect([await formCommand(inFolder, io), said]).toEqual([0, []]);
      const rows = parse<{ id: string; group: string }>(await readFile(path.join(folder, 'groups.csv')), {
        columns: true,
      });
      expect(rows.filter(({ group: name }) => name === ids[1]).map(({ id }) => id)).toEqual(
        [...(group?.memberIds ?? [])].toSorted(),
      );
      expect(rows.map(({ id }) => id)).toContain(uche);
    } finally {
      await rm(folder, { recursive: true });
    }
    expect((await site.ask({ scope, role: 'mentor', personId: 'm' }, `${at}/before.csv`)).status).toBe(403);
  });

  it('says before publishing who is told what, in the words they will read', async () => {
    const uche = await change();
    const proposalId = await propose();
    const { html } = await ask(`/groups/publish/${proposalId}`);
    const words = textOf(html);
    expect(words).toContain('Publish this update?');
    expect(words).toContain('1 fellow moves to another group.');
    expect(words).toContain('a move takes effect after 3 days, and the fellow may object until then.');
    expect(words).toContain('3 people who left the course are taken out of their groups.');
    expect(words).toMatch(/1 person reads: “On \w+ 5 Nov you are to move from Group 1 to Group 2.”/);
    expect(words).toContain('1 person reads: “You are now in Group 2.');
    expect(words).toContain('In 1 group nobody has said that they can lead.');
    expect(faultsOf(html)).toEqual([]);
    expect(await toldTo(uche)).toEqual([]);
  });

  it('seats joiners and ends leavers at once, and moves after the days of grace; ids, names and history stay', async () => {
    const uche = await change();
    await publish(await propose());
    const done = await ask('/groups/publishing');
    expect(textOf(done.html)).toContain(
      'The update is published 1 fellow joined a group. 1 fellow moves to another group, once the days of grace are over. 3 people who left were taken out of their groups.',
    );
    expect(faultsOf(done.html)).toEqual([]);
    expect(await groupsOf([uche, ...first])).toEqual([ids[1], ids[0], null, null, null]);
    expect(await toldTo(first[0] ?? '')).toContain('move_planned');
    expect(await toldTo(second[0] ?? '')).toEqual(
      expect.arrayContaining(['move_planned_in', 'member_joined']),
    );
    await pass('2026-11-05T08:00:01Z');
    expect(await groupOf(first[0] ?? '')).toBe(ids[1]);
    expect(await listed()).toEqual([ids[1]]);
    const { groups } = site.house.group.stores;
    expect((await groups.find(scope, await version(), ids[0]))?.name).toBe('Group 1');
    const times = await groups.historyOf(scope, await version(), [first[0] ?? '']);
    expect(times.map(({ groupId }) => groupId)).toEqual([ids[0], ids[1]]);
  });

  it('moves at once where the course gives no days of grace', async () => {
    await site.house.course.courses.saveSettings(scope, { graceDays: 0 });
    const uche = await change();
    await publish(await propose());
    expect(await groupsOf([uche, first[0] ?? ''])).toEqual([ids[1], ids[1]]);
    expect(await toldTo(first[0] ?? '')).toContain('moved');
    expect(await listed()).toEqual([ids[1]]);
  });

  it('moves whoever changed track to a group of it, and opens one where enough of them join', async () => {
    const animators = await fellows(['N1', 'N2', 'N3'], { track: 'Animation' });
    const changer = second[0] ?? '';
    await site.house.course.profiles.replace(scope, changer, { track: 'Animation' }, 'form');
    await site.house.course.courses.saveSettings(scope, { graceDays: 0 });
    const proposalId = await propose();
    const { html } = await ask(`/groups/updates/${proposalId}`);
    expect(textOf(html)).toContain('1 fellow changed track or place');
    await publish(proposalId);
    const homes = new Set(await groupsOf([...animators, changer]));
    expect(homes.size).toBe(1);
    expect(homes.has(ids[1])).toBe(false);
    expect(await listed()).toHaveLength(3);
  });

  it('moves nobody where nobody came, left or changed, and has nothing to publish', async () => {
    const proposalId = await propose();
    const { html } = await ask(`/groups/updates/${proposalId}`);
    expect(textOf(html)).toContain('nobody joined, left or has to move. There is nothing to publish.');
    expect(textOf((await ask(`/groups/publish/${proposalId}`)).html)).toContain(
      'There is nobody left to place',
    );
  });

  it('leaves out whoever is in another group than when it was formed', async () => {
    const uche = await change();
    const proposalId = await propose();
    await site.house.group.stores.joiner(scope);
    const placed = await groupOf(uche);
    await publish(proposalId);
    expect(await groupOf(uche)).toBe(placed);
    const { publication } = await site.house.proposals.select(scope, proposalId);
    expect(publication).toMatchObject({ moves: 1, people: 0, placed: 1 });
  });

  it('takes nobody out of a group that they came into since it was formed', async () => {
    await change();
    const [zed = ''] = await fellows(['Zed'], { track: 'Animation' });
    await site.house.course.courses.saveSettings(scope, { graceDays: 0 });
    const proposalId = await propose();
    await ask(`/groups/people/${zed}`, { from: 'out', to: ids[1] });
    await site.house.course.profiles.replace(scope, zed, TRACK, 'form');
    await ask(`/groups/people/${zed}`, { from: 'out', to: ids[1] });
    expect(await groupOf(zed)).toBe(ids[1]);
    await publish(proposalId);
    expect(await groupOf(zed)).toBe(ids[1]);
    const { publication } = await site.house.proposals.select(scope, proposalId);
    expect(publication).toMatchObject({ placed: 1, leftOut: [{ personId: zed, cause: 'placed' }] });
  });

  it('opens a group with those who move to it, not before; joiners of it wait until then, and all read its name', async () => {
    const joiners = await fellows(['N1', 'N2'], { track: 'Animation' });
    const more = await fellows(['P1', 'P2']);
    for (const personId of more) await ask(`/groups/people/${personId}`, { from: 'out', to: ids[1] });
    const changers = second.slice(0, 2);
    for (const personId of changers)
      await site.house.course.profiles.replace(scope, personId, { track: 'Animation' }, 'form');
    const proposalId = await propose();
    const preview = textOf((await ask(`/groups/publish/${proposalId}`)).html);
    expect(preview).toContain('2 join once others have moved');
    await publish(proposalId);
    expect(await groupsOf(joiners)).toEqual([null, null]);
    const asked = await site.ask({ scope, role: 'fellow', personId: changers[0] ?? '' }, '/me/move');
    expect(textOf(asked.html)).toMatch(/you are to move from Group 2 to \w+/);
    const person = textOf((await ask(`/groups/people/${changers[0] ?? ''}`)).html);
    expect(person).toMatch(/To move to \w.* on/);
    expect(textOf((await ask('/groups/updates')).html)).toMatch(/from Group 2 to \w[^–]*, on/);
    await pass('2026-11-05T08:00:01Z');
    await site.house.jobs.runDue();
    const homes = await groupsOf([...changers, ...joiners]);
    expect(new Set(homes).size).toBe(1);
    expect([null, ids[1]]).not.toContain(homes[0]);
  });

  it('plans with where people are to be, moves nobody twice, and gives no promised seat away', async () => {
    const uche = await change();
    const early = await propose();
    const more = await fellows(['P1', 'P2', 'P3', 'P4']);
    for (const personId of more) await ask(`/groups/people/${personId}`, { from: 'out', to: ids[1] });
    await ask(`/groups/people/${first[0] ?? ''}`, { from: ids[0], to: ids[1] });
    await publish(early);
    const { publication } = await site.house.proposals.select(scope, early);
    expect(publication).toMatchObject({ people: 0, moves: 0, waits: 1, leftOut: [{ personId: uche }] });
    await site.house.leave(scope, [uche]);
    const later = await site.house.proposals.select(scope, await propose());
    expect(later.update?.now.moved).toBe(0);
  });

  it('is refused before any groups are published', async () => {
    scope = await site.house.begin();
    expect((await ask('/groups/updates', {})).status).toBe(409);
  });

  it.each(STEPS)('loses and doubles nothing when killed at "%s" and taken up again', async (step) => {
    const uche = await change();
    const proposalId = await propose();
    const { clock, course, proposals, notices, group, database } = site.house;
    const worker = (dies: boolean) =>
      createPublisher({
        ...{ clock, course, proposals, notices, ...group.stores, plans: createPlanStore(database) },
        checkpoint(here) {
          if (dies && here === step) throw new Error('killed');
        },
      });
    await expect(worker(true).publish(scope, { proposalId, by: 'm' })).rejects.toThrow('killed');
    await worker(false).publish(scope, { proposalId, by: 'm' });
    expect(await version()).toBe(2);
    expect(await groupOf(uche)).toBe(ids[1]);
    expect(await group.stores.moves.count(scope)).toBe(1);
    expect((await toldTo(first[0] ?? '')).filter((kind) => kind === 'move_planned')).toHaveLength(1);
    await pass('2026-11-06T08:00:00Z');
    expect(await groupOf(first[0] ?? '')).toBe(ids[1]);
  });
});

describe('the page of who comes and goes', () => {
  it('lists who left lately, from which group, and that its Peer Lead is to be replaced', async () => {
    const lead = first[0] ?? '';
    await site.house.group.stores.appointments.appoint(scope, ids[0], lead, 'lead', 'm');
    await site.house.group.stores.appointments.appoint(scope, ids[1], second[1] ?? '', 'lead', 'm');
    expect(textOf((await ask('/groups/updates')).html)).toContain('Nobody has left a group.');
    await site.house.leave(scope, [lead, second[0] ?? '']);
    await pass('2026-11-02T09:00:00Z');
    const { html } = await ask('/groups/updates');
    const words = textOf(html);
    expect(words).toMatch(/Left lately .*Ada Group 1 · \w+ \d+ \w+ Without a Peer Lead/);
    expect(words).toMatch(/Efe Group 2 · \w+ \d+ \w+ (?!Without)/);
    expect(faultsOf(html)).toEqual([]);
  });
});
