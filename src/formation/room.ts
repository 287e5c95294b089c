import type { CourseStores } from '../course/room.ts';
import type { Database } from '../database/index.ts';
import type { Jobs } from '../jobs/index.ts';
import type { Room } from '../room.ts';
import type { CourseScope } from '../scope.ts';
import { createRouter } from '../web/routing.ts';
import { proposalsRouter } from './proposals/proposals.router.ts';
import { createProposalStore } from './proposals/proposals.store.ts';
import { definePropose } from './proposals/propose.job.ts';

export type FormationRoomDeps = {
  readonly database: Database;
  readonly clock: () => Date;
  readonly jobs: Jobs;
  readonly course: CourseStores;
  readonly placedPersonIds: (scope: CourseScope) => Promise<ReadonlySet<string>>;
};

/** Who learns with whom: proposals of groups. */
export function createFormationRoom({ database, clock, jobs, course, placedPersonIds }: FormationRoomDeps) {
  const proposals = createProposalStore(database, clock);
  definePropose({ jobs, course, proposals, placedPersonIds });
  const router = createRouter();
  router.use(proposalsRouter({ jobs, course, proposals, placedPersonIds }));
  const room: Room = {
    name: 'formation',
    router,
    navigation: [{ path: '/groups', label: 'formation:nav.groups', roles: ['manager', 'mentor'], order: 20 }],
    panels: [],
    figures: () => Promise.resolve([]),
    steps: () => Promise.resolve([]),
    evidenceKinds: [],
    timedJobs: [],
    // Proposals hold ids alone; whom they name is erased with the enrolment.
    privacy: { export: () => Promise.resolve({}), erase: () => Promise.resolve() },
  };
  return { room, stores: { proposals } };
}
