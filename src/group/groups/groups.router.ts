import type { Response } from 'express';
import type { CourseStores } from '../../course/room.ts';
import type { ProposalStore } from '../../formation/proposals/proposals.store.ts';
import type { RecordStore } from '../../formation/proposals/records.store.ts';
import type { CourseScope } from '../../scope.ts';
import { page } from '../../web/page.ts';
import { allow, createRouter, field, type RoomRouter, seeOther, visitOf } from '../../web/routing.ts';
import type { AppointmentStore } from '../leadership/appointments.store.ts';
import type { Vacancies } from '../leadership/vacancies.page.ts';
import type { MeetupStore } from '../meetups/meetups.store.ts';
import type { GroupPages } from './group.page.ts';
import { MAX_VERSION } from './groups.model.ts';
import type { GroupKey, GroupStore } from './groups.store.ts';
import type { WaitingStore } from '../publish/waiting.store.ts';
import { createListPage, type ListAsked } from './list.page.ts';
import { noGroupModel } from './none.page.ts';
import { whyModel } from './why.page.ts';

export type GroupsRouterDeps = {
  readonly clock: () => Date;
  readonly course: CourseStores;
  readonly proposals: ProposalStore;
  readonly records: RecordStore;
  readonly groups: GroupStore;
  readonly appointments: AppointmentStore;
  readonly meetups: MeetupStore;
  readonly vacancies: Vacancies;
  readonly waiting: WaitingStore;
  /** Is somebody being looked for a group at this moment? */
  readonly looking: (scope: CourseScope) => Promise<boolean>;
  readonly pages: GroupPages;
};

/** My Peer Group, any group for staff, and the list of groups. */
export function groupsRouter(deps: GroupsRouterDeps): RoomRouter {
  const { course, groups, pages, looking } = deps;
  const router = createRouter();
  const listPage = createListPage(deps);
  router.get('/group', allow('fellow'), async (req, res) => {
    const visit = visitOf(res);
    const { scope, personId } = visit;
    const { groupsVersion: version } = await course.courses.select(scope);
    const history = await groups.historyOf(scope, version, [personId]);
    groups.takeAsRead(scope, personId, history);
    const membership = history.find(({ untilVersion }) => untilVersion === MAX_VERSION);
    if (membership !== undefined) {
      page(res, 'group/group', await pages.model(visit, membership.groupId));
      return;
    }
    const model = await noGroupModel(deps, visit, version);
    // Without track and place nobody can be placed, so these are asked first; "later" leads on, so that nobody is trapped.
    if (model.missing.length > 0 && field(req.query, 'later') !== '1') seeOther(res, '/me/profile');
    else {
      const seeks = await looking(visit.scope);
      const top = await pages.topOf(visit, null);
      page(res, 'group/no-group', { ...model, top, seeks, ...(seeks ? { refreshSeconds: 3 } : {}) });
    }
  });
  router.get('/group/meetups', allow('fellow'), async (_req, res) => {
    const { scope, personId } = visitOf(res);
    const { groupsVersion } = await course.courses.select(scope);
    const membership = await groups.membershipOf(scope, groupsVersion, personId);
    seeOther(res, membership === null ? '/group' : `/groups/g/${membership.groupId}/meetups`);
  });
  router.get('/group/why', allow('fellow'), async (_req, res) => {
    const visit = visitOf(res);
    const model = await whyModel(deps, visit);
    if (model === null) seeOther(res, '/group');
    else page(res, 'group/why', model);
  });
  const list = async (res: Response, given: unknown): Promise<void> =>
    page(res, 'group/list', await listPage(visitOf(res).scope, askedIn(given)));
  router.get('/groups/list', allow('manager', 'mentor'), (req, res) =>
    list(res, { ...(req.query as object), q: '' }),
  );
  // A search names people: it travels in the body, not in an address.
  router.post('/groups/find', allow('manager', 'mentor'), (req, res) => list(res, req.body));
  router.get('/groups/g/:groupId', allow('manager', 'mentor', 'fellow'), async (req, res) => {
    const visit = visitOf(res);
    page(res, 'group/group', await pages.model(visit, String(req.params['groupId'])));
  });
  return router;
}

function askedIn(query: unknown): ListAsked {
  const without = field(query, 'without');
  return {
    search: field(query, 'q').slice(0, 60),
    without: without === 'lead' || without === 'deputy' ? without : null,
    after: keyIn(query, 'after'),
    before: keyIn(query, 'before'),
  };
}

function keyIn(query: unknown, name: 'after' | 'before'): GroupKey | null {
  const [nameFolded, id] = [field(query, name), field(query, 'id')];
  return nameFolded === '' || id === '' ? null : { nameFolded, id };
}
