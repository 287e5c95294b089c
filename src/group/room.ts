import type { Logger } from 'pino';
import type { CourseStores } from '../course/room.ts';
import type { Database } from '../database/index.ts';
import type { ProposalStore } from '../formation/proposals/proposals.store.ts';
import type { RecordStore } from '../formation/proposals/records.store.ts';
import type { SetupStore } from '../formation/setup/setup.store.ts';
import type { Jobs } from '../jobs/index.ts';
import type { NoticeStore } from '../notices/notices.store.ts';
import type { Panel, Room } from '../room.ts';
import type { CourseScope } from '../scope.ts';
import { createRouter } from '../web/routing.ts';
import { createGroupPages } from './groups/group.page.ts';
import { groupsRouter } from './groups/groups.router.ts';
import { createGroupStore } from './groups/groups.store.ts';
import { createAppointmentStore } from './leadership/appointments.store.ts';
import { officesRouter } from './leadership/offices.router.ts';
import { createVacancies } from './leadership/vacancies.page.ts';
import { MEETUP } from './meetups/evidence.ts';
import { meetupsRouter } from './meetups/meetups.router.ts';
import { createMeetupStore } from './meetups/meetups.store.ts';
import { rollRouter } from './meetups/roll.router.ts';
import { createPublishing } from './publish/index.ts';

export type GroupRoomDeps = {
  readonly database: Database;
  readonly clock: () => Date;
  readonly log: Logger;
  readonly jobs: Jobs;
  readonly course: CourseStores;
  readonly proposals: ProposalStore;
  readonly records: RecordStore;
  readonly notices: NoticeStore;
  readonly setup: SetupStore;
  /** All rooms' panels; called when a page is made, not before. */
  readonly panels: () => readonly Panel[];
};

/** What a group does: its page, its leads, its meetups; and how groups come to be published. */
export function createGroupRoom(deps: GroupRoomDeps) {
  const { database, clock, course, proposals, records, panels } = deps;
  const groups = createGroupStore(database);
  const appointments = createAppointmentStore(database, clock);
  const meetups = createMeetupStore(database, clock);
  const publishing = createPublishing({ ...deps, groups, appointments });
  const { published } = publishing.stores;
  const versionOf = async (scope: CourseScope): Promise<number> =>
    (await course.courses.find(scope))?.groupsVersion ?? 0;
  const stores = { groups, appointments, meetups, ...publishing.stores };
  const vacancies = createVacancies({ course, groups, appointments });
  const pages = createGroupPages({ clock, course, groups, appointments, vacancies, panels });
  const router = createRouter();
  router.use(publishing.router);
  router.use(groupsRouter({ ...stores, clock, course, proposals, records, vacancies, pages }));
  router.use(officesRouter({ course, appointments, vacancies, pages }));
  router.use(meetupsRouter({ clock, course, meetups, pages }));
  router.use(rollRouter({ clock, course, groups, meetups, pages }));
  const room: Room = {
    name: 'group',
    router,
    navigation: [
      { path: '/group', also: /^\/groups\/g\//, label: 'group:nav.group', roles: ['fellow'], order: 0 },
      {
        path: '/group/meetups',
        also: /^\/groups\/g\/[^/]+\/meetups/,
        label: 'group:nav.meetups',
        link: 'group:nav.meetups_link',
        roles: ['fellow'],
        order: 10,
      },
    ],
    panels: publishing.panels,
    async figures(scope) {
      const [placed, held, fellows] = await Promise.all([
        published.count(scope),
        meetups.countHeld(scope),
        course.enrolments.count(scope, { state: 'active', role: 'fellow' }),
      ]);
      const waiting = Math.max(0, fellows - placed);
      return [
        {
          label: 'group:figure.placed',
          value: placed,
          note: waiting === 0 ? null : { key: 'group:figure.waiting', params: { count: waiting } },
          path: '/groups',
          order: 10,
        },
        { label: 'group:figure.held', value: held, note: null, path: '/groups/list', order: 20 },
      ];
    },
    async steps(scope) {
      const version = await versionOf(scope);
      const [total, led] = await Promise.all([
        groups.count(scope, version),
        vacancies.filled(scope, version, 'lead'),
      ]);
      const done = total > 0 && led.size >= total;
      return [
        {
          label: 'group:step.published',
          note: total === 0 ? null : { key: 'group:step.groups', params: { count: total } },
          path: '/groups',
          done: total > 0,
          order: 20,
        },
        {
          label: 'group:step.leads',
          note:
            total === 0 ? null : { key: 'group:step.leads_of', params: { leads: led.size, count: total } },
          path: done ? '/groups/list' : '/groups/list?without=lead',
          done,
          order: 30,
        },
      ];
    },
    placing: {
      async of(scope, personIds) {
        const rows = await groups.membershipsOf(scope, await versionOf(scope), personIds);
        return new Map(rows.map(({ personId, groupId }) => [personId, groupId]));
      },
      async titles(scope, groupIds) {
        const version = await versionOf(scope);
        const found = await Promise.all(groupIds.map((groupId) => groups.find(scope, version, groupId)));
        return new Map(
          found.flatMap((one) =>
            one === null ? [] : [[one.id, { title: one.name, path: `/groups/g/${one.id}` }] as const],
          ),
        );
      },
    },
    evidenceKinds: [
      {
        kind: MEETUP,
        label: 'group:evidence.meetup',
        async titles(scope, opportunityIds) {
          const found = await meetups.findMany(scope, opportunityIds);
          return new Map(
            found.map(({ id, title, groupId }) => [id, { title, path: `/groups/g/${groupId}/meetups` }]),
          );
        },
      },
    ],
    timedJobs: publishing.timedJobs,
    privacy: {
      async export(scope, personId) {
        const [memberships, offices, way] = await Promise.all([
          groups.historyOf(scope, await versionOf(scope), [personId]),
          appointments.heldBy(scope, personId),
          publishing.export(scope, personId),
        ]);
        return { memberships, offices, ...way };
      },
      // Memberships and evidence name the person by a hash; the name is erased with the enrolment.
      erase: (scope, personId) => publishing.erase(scope, personId),
    },
  };
  return { room, stores, peopleChanged: publishing.peopleChanged };
}
