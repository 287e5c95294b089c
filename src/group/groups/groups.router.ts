import { startsWith } from '../../course/fold.ts';
import type { CourseStores } from '../../course/room.ts';
import { missingOf } from '../../course/profiles/profile.ts';
import { displayName } from '../../course/roster/enrolments.store.ts';
import { BadRequest } from '../../errors.ts';
import { page } from '../../web/page.ts';
import { allow, createRouter, field, type RoomRouter, seeOther, visitOf } from '../../web/routing.ts';
import type { AppointmentStore } from '../leadership/appointments.store.ts';
import type { MeetupStore } from '../meetups/meetups.store.ts';
import type { GroupPages } from './group.page.ts';
import type { GroupKey, GroupStore } from './groups.store.ts';

export type GroupsRouterDeps = {
  readonly clock: () => Date;
  readonly course: CourseStores;
  readonly groups: GroupStore;
  readonly appointments: AppointmentStore;
  readonly meetups: MeetupStore;
  readonly pages: GroupPages;
};

const PAGE = 50;

/** My Peer Group, any group for staff, and the list of groups. */
export function groupsRouter({
  clock,
  course,
  groups,
  appointments,
  meetups,
  pages,
}: GroupsRouterDeps): RoomRouter {
  const router = createRouter();
  router.get('/group', allow('fellow'), async (_req, res) => {
    const visit = visitOf(res);
    const { groupsVersion, settings } = await course.courses.select(visit.scope);
    const membership = await groups.membershipOf(visit.scope, groupsVersion, visit.personId);
    if (membership !== null) {
      page(res, 'group/group', await pages.model(visit, await pages.here(visit, membership.groupId)));
      return;
    }
    const profile = await course.profiles.find(visit.scope, visit.personId);
    // Without track and place nobody can be placed, so these are asked first.
    if (missingOf(profile, settings.oneTrack).length > 0) seeOther(res, '/me/profile');
    else
      page(res, 'group/no-group', {
        profile,
        track: profile?.track ?? settings.oneTrack,
        published: groupsVersion > 0,
      });
  });
  router.get('/group/meetups', allow('fellow'), async (_req, res) => {
    const { scope, personId } = visitOf(res);
    const { groupsVersion } = await course.courses.select(scope);
    const membership = await groups.membershipOf(scope, groupsVersion, personId);
    seeOther(res, membership === null ? '/group' : `/groups/g/${membership.groupId}/meetups`);
  });
  router.get('/groups/list', allow('manager', 'mentor'), async (req, res) => {
    const { scope } = visitOf(res);
    const search = field(req.query, 'q').slice(0, 60);
    const { groupsVersion: version } = await course.courses.select(scope);
    const rows = await groups.list(
      scope,
      version,
      search === '' ? null : new RegExp(startsWith(search).source.replace('^', '')),
      keyOf(req.query),
      PAGE + 1,
    );
    const shown = rows.slice(0, PAGE);
    const ids = shown.map(({ id }) => id);
    const [members, officers, next, total] = await Promise.all([
      groups.membersOf(scope, version, ids),
      appointments.current(scope, ids),
      meetups.nextOf(scope, ids, clock()),
      groups.count(scope, version),
    ]);
    const leads = new Map(
      officers.filter(({ office }) => office === 'lead').map(({ groupId, personId }) => [groupId, personId]),
    );
    const names = new Map(
      (await course.enrolments.findMany(scope, [...leads.values()])).map((person) => [
        person.personId,
        displayName(person),
      ]),
    );
    page(res, 'group/list', {
      rows: shown.map((group) => ({
        ...group,
        size: members.filter(({ groupId }) => groupId === group.id).length,
        lead: names.get(leads.get(group.id) ?? '') ?? null,
        next: next.get(group.id) ?? null,
      })),
      more: rows.length > PAGE ? (shown.at(-1) ?? null) : null,
      first: keyOf(req.query) === null,
      search,
      total,
    });
  });
  router.get('/groups/g/:groupId', allow('manager', 'mentor', 'fellow'), async (req, res) => {
    const visit = visitOf(res);
    page(
      res,
      'group/group',
      await pages.model(visit, await pages.here(visit, String(req.params['groupId']))),
    );
  });
  router.post('/groups/g/:groupId/offices', allow('manager'), async (req, res) => {
    const visit = visitOf(res);
    const { group, members } = await pages.here(visit, String(req.params['groupId']));
    const office = field(req.body, 'office');
    if (office !== 'lead' && office !== 'deputy') throw new BadRequest('office_unknown');
    const personId = field(req.body, 'person');
    if (personId === '') await appointments.dismiss(visit.scope, group.id, office);
    else if (members.some((member) => member.personId === personId))
      await appointments.appoint(visit.scope, group.id, personId, office, visit.personId);
    else throw new BadRequest('office_not_member');
    await course.audit.note(visit.scope, visit.personId, 'appoint', group.id, { office, personId });
    seeOther(res, `/groups/g/${group.id}`);
  });
  return router;
}

function keyOf(query: unknown): GroupKey | null {
  const [nameFolded, id] = [field(query, 'after'), field(query, 'id')];
  return nameFolded === '' || id === '' ? null : { nameFolded, id };
}
