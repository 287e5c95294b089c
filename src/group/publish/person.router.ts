import { BadRequest, Conflict, NotFound } from '../../errors.ts';
import { page } from '../../web/page.ts';
import { allow, createRouter, field, type RoomRouter, seeOther, visitOf } from '../../web/routing.ts';
import { createHand, type HandDeps } from './by-hand.job.ts';
import { finishPublish } from './finish.job.ts';
import { OUT, type PersonPage } from './person.page.ts';

export type PersonRouterDeps = HandDeps & { readonly pages: PersonPage };

const ONE = '/groups/people/:personId';
const DONE = ['planned', 'moved', 'added', 'out'];
/** What an undo says of the office that had ended with the move. */
const OFFICE = /^(lead|deputy)_(back|taken)$/;

/** Staff put one person into a group, move them or take them out; what it does is shown first, and may be undone. */
export function personRouter(deps: PersonRouterDeps): RoomRouter {
  const { clock, course, moves, mover, pages } = deps;
  const hand = createHand(deps);
  const router = createRouter();
  router.get(ONE, allow('manager', 'mentor'), async (req, res) => {
    const { scope } = visitOf(res);
    const model = await pages.model(scope, String(req.params['personId']), field(req.query, 'to'));
    const code = field(req.query, 'done');
    const done = DONE.includes(code) && (code !== 'planned' || model.planned !== null) ? code : '';
    const office = OFFICE.exec(field(req.query, 'office'));
    page(res, 'formation/update-person', {
      ...{ ...model, out: OUT, done, undo: field(req.query, 'undo'), again: field(req.query, 'again') },
      officeDone: office === null ? null : { office: office[1], is: office[2] },
    });
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
    const change = { personId, fromGroupId, target, guest, warnings, by, at: clock() };
    const grace = target === null ? 0 : here.settings.graceDays;
    if (fromGroupId !== null && grace > 0 && field(req.body, 'now') !== 'yes') {
      await hand.plan(scope, { ...change, fromGroupId }, here.planned, grace);
      seeOther(res, back, { code: 'planned' });
      return;
    }
    await hand.move(scope, change, here.planned, here.version);
    const code = toGroupId === null ? 'out' : fromGroupId === null ? 'added' : 'moved';
    const undoes = field(req.body, 'undo') === 'yes';
    const office = undoes && toGroupId !== null ? await hand.giveBack(scope, personId, toGroupId, by) : null;
    const said = office === null ? '' : `&office=${office}`;
    seeOther(res, `${back}?${undoes ? 'again' : 'undo'}=${fromGroupId ?? OUT}${said}`, { code });
  });
  router.post('/groups/moves/:moveId', allow('manager'), async (req, res) => {
    const { scope, personId: by } = visitOf(res);
    const id = String(req.params['moveId']);
    const move = await moves.find(scope, id);
    if (move === null) throw new NotFound();
    const decision = field(req.body, 'decision');
    if (decision !== 'keep' && decision !== 'withdraw') throw new BadRequest('move_undecided');
    const keeps = decision === 'keep';
    const changed = keeps ? await mover.keep(scope, id) : await mover.withdraw(scope, id);
    if (!changed) throw new Conflict('move_gone');
    await course.audit.note(scope, by, keeps ? 'keep_move' : 'withdraw_move', move.personId, { move: id });
    seeOther(res, '/groups/updates', { code: keeps ? 'move_kept' : 'move_withdrawn' });
  });
  return router;
}
