import type { CourseStores } from '../course/room.ts';
import type { Database } from '../database/index.ts';
import type { Jobs } from '../jobs/index.ts';
import type { Room } from '../room.ts';
import { createRouter } from '../web/routing.ts';
import { createBoard } from './board/index.ts';
import { proposalRouter } from './proposals/proposal.router.ts';
import { proposalsRouter } from './proposals/proposals.router.ts';
import { createRecordStore } from './proposals/records.store.ts';
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
  const records = createRecordStore(database);
  definePropose({ jobs, course, proposals, setup, records, published });
  const board = createBoard({ database, clock, jobs, course, proposals, setup });
  const router = createRouter();
  router.use(
    proposalsRouter({ jobs, course, proposals, setup, published }),
    setupRouter({ course, setup }),
    proposalRouter({ course, proposals, records, published }),
    board.router,
  );
  const room: Room = {
    name: 'formation',
    router,
    navigation: [{ path: '/groups', label: 'formation:nav.groups', roles: ['manager', 'mentor'], order: 20 }],
    panels: [],
    figures: () => Promise.resolve([]),
    steps: () => Promise.resolve([]),
    evidenceKinds: [],
    timedJobs: board.timedJobs,
    // Groups hold ids, tracks and checksums; whom they name is erased with the enrolment.
    privacy: {
      async export(scope, personId) {
        const [wishes, runs] = await Promise.all([
          setup.wishesOf(scope, personId),
          records.recordsOf(scope, personId),
        ]);
        return { wishes, runs };
      },
      async erase(scope, personId) {
        await setup.erase(scope, personId);
        await records.erase(scope, personId);
      },
    },
  };
  return { room, stores: { proposals, setup, records } };
}
