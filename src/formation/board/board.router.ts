import type { Response } from 'express';
import type { Jobs } from '../../jobs/index.ts';
import { page } from '../../web/page.ts';
import { allow, createRouter, field, type RoomRouter, seeOther, visitOf } from '../../web/routing.ts';
import { selectFormed } from '../proposals/formed.ts';
import type { Proposal } from '../proposals/proposals.store.ts';
import { askedOf, backTo, BOARD, checkBoard, hasBoard, numberOf } from './asked.page.ts';
import type { BoardPageDeps, BoardPages } from './board.page.ts';
import { IMPROVE, type ImprovePayload } from './improve.job.ts';
import { createMovePages } from './move.page.ts';
import type { Tables } from './tables.store.ts';

export type BoardRouterDeps = BoardPageDeps & {
  readonly jobs: Jobs;
  readonly tables: Tables;
  readonly pages: BoardPages;
};

/** The board as it is looked at: groups and people, where somebody can go, what others did meanwhile. */
export function boardRouter(deps: BoardRouterDeps): RoomRouter {
  const { jobs, proposals, edits, pages } = deps;
  const router = createRouter();
  const movePages = createMovePages(deps);
  const showBoard = async (res: Response, proposal: Proposal, words: unknown, search: string) => {
    const model = await pages.board(
      visitOf(res).scope,
      proposal,
      askedOf(words, search),
      numberOf(words, 'did') ?? 0,
    );
    page(res, 'formation/board', { ...model, script: 'board.js' });
  };
  router.get(BOARD, allow('manager'), async (req, res) => {
    const proposal = await selectFormed(proposals, visitOf(res).scope, req.params['proposalId']);
    if (!hasBoard(proposal)) {
      seeOther(res, `/groups/proposals/${proposal.id}`);
      return;
    }
    await showBoard(res, proposal, req.query, '');
  });
  /** A search is sent, so that no name stands in an address. */
  router.post(BOARD, allow('manager'), async (req, res) => {
    const proposal = await selectFormed(proposals, visitOf(res).scope, req.params['proposalId']);
    checkBoard(proposal);
    await showBoard(res, proposal, req.body, field(req.body, 'q').slice(0, 60));
  });
  router.get(`${BOARD}/news`, allow('manager'), async (req, res) => {
    const { scope, personId } = visitOf(res);
    const proposal = await selectFormed(proposals, scope, req.params['proposalId']);
    if (req.get('hx-request') !== 'true') {
      seeOther(res, `/groups/proposals/${proposal.id}/board`);
      return;
    }
    const seen = numberOf(req.query, 'seen') ?? 0;
    const since = await edits.between(scope, proposal.id, seen, proposal.edits);
    const told = await pages.told(scope, proposal, since.filter(({ by }) => by !== personId).slice(-5));
    page(res, 'formation/board-news', { proposal, seen, news: told, count: since.length });
  });
  router.get(`${BOARD}/people/:personId`, allow('manager'), async (req, res) => {
    const { scope } = visitOf(res);
    const proposal = await selectFormed(proposals, scope, req.params['proposalId']);
    if (!hasBoard(proposal)) {
      seeOther(res, `/groups/proposals/${proposal.id}`);
      return;
    }
    const search = field(req.query, 'q').slice(0, 60);
    const model = await movePages.move(scope, proposal, String(req.params['personId']), search);
    const back = backTo(field(req.query, 'back'));
    page(res, 'formation/board-move', { ...model, back, script: 'board.js' });
  });
  router.get(`${BOARD}/improving`, allow('manager'), async (req, res) => {
    const { scope } = visitOf(res);
    const proposal = await selectFormed(proposals, scope, req.params['proposalId']);
    const job = await jobs.findLatest(scope, IMPROVE);
    const payload = job?.payload as ImprovePayload | undefined;
    if (job === null || payload?.proposalId !== proposal.id) {
      seeOther(res, `/groups/proposals/${proposal.id}/board`);
      return;
    }
    const refresh = job.active ? { refreshSeconds: 2 } : {};
    const did = job.state === 'done' && proposal.edits > payload.seen ? payload.seen + 1 : 0;
    page(res, 'formation/board-improving', { proposal, job, did, ...refresh });
  });
  return router;
}
