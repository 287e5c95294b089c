import type { Jobs } from '../../jobs/index.ts';
import { page } from '../../web/page.ts';
import { allow, createRouter, field, type RoomRouter, seeOther, visitOf } from '../../web/routing.ts';
import { enqueueJoin } from './join.job.ts';
import { updatesModel, type UpdatesPageDeps } from './updates.page.ts';

export type UpdatesRouterDeps = UpdatesPageDeps & { readonly jobs: Jobs };

const MOST_GRACE = 30;

/** What changes in groups that are published, and how it is told. */
export function updatesRouter(deps: UpdatesRouterDeps): RoomRouter {
  const { jobs, course } = deps;
  const router = createRouter();
  router.get('/groups/updates', allow('manager', 'mentor'), async (req, res) => {
    const model = await updatesModel(deps, visitOf(res).scope);
    const saved = field(req.query, 'saved') === '1';
    page(res, 'formation/updates', { ...model, saved, mostGrace: MOST_GRACE });
  });
  router.post('/groups/updates/settings', allow('manager'), async (req, res) => {
    const { scope, personId } = visitOf(res);
    const days = Math.trunc(Number(field(req.body, 'grace')));
    const graceDays = Number.isFinite(days) ? Math.min(MOST_GRACE, Math.max(0, days)) : 0;
    const placeLate = field(req.body, 'place_late') === 'yes';
    await course.courses.saveSettings(scope, { placeLate, graceDays });
    await course.audit.note(scope, personId, 'update_settings', null, { placeLate, graceDays });
    await enqueueJoin(jobs, scope);
    seeOther(res, '/groups/updates?saved=1');
  });
  return router;
}
