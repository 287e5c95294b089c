import type { Logger } from 'pino';
import type { CourseStores } from '../course/room.ts';
import type { Database } from '../database/index.ts';
import type { GroupStore } from '../group/groups/groups.store.ts';
import type { Jobs } from '../jobs/index.ts';
import type { Gradebook } from '../lti/types.ts';
import type { EvidenceKind, Panel, Room } from '../room.ts';
import { createRouter } from '../web/routing.ts';
import { participationRouter } from './participation/participation.router.ts';
import { createReceipts } from './participation/receipt.page.ts';
import { createStandings, type Standings } from './participation/standings.store.ts';

export type GradesRoomDeps = {
  readonly database: Database;
  readonly clock: () => Date;
  readonly log: Logger;
  readonly jobs: Jobs;
  readonly course: CourseStores;
  readonly groups: GroupStore;
  readonly gradebook: Gradebook;
  /** All rooms' kinds of evidence; called when a page is made, not before. */
  readonly evidenceKinds: () => readonly EvidenceKind[];
};

/** What it is worth: participation, and its way to the gradebook. */
export function createGradesRoom({ course, groups, evidenceKinds }: GradesRoomDeps) {
  const standings = createStandings({ course, groups });
  const receiptOf = createReceipts({ course, groups, standings, evidenceKinds });
  const router = createRouter();
  router.use(participationRouter({ receiptOf }));
  const room: Room = {
    name: 'grades',
    router,
    navigation: [
      { path: '/me/participation', label: 'grades:nav.participation', roles: ['fellow'], order: 50 },
    ],
    panels: [participationPanel(standings)],
    figures: () => Promise.resolve([]),
    steps: () => Promise.resolve([]),
    evidenceKinds: [],
    timedJobs: [],
    privacy: {
      export: async (scope, personId) => ({
        participation: (await standings.of(scope, [personId])).get(personId),
      }),
      erase: () => Promise.resolve(),
    },
  };
  return { room, stores: { standings } };
}

function participationPanel(standings: Standings): Panel {
  return {
    on: 'group-page',
    roles: ['fellow'],
    order: 10,
    async show({ scope, personId }) {
      const own = (await standings.of(scope, [personId])).get(personId);
      return own === undefined ? null : { view: 'grades/panel', model: own };
    },
  };
}
