import type { Logger } from 'pino';
import type { Config } from './config.ts';
import type { RecordedLaunch } from './course/courses/launches.store.ts';
import { createCourseRoom } from './course/room.ts';
import { displayName } from './course/roster/enrolments.store.ts';
import type { Database } from './database/index.ts';
import { createFormationRoom } from './formation/room.ts';
import { SCORE_MAXIMUM } from './grades/gradebook/deliver.job.ts';
import { PURPOSE } from './grades/gradebook/post.job.ts';
import { createGradesRoom } from './grades/room.ts';
import { createGroupRoom } from './group/room.ts';
import { createJobs, type Jobs } from './jobs/index.ts';
import { createDoor, type Door } from './lti/door.ts';
import { createGradebook } from './lti/services/gradebook.ts';
import { createRosterSource } from './lti/services/roster-source.ts';
import { createServiceClient } from './lti/services/service-client.ts';
import type { NoticeStore } from './notices/notices.store.ts';
import { createNoticesRoom } from './notices/room.ts';
import type { Room } from './room.ts';
import { openFrameSession, openSession, type Visitors } from './web/session.ts';
import { createSessionStore, type SessionStore } from './web/sessions.store.ts';

/** Everything the house runs on, built once. */
export type Services = {
  readonly config: Config;
  readonly database: Database;
  readonly log: Logger;
  readonly clock: () => Date;
  readonly sessions: SessionStore;
  readonly visitors: Visitors;
  readonly door: Door;
  readonly jobs: Jobs;
  /** Left to right: course, formation, group, grades. */
  readonly rooms: readonly Room[];
  /** What the demo and tests fill a course with. */
  readonly course: ReturnType<typeof createCourseRoom>['stores'];
  readonly formation: ReturnType<typeof createFormationRoom>['stores'];
  readonly group: ReturnType<typeof createGroupRoom>['stores'];
  readonly grades: ReturnType<typeof createGradesRoom>['stores'];
  readonly notices: NoticeStore;
  close(): Promise<void>;
};

export type Ground = { config: Config; database: Database; log: Logger; clock?: () => Date };

const SWEEP_EVERY_MS = 600_000;

/** Builds every store and service; no container, no surprises: what a room needs stands in its call. */
export async function createServices({
  config,
  database,
  log,
  clock = () => new Date(),
}: Ground): Promise<Services> {
  const jobs = createJobs({ database, log, clock });
  const sessions = createSessionStore(database, clock, config.sessionSecret);
  const rooms: Room[] = [];

  const navigation = () => rooms.flatMap((room) => room.navigation);
  /** The page that a placed link is of, for those whom it is open to; the first page for all others. */
  const opensAt = (path: string | null, { role, firstPage }: RecordedLaunch): string => {
    const item = navigation().find((known) => known.path === path);
    return item !== undefined && role !== null && item.roles.includes(role) ? item.path : firstPage;
  };

  const door = await createDoor({
    config,
    database,
    log,
    clock,
    async onLaunch(launch, { req, res, keepsCookies }) {
      const recorded = await course.stores.launches.record(launch);
      const { scope, personId } = recorded;
      const session = {
        platformId: launch.platformId,
        courseId: scope.courseId,
        personId,
        locale: launch.locale,
        timeZone: launch.timeZone,
        frameOrigins: [...((res.locals['frameOrigins'] as readonly string[] | undefined) ?? [])],
      };
      const path = opensAt(launch.opens ?? null, recorded);
      return keepsCookies
        ? { address: await openSession(sessions, req, res, session, path), key: null }
        : openFrameSession(sessions, session, path);
    },
    endSessions: (platformId) => sessions.endOfPlatform(platformId),
    links: {
      targets: () =>
        navigation().flatMap(({ path, link }) => (link === undefined ? [] : [{ path, label: link }])),
      column: {
        resourceId: PURPOSE,
        tag: PURPOSE,
        label: 'grades:column',
        scoreMaximum: SCORE_MAXIMUM,
      },
    },
  });
  const client = createServiceClient({
    platforms: door.platforms,
    signingKey: (platformId) => door.signingKey(platformId),
    health: door.health,
    allowPrivateNetwork: config.allowPrivateNetwork,
    log,
    clock,
  });
  const rosterSource = createRosterSource(client, config.lti.roles);
  const gradebook = createGradebook(client);

  const notices = createNoticesRoom({
    database,
    clock,
    versionOf: async (scope) => (await course.stores.courses.select(scope)).groupsVersion,
    namesOf: async (scope, personIds) => {
      const people = await course.stores.enrolments.findMany(scope, personIds);
      return new Map(people.map((person) => [person.personId, displayName(person)]));
    },
  });
  const course = createCourseRoom({
    database,
    clock,
    log,
    jobs,
    rosterSource,
    rooms: () => rooms,
    peopleChanged: (scope) => group.peopleChanged(scope),
  });
  const formation = createFormationRoom({
    database,
    clock,
    jobs,
    course: course.stores,
    published: () => group.stores.published,
  });
  const group = createGroupRoom({
    database,
    clock,
    log,
    jobs,
    course: course.stores,
    proposals: formation.stores.proposals,
    records: formation.stores.records,
    notices: notices.notices,
    setup: formation.stores.setup,
    panels: () => rooms.flatMap(({ panels }) => panels),
  });
  const grades = createGradesRoom({
    database,
    clock,
    log,
    jobs,
    course: course.stores,
    groups: group.stores.groups,
    gradebook,
    evidenceKinds: () => rooms.flatMap(({ evidenceKinds }) => evidenceKinds),
  });
  rooms.push(notices.room, course.room, formation.room, group.room, grades.room);
  for (const timed of rooms.flatMap(({ timedJobs }) => timedJobs))
    jobs.every(timed.name, timed.everyMs, () => timed.run());
  jobs.every('sweep sessions', SWEEP_EVERY_MS, async () => {
    await sessions.sweep();
  });
  await database.ensure();
  return {
    config,
    database,
    log,
    clock,
    sessions,
    visitors: course.stores.visitors,
    door,
    jobs,
    rooms,
    course: course.stores,
    formation: formation.stores,
    group: group.stores,
    grades: grades.stores,
    notices: notices.notices,
    async close() {
      await jobs.stop();
      await door.close();
    },
  };
}
