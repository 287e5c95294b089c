import type { Logger } from 'pino';
import type { CourseStores } from '../../course/room.ts';
import type { Database } from '../../database/index.ts';
import type { ProposalStore } from '../../formation/proposals/proposals.store.ts';
import type { SetupStore } from '../../formation/setup/setup.store.ts';
import type { Jobs } from '../../jobs/index.ts';
import type { NoticeStore } from '../../notices/notices.store.ts';
import type { TimedJob } from '../../room.ts';
import type { CourseScope } from '../../scope.ts';
import { createRouter } from '../../web/routing.ts';
import type { GroupStore } from '../groups/groups.store.ts';
import type { AppointmentStore } from '../leadership/appointments.store.ts';
import { createJoiner, defineJoin, enqueueJoin, JOIN } from './join.job.ts';
import { createMover, defineMoves, enqueueMoves } from './move.job.ts';
import { createMoveStore } from './moves.store.ts';
import { objectRouter } from './object.router.ts';
import { createPersonPage } from './person.page.ts';
import { personRouter } from './person.router.ts';
import { createPlanStore } from './plans.store.ts';
import { createPublisher, definePublish } from './publish.job.ts';
import { createPublished } from './published.store.ts';
import { publishRouter } from './publish.router.ts';
import { updatesRouter } from './updates.router.ts';
import { waitingPanel } from './waiting.page.ts';
import { createWaitingStore } from './waiting.store.ts';

export type PublishingDeps = {
  readonly database: Database;
  readonly clock: () => Date;
  readonly log: Logger;
  readonly jobs: Jobs;
  readonly course: CourseStores;
  readonly proposals: ProposalStore;
  readonly groups: GroupStore;
  readonly appointments: AppointmentStore;
  readonly notices: NoticeStore;
  readonly setup: SetupStore;
};

const FINISH_EVERY_MS = 60_000;
/** Joiners are looked for when somebody comes or is known better; this is for what was missed. */
const LOOK_EVERY_MS = 300_000;

/** How groups come to be published, and how people come into them and out of them later. */
export function createPublishing(given: PublishingDeps) {
  const { database, clock, log, jobs, course, proposals, groups } = given;
  const plans = createPlanStore(database);
  const moves = createMoveStore(database, clock);
  const waiting = createWaitingStore(database);
  const deps = { ...given, plans, moves, waiting };
  const mover = createMover(deps);
  const publisher = createPublisher({ ...deps, mover });
  const joiner = createJoiner({ ...deps, promised: (scope) => moves.promised(scope) });
  const published = createPublished(course, groups, moves);
  definePublish(jobs, publisher);
  defineJoin(jobs, joiner);
  defineMoves(jobs, mover);
  const router = createRouter();
  /** Memberships of people who have left the course. */
  const leaving = async (scope: CourseScope): Promise<number> => {
    const { groupsVersion } = await course.courses.select(scope);
    const [all, here] = await Promise.all([groups.countPlaced(scope, groupsVersion), published.count(scope)]);
    return Math.max(0, all - here);
  };
  router.use(
    publishRouter({ clock, jobs, course, proposals, groups, publisher }),
    updatesRouter({ ...deps, leaving }),
    personRouter({ ...deps, mover, pages: createPersonPage(deps) }),
    objectRouter(deps),
  );
  /** Is somebody being looked for a group at this moment? */
  const looking = async (scope: CourseScope): Promise<boolean> =>
    (await jobs.findLatest(scope, JOIN))?.active === true;
  /** Is there anybody who waits, or a membership of somebody who has left? */
  const needsLook = async (scope: CourseScope): Promise<boolean> => {
    const [fellows, placed, left] = await Promise.all([
      course.enrolments.count(scope, { state: 'active', role: 'fellow' }),
      published.count(scope),
      leaving(scope),
    ]);
    return fellows > placed || left > 0;
  };
  const finishPublishes = async (): Promise<void> => {
    for (const { scope, publishing } of await course.courses.withOpenPublish()) {
      await publisher
        .finish(scope, publishing)
        .catch((error: unknown) =>
          log.error({ err: error, publishId: publishing.publishId }, 'publish could not be finished'),
        );
    }
  };
  /** One course that fails holds up no other. */
  const inEach = (what: string, look: (scope: CourseScope) => Promise<void>) => async (): Promise<void> => {
    for (const scope of await course.courses.withGroups())
      await look(scope).catch((error: unknown) => log.error({ err: error, courseId: scope.courseId }, what));
  };
  const lookForJoiners = inEach('joiners could not be looked for', async (scope) => {
    if (await needsLook(scope)) await enqueueJoin(jobs, scope);
  });
  const lookForMoves = inEach('moves could not be looked for', async (scope) => {
    if (await mover.needsWork(scope)) await enqueueMoves(jobs, scope);
  });
  const timedJobs: readonly TimedJob[] = [
    { name: 'finish publishes', everyMs: FINISH_EVERY_MS, run: finishPublishes },
    { name: 'look for joiners', everyMs: LOOK_EVERY_MS, run: lookForJoiners },
    { name: 'carry out moves', everyMs: FINISH_EVERY_MS, run: lookForMoves },
  ];
  return {
    router,
    timedJobs,
    stores: { publisher, published, joiner, waiting, moves, mover, looking },
    panels: [waitingPanel({ waiting, moves })],
    /** What is kept of this person's way into groups: their moves, with their own objections, and why they wait. */
    async export(scope: CourseScope, personId: string) {
      const [own, waits] = await Promise.all([
        moves.ofPerson(scope, personId),
        waiting.reasonOf(scope, personId),
      ]);
      return { moves: own.map(({ by: _by, ...move }) => move), waits };
    },
    async erase(scope: CourseScope, personId: string): Promise<void> {
      await waiting.erase(scope, personId);
      for (const id of await moves.erase(scope, personId)) await given.notices.withdraw(scope, id);
    },
    /** Somebody came, went or is known better. */
    peopleChanged: (scope: CourseScope): Promise<void> => enqueueJoin(jobs, scope),
  };
}
