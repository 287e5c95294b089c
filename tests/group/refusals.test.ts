import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Router } from 'express';
import { newId } from '../../src/database/index.ts';
import type { CourseRole, CourseScope } from '../../src/scope.ts';
import type { Guard } from '../../src/web/routing.ts';
import { openSite, type TestSite } from './site.ts';

const ROLES: readonly CourseRole[] = ['manager', 'mentor', 'fellow', 'visitor'];
const STAFF = ['manager', 'mentor'];
const ALL = ['manager', 'mentor', 'fellow'];
const LEADERS = ['manager', 'fellow'];
const GROUP = '/groups/g/:groupId';
const MEETUP = `${GROUP}/meetups/:meetupId`;

/** Whom each route lets in by role; a new route without a row here fails. */
const TABLE: Readonly<Record<string, readonly string[]>> = {
  'GET /groups': STAFF,
  'POST /groups/propose': ['manager'],
  'GET /groups/proposing': STAFF,
  'GET /groups/proposals/:proposalId': STAFF,
  'GET /groups/proposals/:proposalId/unplaced': STAFF,
  'GET /groups/proposals/:proposalId/groups.csv': STAFF,
  'POST /groups/proposals/:proposalId/discard': ['manager'],
  'POST /groups/publish': ['manager'],
  'GET /groups/publish/:proposalId': ['manager'],
  'POST /groups/publish/:proposalId': ['manager'],
  'GET /groups/publishing': STAFF,
  'GET /group': ['fellow'],
  'GET /group/meetups': ['fellow'],
  'GET /groups/list': STAFF,
  [`GET ${GROUP}`]: ALL,
  [`POST ${GROUP}/offices`]: ['manager'],
  [`GET ${GROUP}/meetups`]: ALL,
  [`POST ${GROUP}/meetups`]: LEADERS,
  [`GET ${GROUP}/meetups/new`]: LEADERS,
  [`GET ${MEETUP}/edit`]: LEADERS,
  [`POST ${MEETUP}/edit`]: LEADERS,
  [`GET ${MEETUP}/cancel`]: LEADERS,
  [`POST ${MEETUP}/cancel`]: LEADERS,
  [`GET ${MEETUP}/roll`]: LEADERS,
  [`POST ${MEETUP}/roll`]: LEADERS,
};
/** Of these, what concerns one group: another group's fellow finds nothing, a member who does not lead only looks. */
const IN_GROUP = Object.keys(TABLE).filter(
  (route) => route.includes(GROUP) && (TABLE[route] ?? []).includes('fellow'),
);
const LEADS_ONLY = IN_GROUP.filter((route) => TABLE[route] === LEADERS);

let site: TestSite;
let scope: CourseScope;
let elsewhere: CourseScope;
let people: string[];
let ids: Readonly<Record<string, string>>;

beforeAll(async () => {
  site = await openSite();
  const { house } = site;
  scope = await house.begin();
  elsewhere = await house.begin();
  people = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((sub) => house.person(scope, sub)));
  const proposalId = await house.propose(scope, [people.slice(0, 3), people.slice(3)]);
  await house.group.stores.publisher.publish(scope, { proposalId, by: 'manager' });
  const groupId = `${proposalId}.0`;
  await house.group.stores.appointments.appoint(scope, groupId, people[0] ?? '', 'lead', 'manager');
  const [meetupId = ''] = await house.group.stores.meetups.plan(scope, [
    {
      groupId,
      title: 'Review',
      startsAt: new Date('2026-11-07T15:00:00Z'),
      endsAt: new Date('2026-11-07T16:00:00Z'),
      link: 'https://discord.gg/abc',
      channel: 'Discord',
      plannedBy: people[0] ?? '',
    },
  ]);
  ids = { ':groupId': groupId, ':meetupId': meetupId, ':proposalId': proposalId };
});
afterAll(() => site.close());

type Layer = {
  readonly handle: { readonly stack?: readonly Layer[] };
  readonly route?: {
    readonly path: string;
    readonly stack: readonly { readonly method: string; readonly handle: Partial<Guard> }[];
  };
};
/** Every route of a router with the roles its guard names. */
function routesOf(router: Router): [string, readonly string[]][] {
  return (router.stack as unknown as readonly Layer[]).flatMap(({ route, handle }) => {
    if (route === undefined) return handle.stack === undefined ? [] : routesOf(handle as Router);
    const [first] = route.stack;
    return [[`${first?.method.toUpperCase() ?? ''} ${route.path}`, first?.handle.roles ?? []]];
  });
}
const ask = (role: CourseRole, personId: string, route: string, within = scope) => {
  const [method, path = ''] = route.split(' ');
  const target = path.replace(/:\w+/g, (name) => ids[name] ?? newId());
  return site.ask({ scope: within, role, personId }, target, method === 'POST' ? {} : undefined);
};

describe('every route', () => {
  it('has its row in the table of roles', () => {
    const { formation, group } = site.house;
    const routes = [...routesOf(formation.room.router), ...routesOf(group.room.router)];
    expect(Object.fromEntries(routes)).toEqual(TABLE);
  });

  const refused = Object.entries(TABLE).flatMap(([route, allowed]) =>
    ROLES.filter((role) => !allowed.includes(role)).map((role) => [route, role] as const),
  );
  it.each(refused)('%s is closed to a %s', async (route, role) => {
    const { status, html } = await ask(role, people[0] ?? '', route);
    expect(status).toBe(403);
    expect(html).toContain('Your role in this course does not include this page');
  });
});

describe("another group's fellow", () => {
  it.each(IN_GROUP)('finds nothing at %s', async (route) => {
    expect((await ask('fellow', people[4] ?? '', route)).status).toBe(404);
  });
});

describe('a member who does not lead', () => {
  it.each(LEADS_ONLY)('is kept from %s, with the reason', async (route) => {
    const { status, html } = await ask('fellow', people[1] ?? '', route);
    expect(status).toBe(403);
    expect(html).toContain('Only the group');
  });
});

describe('another course', () => {
  const concrete = Object.keys(TABLE).filter((route) => route.includes(':'));
  it.each(concrete)('is not reached by %s', async (route) => {
    const role = (TABLE[route] ?? []).includes('manager') ? 'manager' : 'fellow';
    expect((await ask(role, people[0] ?? '', route, elsewhere)).status).toBe(404);
  });
});

describe('what does not exist', () => {
  it.each(['/groups/g/nothing', '/groups/proposals/nothing', '/groups/publish/nothing'])(
    'is nowhere: %s',
    async (target) => {
      expect((await site.ask({ scope, role: 'manager', personId: 'm' }, target)).status).toBe(404);
    },
  );
});
