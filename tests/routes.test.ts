import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { courseRouter } from '../src/app.ts';
import type { CourseRole } from '../src/scope.ts';
import { routesOf } from './support/routes.ts';
import { type Cast, openCast, type Part } from './support/cast.ts';

/** Whose group a route is about: any member's, or only those who lead it. */
type Row = { readonly roles: readonly CourseRole[]; readonly of?: 'members' | 'leads' };

const EVERYONE: Row = { roles: ['manager', 'mentor', 'fellow', 'visitor'] };
const STAFF: Row = { roles: ['manager', 'mentor'] };
const MANAGER: Row = { roles: ['manager'] };
const FELLOW: Row = { roles: ['fellow'] };
const MEMBERS: Row = { roles: ['manager', 'mentor', 'fellow'], of: 'members' };
const LEADS: Row = { roles: ['manager', 'fellow'], of: 'leads' };

/** Every route below a launch, and whom it lets in. A new route needs its row here. */
const TABLE: Readonly<Record<string, Row>> = {
  'GET /': EVERYONE,
  'GET /roster': STAFF,
  'POST /roster/find': STAFF,
  'POST /roster/people/:personId/fellow': MANAGER,
  'POST /roster/sync': MANAGER,
  'GET /roster/sync': STAFF,
  'GET /roster/people/:personId': STAFF,
  'POST /roster/people/:personId': MANAGER,
  'GET /roster/upload': MANAGER,
  'GET /roster/template.csv': MANAGER,
  'POST /roster/upload': MANAGER,
  'GET /roster/upload/:uploadId': MANAGER,
  'POST /roster/upload/:uploadId': MANAGER,
  'GET /me/profile': FELLOW,
  'POST /me/profile': FELLOW,
  'GET /settings': MANAGER,
  'POST /settings': MANAGER,
  'GET /settings/places': MANAGER,
  'GET /settings/places.csv': MANAGER,
  'POST /settings/places': MANAGER,
  'POST /settings/places/nigeria': MANAGER,
  'GET /settings/places/:treeId': MANAGER,
  'POST /settings/places/:treeId': MANAGER,
  'POST /copied/take': MANAGER,
  'POST /copied/decline': MANAGER,
  'GET /groups': STAFF,
  'GET /groups/setup': MANAGER,
  'POST /groups/setup': MANAGER,
  'POST /groups/setup/pairs': MANAGER,
  'POST /groups/setup/pairs/remove': MANAGER,
  'POST /groups/setup/pairs/file': MANAGER,
  'POST /groups/propose': MANAGER,
  'GET /groups/proposing': STAFF,
  'GET /groups/proposals/:proposalId': STAFF,
  'POST /groups/proposals/:proposalId': STAFF,
  'GET /groups/proposals/:proposalId/unplaced': STAFF,
  'POST /groups/proposals/:proposalId/discard': MANAGER,
  'POST /groups/proposals/:proposalId/restore': MANAGER,
  'GET /groups/proposals/:proposalId/compare': STAFF,
  'GET /groups/proposals/:proposalId/board': MANAGER,
  'POST /groups/proposals/:proposalId/board': MANAGER,
  'GET /groups/proposals/:proposalId/board/news': MANAGER,
  'GET /groups/proposals/:proposalId/board/people/:personId': MANAGER,
  'GET /groups/proposals/:proposalId/board/improving': MANAGER,
  'POST /groups/proposals/:proposalId/board/move': MANAGER,
  'POST /groups/proposals/:proposalId/board/swap': MANAGER,
  'POST /groups/proposals/:proposalId/board/lock': MANAGER,
  'POST /groups/proposals/:proposalId/board/undo': MANAGER,
  'POST /groups/proposals/:proposalId/board/redo': MANAGER,
  'POST /groups/proposals/:proposalId/board/improve': MANAGER,
  'GET /groups/proposals/:proposalId/groups.csv': STAFF,
  'GET /groups/proposals/:proposalId/groups/:ordinal': STAFF,
  'GET /groups/proposals/:proposalId/input.csv': MANAGER,
  'GET /groups/proposals/:proposalId/before.csv': MANAGER,
  'POST /groups/publish': MANAGER,
  'GET /groups/publish/:proposalId': MANAGER,
  'POST /groups/publish/:proposalId': MANAGER,
  'GET /groups/publishing': STAFF,
  'GET /group': FELLOW,
  'GET /group/why': FELLOW,
  'GET /group/meetups': FELLOW,
  'GET /groups/list': STAFF,
  'POST /groups/find': STAFF,
  'GET /groups/leads': MANAGER,
  'POST /groups/leads': MANAGER,
  'GET /groups/g/:groupId': MEMBERS,
  'POST /groups/g/:groupId/offices': MANAGER,
  'GET /groups/g/:groupId/meetups': MEMBERS,
  'GET /groups/g/:groupId/meetups/new': LEADS,
  'POST /groups/g/:groupId/meetups': LEADS,
  'GET /groups/g/:groupId/meetups/:meetupId/edit': LEADS,
  'POST /groups/g/:groupId/meetups/:meetupId/edit': LEADS,
  'GET /groups/g/:groupId/meetups/:meetupId/cancel': LEADS,
  'POST /groups/g/:groupId/meetups/:meetupId/cancel': LEADS,
  'POST /groups/g/:groupId/meetups/:meetupId/restore': LEADS,
  'GET /groups/g/:groupId/meetups/:meetupId/roll': LEADS,
  'POST /groups/g/:groupId/meetups/:meetupId/roll': LEADS,
  'POST /notices/:noticeId/dismiss': FELLOW,
  'GET /groups/updates': STAFF,
  'POST /groups/updates': MANAGER,
  'GET /groups/updates/:proposalId': STAFF,
  'POST /groups/updates/settings': MANAGER,
  'GET /groups/people/:personId': STAFF,
  'POST /groups/people/:personId': MANAGER,
  'POST /groups/moves/:moveId': MANAGER,
  'GET /me/move': FELLOW,
  'POST /me/move': FELLOW,
  'GET /me/participation': FELLOW,
  'GET /grades': STAFF,
  'POST /grades/find': STAFF,
  'GET /grades/post': MANAGER,
  'POST /grades/post': MANAGER,
  'GET /grades/posting': STAFF,
  'GET /grades/people/:personId': STAFF,
  'POST /grades/people/:personId/grade': MANAGER,
  // Last, for it ends what the others ask with.
  'POST /sign-out': EVERYONE,
};

