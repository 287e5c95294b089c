import type { CourseStores } from '../../course/room.ts';
import type { Database } from '../../database/index.ts';
import type { Jobs } from '../../jobs/index.ts';
import type { TimedJob } from '../../room.ts';
import { createRouter, type RoomRouter } from '../../web/routing.ts';
import type { ProposalStore } from '../proposals/proposals.store.ts';
import { createSweepStore } from '../proposals/sweep.store.ts';
import type { SetupStore } from '../setup/setup.store.ts';
import { createBoardPages } from './board.page.ts';
import { boardRouter } from './board.router.ts';
import { createEditor } from './editor.store.ts';
import { editsRouter } from './edits.router.ts';
import { createEditStore } from './edits.store.ts';
import { defineImprove } from './improve.job.ts';
import { sweepProposals } from './sweep.job.ts';
import { createTables } from './tables.store.ts';

export type BoardDeps = {
  readonly database: Database;
  readonly clock: () => Date;
  readonly jobs: Jobs;
  readonly course: CourseStores;
  readonly proposals: ProposalStore;
  readonly setup: SetupStore;
};

/** The board of a proposal, on which people are moved by hand (docs/decisions/0016-board.md). */
export function createBoard({ database, clock, jobs, course, proposals, setup }: BoardDeps): {
  readonly router: RoomRouter;
  readonly timedJobs: readonly TimedJob[];
} {
  const edits = createEditStore({
    ...{ database, clock, proposals },
    note: (scope, { proposalId, by, kind, seq, people, of }) =>
      course.audit.note(scope, by, 'edit_proposal', proposalId, { kind, seq, people, of }),
  });
  const tables = createTables({ course, proposals, setup });
  const editor = createEditor({ proposals, edits, tables });
  const pages = createBoardPages({ course, proposals, edits });
  defineImprove({ jobs, clock, course, proposals, edits, setup });
  const router = createRouter();
  const deps = { jobs, course, proposals, edits, tables, editor, pages };
  router.use(boardRouter(deps), editsRouter(deps));
  const sweeps = createSweepStore(database, clock);
  return { router, timedJobs: [sweepProposals({ clock, course, sweeps, edits })] };
}
