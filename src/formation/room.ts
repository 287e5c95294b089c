import type { CourseStores } from '../course/room.ts';
import type { Database } from '../database/index.ts';
import type { Jobs } from '../jobs/index.ts';
import type { Room } from '../room.ts';
import { createRouter } from '../web/routing.ts';
import { proposalRouter } from './proposals/proposal.router.ts';
import { proposalsRouter } from './proposals/proposals.router.ts';
import { createProposalStore } from './proposals/proposals.store.ts';
import { setupRouter } from './setup/setup.router.ts';
import { createSetupStore } from './setup/setup.store.ts';
import { definePropose, type PublishedGroups } from './proposals/propose.job.ts';

export type FormationRoomDeps = {
  readonly database: Database;
  readonly clock: () => Date;
  readonly jobs: Jobs;
  readonly course: CourseStores;
  /** Called when it is needed, for the group room is built after this one. */
  readonly published: () => PublishedGroups;
};

/** Who learns with whom: proposals of groups. */
export function createFormationRoom({ database, clock, jobs, course, published }: FormationRoomDeps) {
  const proposals = createProposalStore(database, clock);
  const setup = createSetupStore(database, clock);
  definePropose({ jobs, course, proposals, setup, published });
  const router = createRouter();
  router.use(
    proposalsRouter({ jobs, course, proposals, setup, published }),
    setupRouter({ course, setup }),
    proposalRouter({ course, proposals, published }),
  );
  const room: Room = {
    name: 'formation',
    router,
    navigation: [{ path: '/groups', label: 'formation:nav.groups', roles: ['manager', 'mentor'], order: 20 }],
    panels: [],
    figures: () => Promise.resolve([]),
    steps: () => Promise.resolve([]),
    evidenceKinds: [],
    timedJobs: [],
    // Proposals hold ids, tracks and checksums; whom they name is erased with the enrolment.
    privacy: {
      async export(scope, personId) {
        return { wishes: await setup.wishesOf(scope, personId) };
      },
      async erase(scope, personId) {
        await setup.erase(scope, personId);
      },
    },
  };
  return { room, stores: { proposals, setup } };
}
