import type { Logger } from 'pino';
import type { Database } from '../database/index.ts';
import type { Jobs } from '../jobs/index.ts';
import type { RosterSource } from '../lti/types.ts';
import type { Room, SetUpStep } from '../room.ts';
import type { CourseScope } from '../scope.ts';
import { createRouter } from '../web/routing.ts';
import { createAuditStore } from './audit/audit.store.ts';
import { copiesRouter, copyPanel } from './copies/copies.router.ts';
import { createCopyStore } from './copies/copies.store.ts';
import { createCourseStore } from './courses/courses.store.ts';
import { createLaunchStore } from './courses/launches.store.ts';
import { settingsRouter } from './courses/settings.router.ts';
import { createVisitorStore } from './courses/visitors.store.ts';
import { createEvidenceStore } from './evidence/evidence.store.ts';
import { homeRouter } from './home/home.router.ts';
import { placesRouter } from './places/places.router.ts';
import { createPlaceTreeStore } from './places/trees.store.ts';
import { createProfileStore } from './profiles/profiles.store.ts';
import { profileRouter } from './profiles/profile.router.ts';
import { createEnrolmentStore, type TakeNumbers } from './roster/enrolments.store.ts';
import { rosterRouter } from './roster/roster.router.ts';
import { defineSync } from './roster/sync.job.ts';
import { syncRouter } from './roster/sync.router.ts';
import { createSyncStore } from './roster/sync.store.ts';
import { createIntake } from './uploads/intake.store.ts';
import { defineApply } from './uploads/upload.job.ts';
import { uploadRouter } from './uploads/upload.router.ts';
import { createUploadStore } from './uploads/uploads.store.ts';

export type CourseRoomDeps = {
  readonly database: Database;
  readonly clock: () => Date;
  readonly log: Logger;
  readonly jobs: Jobs;
  readonly rosterSource: RosterSource;
  /** All rooms, for the course home; called when a page is made, not before. */
  readonly rooms: () => readonly Room[];
  /** Somebody came, went, or is known better: those who place people want to hear of it. May be called for nothing. */
  readonly peopleChanged?: (scope: CourseScope) => Promise<void>;
};
const DAY_MS = 24 * 3_600_000;
/** Long enough to look an upload up again; its values are in the profiles by then. */
const UPLOADS_KEPT_MS = 30 * DAY_MS;

export type CourseStores = ReturnType<typeof createStores>;

/** Who is here: courses, roster, profiles, evidence. */
export function createCourseRoom(deps: CourseRoomDeps): { room: Room; stores: CourseStores } {
  const { jobs, rosterSource, rooms, clock, peopleChanged = () => Promise.resolve() } = deps;
  const stores = createStores(deps);
  const { courses, enrolments, profiles, uploads, audit, trees } = stores;
  defineSync({ jobs, courses, sync: stores.sync, rosterSource, peopleChanged });
  defineApply({ jobs, uploads, profiles, peopleChanged });
  const intake = createIntake({ courses, trees, enrolments, uploads });
  const placing = () => rooms().find((one) => one.placing !== undefined)?.placing ?? null;
  const router = createRouter();
  router.use(homeRouter({ courses, enrolments, rooms }));
  router.use(syncRouter({ jobs, enrolments, audit }));
  router.use(uploadRouter({ jobs, enrolments, uploads, intake, audit }));
  router.use(rosterRouter({ jobs, courses, trees, enrolments, profiles, audit, peopleChanged, placing }));
  router.use(profileRouter({ courses, trees, profiles, enrolments, peopleChanged }));
  router.use(placesRouter({ courses, trees, profiles, enrolments, audit }));
  router.use(settingsRouter({ courses, trees, profiles, enrolments, audit }));
  router.use(copiesRouter(stores));
  const room: Room = {
    name: 'course',
    router,
    navigation: [
      { path: '/', label: 'course:nav.home', roles: ['manager', 'mentor'], order: 0 },
      { path: '/roster', label: 'course:nav.roster', roles: ['manager', 'mentor'], order: 10 },
      { path: '/me/profile', label: 'course:nav.profile', roles: ['fellow'], order: 90 },
      { path: '/settings', label: 'course:nav.settings', roles: ['manager'], order: 90 },
    ],
    panels: [copyPanel(stores)],
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
        profilesStep(people, unknown),
      ];
    },
    evidenceKinds: [],
    timedJobs: [
      {
        name: 'sweep uploads',
        everyMs: DAY_MS,
        run: () => uploads.sweep(new Date(clock().getTime() - UPLOADS_KEPT_MS)),
      },
    ],
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
        await enrolments.erase(scope, personId);
      },
    },
  };
  return { room, stores };
}

/** Who is to be known before groups are proposed; a few who are not yet do not hold the others up. */
function profilesStep(people: number, unknown: number): SetUpStep {
  const note = people === 0 ? 'profiles_nobody' : unknown === 0 ? 'profiles_known' : 'profiles_note';
  return {
    label: 'course:step.profiles',
    note: { key: `course:step.${note}`, params: { count: unknown } },
    path: unknown > 0 && unknown < people ? '/roster?show=unknown' : '/roster/upload',
    done: people > 1 && unknown === 0,
    enough: people > 1 && unknown < people / 2,
    order: 10,
  };
}

function createStores({ database, clock }: CourseRoomDeps) {
  const courses = createCourseStore(database, clock);
  const takeNumbers: TakeNumbers = (scope, count) => courses.takeNumbers(scope, count);
  const enrolments = createEnrolmentStore(database, clock, takeNumbers);
  const profiles = createProfileStore(database, clock);
  const trees = createPlaceTreeStore(database, clock);
  const copies = createCopyStore({ database, clock, courses, trees });
  const visitors = createVisitorStore(database, { courses, enrolments });
  return {
    courses,
    enrolments,
    sync: createSyncStore(database, clock, takeNumbers),
    profiles,
    trees,
    uploads: createUploadStore(database, clock),
    evidence: createEvidenceStore(database, clock),
    audit: createAuditStore(database, clock),
    copies,
    launches: createLaunchStore({ courses, enrolments, profiles, trees, copies, visitors }),
    visitors,
    /** Fellows whose track or place is not known. */
    async countUnknown(scope: CourseScope): Promise<number> {
      const { oneTrack } = (await courses.select(scope)).settings;
      const [fellows, others, known] = await Promise.all([
        enrolments.count(scope, { state: 'active', role: 'fellow' }),
        enrolments.otherIds(scope),
        profiles.countComplete(scope, oneTrack),
      ]);
      const knownOthers = others.length === 0 ? 0 : await profiles.countComplete(scope, oneTrack, others);
      return Math.max(0, fellows - (known - knownOthers));
    },
  };
}
