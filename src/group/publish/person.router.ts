import { newId } from '../../database/index.ts';
import { Conflict, NotFound } from '../../errors.ts';
import type { Jobs } from '../../jobs/index.ts';
import { page } from '../../web/page.ts';
import { allow, createRouter, field, type RoomRouter, seeOther, visitOf } from '../../web/routing.ts';
import { publishRows } from './bind.job.ts';
import { type FinishDeps, finishPublish } from './finish.job.ts';
import { enqueueJoin } from './join.job.ts';
import type { Mover } from './move.job.ts';
import type { MoveStore } from './moves.store.ts';
import { OUT, type PersonPage } from './person.page.ts';

export type PersonRouterDeps = FinishDeps & {
  readonly clock: () => Date;
  readonly jobs: Jobs;
  readonly moves: MoveStore;
  readonly mover: Mover;
  readonly pages: PersonPage;
};

const DAY_MS = 24 * 3_600_000;
const ONE = '/groups/people/:personId';

/** Staff put one person into a group, move them or take them out; what it does is shown first, and may be undone. */
export function personRouter(deps: PersonRouterDeps): RoomRouter {
  const { clock, jobs, course, moves, mover, pages } = deps;
  const router = createRouter();
  router.get(ONE, allow('manager', 'mentor'), async (req, res) => {
    const { scope } = visitOf(res);
    const model = await pages.model(scope, String(req.params['personId']), field(req.query, 'to'));
    const done = field(req.query, 'done');
    page(res, 'formation/update-person', { ...model, out: OUT, done, undo: field(req.query, 'undo') });
  });
  router.post(ONE, allow('manager'), async (req, res) => {
    const { scope, personId: by } = visitOf(res);
    const personId = String(req.params['personId']);
    const { publishing } = await course.courses.select(scope);
    if (publishing !== null) await finishPublish(deps, scope, publishing, () => undefined);
    const here = await pages.here(scope, personId);
    const fromGroupId = here.membership?.groupId ?? null;
    const target = pages.targetOf(here, field(req.body, 'to'));
    if (target === undefined || !here.fellow) throw new Conflict('move_nowhere');
    // The page showed another group than they are in now: its warnings may not be true any more.
    if (field(req.body, 'from') !== (fromGroupId ?? OUT)) throw new Conflict('moved_meanwhile');
    const toGroupId = target?.id ?? null;
    const back = `/groups/people/${personId}`;
    if (toGroupId === fromGroupId) {
      seeOther(res, back);
      return;
    }
    const { guest, warnings } = pages.effects(here, target);
    const details = { from: fromGroupId, to: toGroupId, warnings: warnings.join(' ') };
    const at = clock();
    const grace = fromGroupId !== null && toGroupId !== null ? here.settings.graceDays : 0;
    const planned = await moves.announcedTo(scope, personId);
    if (planned !== null) await mover.withdraw(scope, planned.id);
    if (fromGroupId !== null && grace > 0 && field(req.body, 'now') !== 'yes') {
      const dueAt = new Date(at.getTime() + grace * DAY_MS);
      const move = { id: newId(), personId, fromGroupId, toGroupId, guest, proposalId: null, dueAt, by };
      await mover.announce(scope, [{ ...move, cause: 'staff' }]);
      await course.audit.note(scope, by, 'plan_move', personId, { ...details, dueAt: dueAt.toISOString() });
      seeOther(res, `${back}?done=planned`);
      return;
    }
    const row = { personId, fromGroupId, toGroupId, guest, cause: 'staff' as const, meets: null, at };
    const plan = { proposalId: null, publication: null, by, at };
    await publishRows(deps, scope, here.version, plan, [row], () => undefined);
    await course.audit.note(scope, by, 'move_person', personId, details);
    if (fromGroupId !== null) await enqueueJoin(jobs, scope);
    const done = toGroupId === null ? 'out' : fromGroupId === null ? 'added' : 'moved';
    seeOther(res, `${back}?done=${done}&undo=${fromGroupId ?? OUT}`);
  });
  router.post('/groups/moves/:moveId', allow('manager'), async (req, res) => {
    const { scope, personId: by } = visitOf(res);
    const id = String(req.params['moveId']);
    const move = await moves.find(scope, id);
    if (move === null) throw new NotFound();
    const keeps = field(req.body, 'decision') === 'keep';
    const changed = keeps ? await mover.keep(scope, id) : await mover.withdraw(scope, id);
    if (!changed) throw new Conflict('move_gone');
    await course.audit.note(scope, by, keeps ? 'keep_move' : 'withdraw_move', move.personId, { move: id });
    seeOther(res, '/groups/updates');
  });
  return router;
}