/** What a launch opens, whole: the rooms' routes and the house's own. */
const routes = () => routesOf([{ router: courseRouter(cast.house.services) }]);

let cast: Cast;
beforeAll(async () => {
  cast = await openCast();
});
afterAll(() => cast.close());

describe('The table of routes', () => {
  it('has a row for each route there is, and none for routes that are gone', () => {
    expect(
      routes()
        .map(({ route }) => route)
        .toSorted(),
    ).toEqual(Object.keys(TABLE).toSorted());
  });

  it('names the roles that each route guards itself with', () => {
    const guarded = routes().map(({ route, roles }) => [route, roles.toSorted()]);
    expect(Object.fromEntries(guarded)).toEqual(
      Object.fromEntries(Object.entries(TABLE).map(([route, { roles }]) => [route, roles.toSorted()])),
    );
  });
});

describe.each(Object.entries(TABLE))('%s', (route, { roles, of }) => {
  const ask = (part: Part, about: 'ours' | 'theirs' = 'ours', more = {}) =>
    cast.ask(part, route, about, more);

  it('is closed to a browser without a session, and to another browser', async () => {
    expect(await ask('manager', 'ours', { cookie: null })).toBe(401);
    expect(await ask('manager', 'ours', { cookie: 'another' })).toBe(401);
  });

  const others = (['manager', 'mentor', 'fellow', 'visitor'] as const).filter(
    (role) => !roles.includes(role),
  );
  if (others.length > 0)
    it.each(others)('refuses a %s', async (role) => {
      expect(await ask(role)).toBe(403);
    });

  if (route.startsWith('POST'))
    it('refuses a form that is not of this visit', async () => {
      const [role = 'manager'] = roles;
      expect(await ask(role, 'ours', { csrf: 'another' })).toBe(403);
      expect(await ask(role, 'ours', { csrf: null })).toBe(403);
    });

  // One route takes its id from the form.
  if (route.includes('/:') || route === 'POST /groups/publish')
    it('knows nothing of what belongs to another course', async () => {
      for (const role of roles) expect(await ask(role, 'theirs')).toBe(404);
    });

  if (of !== undefined)
    it('knows nothing of the group to a fellow of another group', async () => {
      expect(await ask('stranger')).toBe(404);
    });

  if (of === 'leads')
    it('refuses a member who does not lead', async () => {
      expect(await ask('member')).toBe(403);
    });

  it.each(roles)('lets a %s in', async (role) => {
    const status = await ask(role);
    expect([401, 403, 404]).not.toContain(status);
    expect(status).toBeLessThan(500);
  });
});
