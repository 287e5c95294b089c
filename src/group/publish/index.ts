import type { Logger } from 'pino';
import type { CourseStores } from '../../course/room.ts';
import type { Database } from '../../database/index.ts';
import type { ProposalStore } from '../../formation/proposals/proposals.store.ts';
import type { Jobs } from '../../jobs/index.ts';
import type { NoticeStore } from '../../notices/notices.store.ts';
import type { TimedJob } from '../../room.ts';
import type { CourseScope } from '../../scope.ts';
import { createRouter } from '../../web/routing.ts';
import type { GroupStore } from '../groups/groups.store.ts';
import type { AppointmentStore } from '../leadership/appointments.store.ts';
import { createJoiner, defineJoin, enqueueJoin } from './join.job.ts';
import { createPlanStore } from './plans.store.ts';
import { createPublisher, definePublish } from './publish.job.ts';
import { createPublished } from './published.store.ts';
import { publishRouter } from './publish.router.ts';
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
};

const FINISH_EVERY_MS = 60_000;
/** Joiners are looked for when somebody comes or is known better; this is for what was missed. */
const LOOK_EVERY_MS = 300_000;

/** How groups come to be published, and how people come into them and out of them later. */
export function createPublishing(given: PublishingDeps) {
  const { database, log, jobs, course, proposals, groups } = given;
  const deps = { ...given, plans: createPlanStore(database) };
  const waiting = createWaitingStore(database);
  const publisher = createPublisher(deps);
  const joiner = createJoiner({ ...deps, waiting, promised: () => Promise.resolve(new Map()) });
  const published = createPublished(course, groups);
  definePublish(jobs, publisher);
  defineJoin(jobs, joiner);
  const router = createRouter();
  router.use(publishRouter({ jobs, course, proposals, publisher }));
  /** Is there anybody who waits, or a membership of somebody who has left? */
  const needsLook = async (scope: CourseScope): Promise<boolean> => {
    const { groupsVersion } = await course.courses.select(scope);
    const [fellows, placed, memberships] = await Promise.all([
      course.enrolments.count(scope, { state: 'active', role: 'fellow' }),
      published.count(scope),
      groups.countPlaced(scope, groupsVersion),
    ]);
    return fellows > placed || memberships > placed;
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
  const lookForJoiners = async (): Promise<void> => {
    for (const scope of await course.courses.withGroups())
      if (await needsLook(scope)) await enqueueJoin(jobs, scope);
  };
  const timedJobs: readonly TimedJob[] = [
    { name: 'finish publishes', everyMs: FINISH_EVERY_MS, run: finishPublishes },
    { name: 'look for joiners', everyMs: LOOK_EVERY_MS, run: lookForJoiners },
  ];
  return {
    router,
    timedJobs,
    stores: { publisher, published, joiner, waiting },
    /** Somebody came, went or is known better. */
    peopleChanged: (scope: CourseScope): Promise<void> => enqueueJoin(jobs, scope),
  };
}
