import type { Logger } from 'pino';
import type { CourseStores } from '../course/room.ts';
import type { Database } from '../database/index.ts';
import type { GroupStore } from '../group/groups/groups.store.ts';
import type { Jobs } from '../jobs/index.ts';
import type { Gradebook } from '../lti/types.ts';
import type { EvidenceKind, Panel, Room } from '../room.ts';
import type { CourseScope } from '../scope.ts';
import { createRouter } from '../web/routing.ts';
import { createDeliver } from './gradebook/deliver.job.ts';
import { createDeliveryStore } from './gradebook/deliveries.store.ts';
import { createDrain } from './gradebook/drain.job.ts';
import { createGradesPages } from './gradebook/grades.page.ts';
import { gradesRouter } from './gradebook/grades.router.ts';
import { createLineItemStore } from './gradebook/line-items.store.ts';
import { createOutboxStore } from './gradebook/outbox.store.ts';
import { createPoster, definePost, enqueuePost, PURPOSE } from './gradebook/post.job.ts';
import { createProspects } from './gradebook/prospects.store.ts';
import { createRunPages } from './gradebook/runs.page.ts';
import { createRunStore } from './gradebook/runs.store.ts';
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

const RESUME_EVERY_MS = 60_000;
/** Longer than a platform takes for a score at its slowest; renewed while a worker is alive. */
const LEASE_MS = 60_000;

/** What it is worth: participation, and its way to the gradebook. */
export function createGradesRoom(deps: GradesRoomDeps) {
  const { jobs, course } = deps;
  const stores = createStores(deps);
  const { standings, lineItems, outbox } = stores;
  const receiptOf = createReceipts({ ...deps, standings });
  const pages = createGradesPages({ jobs, course, standings, lineItems, outbox });
  const runPages = createRunPages({ course, outbox, runs: createRunStore(deps.database), pages });
  const router = createRouter();
  router.use(participationRouter({ receiptOf, pages }));
  router.use(gradesRouter({ jobs, course, ...stores, pages, runPages, receiptOf }));
  /** Grades in the gradebook from us, and those that wait for a choice of staff. */
  const countsOf = async (scope: CourseScope) => {
    const lineItem = await lineItems.find(scope, PURPOSE);
    if (lineItem === null) return { posted: 0, held: 0 };
    const [posted, { held }] = await Promise.all([
      outbox.countPosted(scope, lineItem),
      outbox.count(scope, lineItem.id),
    ]);
    return { posted, held };
  };
  const room: Room = {
    name: 'grades',
    router,
    navigation: [
      { path: '/grades', label: 'grades:nav.grades', roles: ['manager', 'mentor'], order: 50 },
      { path: '/me/participation', label: 'grades:nav.participation', roles: ['fellow'], order: 50 },
    ],
    panels: [participationPanel(standings)],
    async figures(scope) {
      const { posted, held } = await countsOf(scope);
      const note = held === 0 ? null : { key: 'grades:figure.held', params: { count: held } };
      return [{ label: 'grades:figure.posted', value: posted, note, path: '/grades', order: 30 }];
    },
    async steps(scope) {
      const { posted, held } = await countsOf(scope);
      const step = { label: 'grades:step.grades', order: 50 };
      if (held > 0) {
        const note = { key: 'grades:step.held', params: { count: held } };
        return [{ ...step, note, path: '/grades?show=held', done: false }];
      }
      const note = posted === 0 ? null : { key: 'grades:step.posted', params: { count: posted } };
      return [{ ...step, note, path: '/grades', done: posted > 0 }];
    },
    evidenceKinds: [],
    timedJobs: [
      {
        name: 'resume grades',
        everyMs: RESUME_EVERY_MS,
        async run() {
          // A posting that is under way answers this with itself.
          for (const courseId of await lineItems.listOpen(PURPOSE))
            await enqueuePost(jobs, courseId, { runId: null });
        },
      },
    ],
    privacy: {
      async export(scope, personId) {
        const [scores, grade] = await Promise.all([
          standings.of(scope, [personId]),
          pages.line(scope, personId),
        ]);
        return { participation: scores.get(personId) ?? null, grade };
      },
      // Rows name the person by a hash alone; what still waits is not posted any more.
      async erase(scope, personId) {
        const lineItem = await lineItems.find(scope, PURPOSE);
        if (lineItem !== null) await outbox.withdraw(scope, lineItem, [personId], null);
      },
    },
  };
  return { room, stores };
}

function createStores({ database, clock, jobs, course, groups, gradebook }: GradesRoomDeps) {
  const random = Math.random;
  const standings = createStandings({ course, groups });
  const lineItems = createLineItemStore(database, clock);
  const outbox = createOutboxStore(database, clock);
  const prospects = createProspects({ standings, outbox });
  const deliveries = createDeliveryStore(database, clock);
  const deliver = createDeliver({ clock, random, gradebook, deliveries });
  const { enrolments } = course;
  const drain = createDrain({ enrolments, deliveries, deliver, leaseMs: LEASE_MS });
  definePost(jobs, createPoster({ clock, random, course, gradebook, lineItems, outbox, prospects, drain }));
  return { standings, lineItems, outbox, prospects };
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
