import type { Logger } from 'pino';
import type { Database } from '../database/index.ts';
import type { Jobs } from '../jobs/index.ts';
import type { RosterSource } from '../lti/types.ts';
import type { Room } from '../room.ts';
import { createRouter } from '../web/routing.ts';
import { createAuditStore } from './audit/audit.store.ts';
import { createCourseStore } from './courses/courses.store.ts';
import { createLaunchStore } from './courses/launches.store.ts';
import { settingsRouter } from './courses/settings.router.ts';
import { createEvidenceStore } from './evidence/evidence.store.ts';
import { homeRouter } from './home/home.router.ts';
import { NIGERIAN_PLACES } from './places/places.ts';
import { createProfileStore } from './profiles/profiles.store.ts';
import { profileRouter } from './profiles/profile.router.ts';
import { uploadRouter } from './profiles/upload.router.ts';
import { createUploadStore } from './profiles/uploads.store.ts';
import { createEnrolmentStore } from './roster/enrolments.store.ts';
import { rosterRouter } from './roster/roster.router.ts';
import { defineSync } from './roster/sync.job.ts';

export type CourseRoomDeps = {
  readonly database: Database;
  readonly clock: () => Date;
  readonly log: Logger;
  readonly jobs: Jobs;
  readonly rosterSource: RosterSource;
  /** All rooms, for the course home; called when a page is made, not before. */
  readonly rooms: () => readonly Room[];
};
export type CourseStores = ReturnType<typeof createStores>;

/** Who is here: courses, roster, profiles, evidence. */
export function createCourseRoom(deps: CourseRoomDeps): { room: Room; stores: CourseStores } {
  const { jobs, rosterSource, rooms } = deps;
  const stores = createStores(deps);
  const { courses, enrolments, profiles, uploads, audit } = stores;
  defineSync({ jobs, courses, enrolments, rosterSource });
  const router = createRouter();
  router.use(homeRouter({ rooms }));
  router.use(rosterRouter({ jobs, courses, enrolments, profiles, audit }));
  router.use(uploadRouter({ courses, enrolments, uploads, audit }));
  router.use(profileRouter({ courses, profiles, enrolments, audit }));
  router.use(settingsRouter({ courses, audit }));
  const room: Room = {
    name: 'course',
    router,
    navigation: [
      { path: '/', label: 'course:nav.home', roles: ['manager', 'mentor'], order: 0 },
      { path: '/roster', label: 'course:nav.roster', roles: ['manager', 'mentor'], order: 10 },
      { path: '/me/profile', label: 'course:nav.profile', roles: ['fellow'], order: 90 },
      { path: '/settings', label: 'course:nav.settings', roles: ['manager'], order: 90 },
    ],
    panels: [],
    async figures(scope) {
      const people = await enrolments.count(scope, { state: 'active', role: 'fellow' });
      return [{ label: 'course:figure.people', value: people, note: null, path: '/roster', order: 0 }];
    },
    async steps(scope) {
      const [people, unknown] = await Promise.all([
        enrolments.count(scope, { state: 'active', role: 'fellow' }),
        stores.countUnknown(scope),
      ]);
      return [
        {
          label: 'course:step.roster',
          note: {
            key: people === 0 ? 'course:step.roster_empty' : 'course:step.roster_note',
            params: { count: people },
          },
          path: '/roster',
          done: people > 1,
          order: 0,
        },
        {
          label: 'course:step.profiles',
          note: {
            key: unknown === 0 ? 'course:step.profiles_known' : 'course:step.profiles_note',
            params: { count: unknown },
          },
          path: '/roster/upload',
          done: people > 1 && unknown < people / 2,
          order: 10,
        },
      ];
    },
    evidenceKinds: [],
    timedJobs: [],
    privacy: {
      async export(scope, personId) {
        const [enrolment, profile, evidence] = await Promise.all([
          enrolments.find(scope, personId),
          profiles.find(scope, personId),
          stores.evidence.latest(scope, [personId]),
        ]);
        return { enrolment, profile, evidence: evidence.get(personId) ?? [] };
      },
      async erase(scope, personId) {
        await profiles.erase(scope, personId);
      },
    },
  };
  return { room, stores };
}

function createStores({ database, clock }: CourseRoomDeps) {
  const courses = createCourseStore(database, clock);
  const enrolments = createEnrolmentStore(database, clock);
  const profiles = createProfileStore(database, clock);
  const places = NIGERIAN_PLACES;
  return {
    courses,
    enrolments,
    profiles,
    uploads: createUploadStore(database, profiles, clock),
    evidence: createEvidenceStore(database, clock),
    audit: createAuditStore(database, clock),
    launches: createLaunchStore({
      courses,
      enrolments,
      profiles,
      placeOf: ({ locality }) =>
        locality === undefined ? null : (places.find({ state: locality }) ?? places.find({ lga: locality })),
    }),
    places,
    /** Fellows whose track or place is not known. */
    async countUnknown(scope: Parameters<typeof courses.select>[0]): Promise<number> {
      const course = await courses.select(scope);
      const fellows = await enrolments.count(scope, { state: 'active', role: 'fellow' });
      return fellows - (await profiles.countComplete(scope, course.settings.oneTrack));
    },
  };
}
