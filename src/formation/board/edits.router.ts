import type { Response } from 'express';
import { Conflict, NotFound } from '../../errors.ts';
import type { Jobs } from '../../jobs/index.ts';
import type { CourseScope } from '../../scope.ts';
import { page } from '../../web/page.ts';
import { allow, createRouter, field, type RoomRouter, seeOther, visitOf } from '../../web/routing.ts';
import { selectFormed } from '../proposals/formed.ts';
import type { Proposal } from '../proposals/proposals.store.ts';
import { backTo, BOARD, checkBoard, numberOf } from './asked.page.ts';
import { type BoardPageDeps, type BoardPages, groupsShown, termsShown } from './board.page.ts';
import { changedBy } from './edit.ts';
import type { Editor, Outcome, Wish } from './editor.store.ts';
import { enqueueImprove } from './improve.job.ts';

export type EditsRouterDeps = BoardPageDeps & {
  readonly jobs: Jobs;
  readonly editor: Editor;
  readonly pages: BoardPages;
};

/** What is done on the board: move, swap, lock, undo, do again, improve the rest. */
export function editsRouter({ jobs, course, proposals, edits, editor, pages }: EditsRouterDeps): RoomRouter {
  const router = createRouter();
  const selectOpen = async (scope: CourseScope, id: unknown): Promise<Proposal> => {
    const proposal = await selectFormed(proposals, scope, id);
    checkBoard(proposal);
    return proposal;
  };
  /** Back to the board where it was left, or to what has to be decided first. */
  const answer = async (
    res: Response,
    id: string,
    outcome: Outcome,
    wish: Wish,
    back: string,
  ): Promise<void> => {
    const { scope } = visitOf(res);
    const to = `/groups/proposals/${id}/board`;
    if (outcome.what === 'done') {
      seeOther(res, `${to}?${backTo(back, { did: String(outcome.seq) })}#said`);
    } else if (outcome.what === 'same') {
      seeOther(res, `${to}?${backTo(back)}`);
    } else if (outcome.what === 'locked') {
      throw new Conflict(outcome.personId === null ? 'board_group_locked' : 'board_person_locked');
    } else {
      const proposal = await proposals.select(scope, id);
      const names = await pages.namesOf(
        scope,
        outcome.steps.map(({ personId }) => personId),
      );
      const since = outcome.what === 'changed' ? await pages.told(scope, proposal, outcome.edits) : [];
      const groups = new Map(outcome.effects.map(({ ordinal, name }) => [ordinal, name]));
      const steps = outcome.steps.map(({ personId, from, to: target }) => ({
        who: names.get(personId) ?? '–',
        from: from === null ? null : (groups.get(from) ?? '–'),
        to: target === null ? null : (groups.get(target) ?? '–'),
      }));
      res.status(409);
      const shown = { groups: groupsShown({ effects: [...outcome.effects] }), terms: termsShown(outcome) };
      page(res, 'formation/board-confirm', {
        proposal,
        outcome,
        since,
        steps,
        shown,
        wish,
        back: backTo(back),
      });
    }
  };
  const askingOf = (res: Response, body: unknown) => ({
    by: visitOf(res).personId,
    seen: numberOf(body, 'seen') ?? 0,
    confirmed: field(body, 'confirmed') === 'yes',
  });

  router.post(`${BOARD}/move`, allow('manager'), async (req, res) => {
    const { scope } = visitOf(res);
    const { id } = await selectOpen(scope, req.params['proposalId']);
    const to = field(req.body, 'to') === 'out' ? null : numberOf(req.body, 'to');
    if (to === undefined) throw new NotFound();
    const wish = [{ personId: field(req.body, 'person'), to }];
    await answer(
      res,
      id,
      await editor.move(scope, id, askingOf(res, req.body), wish),
      wish,
      field(req.body, 'back'),
    );
  });
  router.post(`${BOARD}/swap`, allow('manager'), async (req, res) => {
    const { scope } = visitOf(res);
    const proposal = await selectOpen(scope, req.params['proposalId']);
    const people = [field(req.body, 'person'), field(req.body, 'with')] as const;
    const [one, other] = await Promise.all(people.map((id) => proposals.groupWith(scope, proposal, id)));
    if (one == null || other == null) throw new NotFound();
    const wish = [
      { personId: people[0], to: other.ordinal },
      { personId: people[1], to: one.ordinal },
    ];
    const outcome = await editor.move(scope, proposal.id, askingOf(res, req.body), wish);
    await answer(res, proposal.id, outcome, wish, field(req.body, 'back'));
  });
  router.post(`${BOARD}/lock`, allow('manager'), async (req, res) => {
    const { scope, personId } = visitOf(res);
    const { id } = await selectOpen(scope, req.params['proposalId']);
    const [kind, on, what = ''] = field(req.body, 'what').split(' ');
    const lock =
      kind === 'group' ? { personId: null, ordinal: Number(what) } : { personId: what, ordinal: null };
    await knownOrThrow(scope, id, lock);
    const outcome = await editor.lock(scope, id, personId, lock, on === 'on');
    await answer(res, id, outcome, [], field(req.body, 'back'));
  });
  for (const kind of ['undo', 'redo'] as const)
    router.post(`${BOARD}/${kind}`, allow('manager'), async (req, res) => {
      const { scope, personId } = visitOf(res);
      const { id } = await selectOpen(scope, req.params['proposalId']);
      const outcome = await editor.turn(scope, id, personId, numberOf(req.body, 'of') ?? 0, kind);
      await answer(res, id, outcome, [], field(req.body, 'back'));
    });
  router.post(`${BOARD}/improve`, allow('manager'), async (req, res) => {
    const { scope, personId: by } = visitOf(res);
    const proposal = await selectOpen(scope, req.params['proposalId']);
    const seen = numberOf(req.body, 'seen') ?? 0;
    if (seen !== proposal.edits) {
      const since = await edits.between(scope, proposal.id, seen, proposal.edits);
      await answer(res, proposal.id, changedBy(proposal, since), [], field(req.body, 'back'));
      return;
    }
    const { created } = await enqueueImprove(jobs, scope, { proposalId: proposal.id, seen, by });
    if (created) await course.audit.note(scope, by, 'improve_groups', proposal.id, { seen });
    seeOther(res, `/groups/proposals/${proposal.id}/board/improving`);
  });
  /** @throws NotFound where the person or group is not in the proposal */
  const knownOrThrow = async (
    scope: CourseScope,
    id: string,
    { personId, ordinal }: { personId: string | null; ordinal: number | null },
  ): Promise<void> => {
    const proposal = await proposals.select(scope, id);
    const known =
      ordinal === null
        ? await proposals.groupWith(scope, proposal, personId ?? '')
        : Number.isSafeInteger(ordinal) && (await proposals.findGroup(scope, proposal, ordinal));
    if (known === null || known === false) throw new NotFound();
  };
  return router;
}
