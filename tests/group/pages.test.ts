import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import express from 'express';
import { pino } from 'pino';
import { MEETUP } from '../../src/group/meetups/meetups.router.ts';
import type { CourseRole, CourseScope } from '../../src/scope.ts';
import { failurePage } from '../../src/web/failure.ts';
import { readWords } from '../../src/web/words.ts';
import { openCourse, type TestCourse } from './course.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
let house: TestCourse;
let scope: CourseScope;
let server: Server;
let people: string[];
let manager: string;
let groupId: string;
let otherGroupId: string;

/** The room's routes in the house's layout; who visits is told by a header, in place of a session. */
beforeAll(async () => {
  house = await openCourse();
  scope = await house.begin();
  manager = await house.person(scope, 'manager', 'instructor');
  people = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((sub) => house.person(scope, sub)));
  const proposalId = await house.propose(scope, [people.slice(0, 4), people.slice(4)]);
  [groupId, otherGroupId] = [`${proposalId}.0`, `${proposalId}.1`];
  await house.group.stores.publisher.publish(scope, { proposalId, by: manager });
  await house.group.stores.appointments.appoint(scope, groupId, people[0] ?? '', 'lead', manager);
  const app = express();
  const words = await readWords(path.join(ROOT, 'locales'));
  app.locals['pages'] = {
    views: path.join(ROOT, 'views'),
    words,
    asset: (name: string) => name,
    menu: () => [],
  };
  app.use(express.urlencoded({ extended: false }));
  app.use('/l/:launchId', (req, res, next) => {
    const [role, personId] = (req.get('x-visit') ?? '').split(' ');
    res.locals['visit'] = {
      launchId: 'launch',
      scope,
      role,
      personId,
      platformId: 'platform',
      name: 'Name',
      courseTitle: 'Course',
      timeZone: 'Africa/Lagos',
      locale: 'en',
      csrfToken: 'token',
    };
    next();
  });
  app.use('/l/:launchId', house.group.room.router);
  app.use(failurePage(pino({ level: 'silent' })));
  server = createServer((req, res) => void app(req, res));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await house.database.close();
});

