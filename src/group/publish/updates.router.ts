import { newId } from '../../database/index.ts';
import { Conflict, NotFound } from '../../errors.ts';
import { enqueuePropose } from '../../formation/proposals/propose.job.ts';
import type { ProposalStore } from '../../formation/proposals/proposals.store.ts';
import type { SetupStore } from '../../formation/setup/setup.store.ts';
import { rulesOf } from '../../formation/setup/setup.ts';
import type { Jobs } from '../../jobs/index.ts';
import { page } from '../../web/page.ts';
import { allow, createRouter, field, type RoomRouter, seeOther, visitOf } from '../../web/routing.ts';
import { enqueueJoin } from './join.job.ts';
import type { MoveKey } from './moves.store.ts';
import { updateModel } from './update.page.ts';
import { updatesModel, type UpdatesPageDeps } from './updates.page.ts';

export type UpdatesRouterDeps = UpdatesPageDeps & {
  readonly jobs: Jobs;
  readonly proposals: ProposalStore;
  readonly setup: SetupStore;
};

const MOST_GRACE = 30;

/** What changes in groups that are published, and how it is told. */
export function updatesRouter(deps: UpdatesRouterDeps): RoomRouter {
  const { jobs, course, proposals, setup } = deps;
  const router = createRouter();
  router.get('/groups/updates', allow('manager', 'mentor'), async (req, res) => {
    const model = await updatesModel(deps, visitOf(res).scope, moveKeyOf(req.query));
    page(res, 'formation/updates', { ...model, mostGrace: MOST_GRACE, refused: null });
  });
  router.post('/groups/updates/settings', allow('manager'), async (req, res) => {
    const { scope, personId } = visitOf(res);
    const placeLate = field(req.body, 'place_late') === 'yes';
    const given = field(req.body, 'grace');
    const graceDays = /^\d{1,2}$/.test(given) ? Number(given) : NaN;
    if (!(graceDays <= MOST_GRACE)) {
      const model = await updatesModel(deps, scope, null);
      page(res.status(422), 'formation/updates', {
        ...{ ...model, mostGrace: MOST_GRACE, refused: { grace: given, placeLate } },
      });
      return;
    }
    await course.courses.saveSettings(scope, { placeLate, graceDays });
    await course.audit.note(scope, personId, 'update_settings', null, { placeLate, graceDays });
    await enqueueJoin(jobs, scope);
    seeOther(res, '/groups/updates', { code: 'updates_saved' });
  });
  router.post('/groups/updates', allow('manager'), async (_req, res) => {
    const { scope, personId: by } = visitOf(res);
    const { groupsVersion } = await course.courses.select(scope);
    if (groupsVersion === 0) throw new Conflict('update_no_groups');
    const known = await setup.find(scope);
    const payload = {
      proposalId: newId(),
      rules: rulesOf(known, known),
      anywhere: known.anywhere,
      update: true,
      by,
    };
    const { created } = await enqueuePropose(jobs, scope, payload);
    if (created) await course.audit.note(scope, by, 'propose_update', payload.proposalId);
    seeOther(res, created ? '/groups/proposing' : '/groups/proposing?joined=1');
  });
  router.get('/groups/updates/:proposalId', allow('manager', 'mentor'), async (req, res) => {
    const { scope } = visitOf(res);
    const proposal = await proposals.select(scope, String(req.params['proposalId']));
    if (proposal.state === 'forming') throw new NotFound();
    if (proposal.update == null) {
      seeOther(res, `/groups/proposals/${proposal.id}`);
      return;
    }
    page(res, 'formation/update', await updateModel(deps, scope, proposal, proposal.update));
  });
  return router;
}

/** Where the list of moves goes on; the first page for anything that is no key of it. */
function moveKeyOf(query: unknown): MoveKey | null {
  const dueAt = new Date(field(query, 'due'));
  const id = field(query, 'after');
  if (id === '' || Number.isNaN(dueAt.getTime())) return null;
  return { open: field(query, 'open') === '1' ? 1 : 0, dueAt, id };
}