async function ask(role: CourseRole, personId: string, target: string, body?: Record<string, string>) {
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/l/launch${target}`, {
    headers: { 'x-visit': `${role} ${personId}` },
    redirect: 'manual',
    ...(body === undefined ? {} : { method: 'POST', body: new URLSearchParams(body) }),
  });
  return { status: answer.status, to: answer.headers.get('location'), html: await answer.text() };
}
const person = (index: number): string => people[index] ?? '';
const form = (more: Record<string, string> = {}) => ({
  title: 'Review',
  date: '2026-11-07',
  time: '16:00',
  minutes: '60',
  link: 'https://discord.gg/abc',
  repeat: 'once',
  times: '1',
  ...more,
});

describe('refusals', () => {
  it.each([
    ['another group', () => `/groups/g/${otherGroupId}`],
    ["another group's meetups", () => `/groups/g/${otherGroupId}/meetups`],
    ['planning in another group', () => `/groups/g/${otherGroupId}/meetups/new`],
    ['a group that does not exist', () => '/groups/g/nothing'],
  ])('a fellow finds nothing at %s', async (_what, target) => {
    expect((await ask('fellow', person(0), target())).status).toBe(404);
  });
  it.each([
    ['the list', '/groups/list'],
    ['publishing', '/groups/publish/any'],
  ])('a fellow is kept out of %s', async (_what, target) => {
    expect((await ask('fellow', person(0), target)).status).toBe(403);
  });
  it('a member who does not lead plans nothing', async () => {
    const answer = await ask('fellow', person(1), `/groups/g/${groupId}/meetups`, form());
    expect(answer.status).toBe(403);
    expect(answer.html).toContain('Only the group');
  });
  it('a mentor sees every group and changes none', async () => {
    expect((await ask('mentor', 'm', `/groups/g/${groupId}`)).status).toBe(200);
    expect((await ask('mentor', 'm', `/groups/g/${groupId}/meetups`, form())).status).toBe(403);
    expect(
      (await ask('mentor', 'm', `/groups/g/${groupId}/offices`, { office: 'lead', person: person(1) }))
        .status,
    ).toBe(403);
  });
  it('nobody outside the group is appointed', async () => {
    const body = { office: 'lead', person: person(6) };
    expect((await ask('manager', manager, `/groups/g/${groupId}/offices`, body)).status).toBe(400);
  });
});

describe('pages', () => {
  it('My Peer Group shows name, track, place, why, members and what to do', async () => {
    const { status, html } = await ask('fellow', person(1), '/group');
    expect(status).toBe(200);
    for (const words of [
      'Group 1',
      'Software Development',
      'Ikeja, Lagos',
      'Why this group?',
      'Peer Lead',
      '(you)',
    ])
      expect(html).toContain(words);
    expect(html).not.toContain('Appoint');
  });
  it('hold no inline style or script, and no word without its translation', async () => {
    for (const target of [`/groups/g/${groupId}`, '/groups/list', `/groups/g/${groupId}/meetups/new`]) {
      const { status, html } = await ask('manager', manager, target);
      expect(status).toBe(200);
      expect(html).not.toMatch(/ style=| onclick=|<script>/);
      expect(html.replace(/<script[^>]*>/g, '')).not.toMatch(/>\s*(group:)?[a-z]+\.[a-z_]+\s*</);
    }
  });
  it('ask a fellow without track and place for them first, and tell one with both what happens next', async () => {
    const lone = await house.person(scope, 'lone');
    expect((await ask('fellow', lone, '/group')).to).toBe('/l/launch/me/profile');
    await house.course.profiles.replace(
      scope,
      lone,
      { track: 'Software Development', state: 'Lagos', lga: 'Ikeja' },
      'form',
    );
    const { status, html } = await ask('fellow', lone, '/group');
    expect(status).toBe(200);
    expect(html).toContain('You are not in a group yet');
    expect(html).toContain('What happens next');
  });
});

describe('a meetup from plan to roll', () => {
  it('is planned by the Peer Lead, refused with a reason where the link is not approved', async () => {
    const refused = await ask(
      'fellow',
      person(0),
      `/groups/g/${groupId}/meetups`,
      form({ link: 'https://zoom.us.evil.com/j/1' }),
    );
    expect(refused.status).toBe(422);
    expect(refused.html).toContain('not approved');
    expect((await ask('fellow', person(0), `/groups/g/${groupId}/meetups`, form())).status).toBe(303);
    const { html } = await ask('fellow', person(2), '/group');
    expect(html).toContain('Join on Discord');
    expect(html).toContain('4:00 pm WAT');
  });
  it('takes its roll once it has begun, from everyone, and keeps a correction as evidence', async () => {
    const [meetup] = await house.group.stores.meetups.upcoming(scope, groupId, house.clock(), 1);
    const target = `/groups/g/${groupId}/meetups/${meetup?.id ?? ''}/roll`;
    expect((await ask('fellow', person(0), target)).status).toBe(409);
    house.setClock('2026-11-07T17:00:00Z');
    expect((await ask('fellow', person(0), target)).html).toContain('Present');
    const said = (last: string) =>
      Object.fromEntries(people.slice(0, 4).map((id, index) => [`p_${id}`, index === 3 ? last : 'met']));
    expect((await ask('fellow', person(0), target, { [`p_${person(0)}`]: 'met' })).status).toBe(400);
    expect((await ask('fellow', person(0), target, said('missed'))).status).toBe(303);
    expect((await ask('manager', manager, target, said('excused'))).status).toBe(303);
    const latest = await house.course.evidence.of(scope, MEETUP, meetup?.id ?? '');
    expect(latest.get(person(3))).toMatchObject({ outcome: 'excused', revision: 2, recordedBy: manager });
    expect(latest.get(person(0))).toMatchObject({ outcome: 'met', revision: 1 });
    expect((await ask('fellow', person(1), `/groups/g/${groupId}/meetups`)).html).toContain('3 of 4 came');
  });
});

describe('publishing from a proposal', () => {
  it('says what will happen, does it, and leads to the groups', async () => {
    const newcomers = await Promise.all(['x', 'y', 'z', 'w'].map((sub) => house.person(scope, sub)));
    const proposalId = await house.propose(scope, [newcomers]);
    const confirm = `/groups/publish/${proposalId}`;
    expect((await ask('manager', manager, '/groups/publish', { proposalId })).to).toBe(`/l/launch${confirm}`);
    expect((await ask('manager', manager, confirm)).html).toContain('Publish groups');
    expect((await ask('manager', manager, confirm, {})).to).toBe('/l/launch/groups/publishing');
    expect((await ask('manager', manager, '/groups/publishing')).html).toContain('Publishing the groups');
    await house.jobs.runDue();
    expect((await ask('manager', manager, '/groups/publishing')).html).toContain('1 groups, 4 people');
    expect((await house.group.stores.placedPersonIds(scope)).size).toBe(12);
  });
});
