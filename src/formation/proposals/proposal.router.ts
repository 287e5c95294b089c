import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Conflict } from '../../errors.ts';
import { page } from '../../web/page.ts';
import { allow, createRouter, field, type RoomRouter, seeOther, visitOf } from '../../web/routing.ts';
import { comparisonOf } from './compare.page.ts';
import { selectFormed } from './formed.ts';
import { proposalCsv } from './groups-csv.page.ts';
import { beforeCsv, beforeFile, inputCsv, inputFile } from './run-csv.page.ts';
import { proposedGroup } from './proposed-group.page.ts';
import { createProposalPages, type GroupsAsked, type ProposalPageDeps } from './proposal.page.ts';
import { CONCERNS } from './proposed-views.store.ts';

const STAFF = ['manager', 'mentor'] as const;
const ONE = '/groups/proposals/:proposalId';

/** One proposal: look at it, find somebody in it, keep it as a file, discard it. Publishing is the group room's. */
export function proposalRouter(deps: ProposalPageDeps): RoomRouter {
  const { course, proposals, records } = deps;
  const router = createRouter();
  const pages = createProposalPages(deps);

  router.get(ONE, allow(...STAFF), async (req, res) => {
    const { scope, locale } = visitOf(res);
    const proposal = await selectFormed(proposals, scope, req.params['proposalId']);
    page(res, 'formation/proposal', await pages.proposal(scope, locale, proposal, askedOf(req.query, '')));
  });
  /** A search is sent, not asked for by address: addresses are kept in histories and logs, and a name is nobody's there. */
  router.post(ONE, allow(...STAFF), async (req, res) => {
    const { scope, locale } = visitOf(res);
    const proposal = await selectFormed(proposals, scope, req.params['proposalId']);
    const asked = askedOf(req.body, field(req.body, 'q').slice(0, 60));
    page(res, 'formation/proposal', await pages.proposal(scope, locale, proposal, asked));
  });
  router.get(`${ONE}/unplaced`, allow(...STAFF), async (req, res) => {
    const { scope } = visitOf(res);
    const proposal = await selectFormed(proposals, scope, req.params['proposalId']);
    const counts = await proposals.unplacedCounts(scope, proposal);
    const of = counts.filter(({ reason }) => reason === field(req.query, 'reason'));
    const [known] = of;
    if (known === undefined) {
      seeOther(res, `/groups/proposals/${proposal.id}`);
      return;
    }
    const count = of.reduce((sum, row) => sum + row.count, 0);
    const list = await pages.unplaced(scope, proposal, known.reason, field(req.query, 'after'));
    page(res, 'formation/unplaced', { ...list, count });
  });
  router.get(`${ONE}/compare`, allow(...STAFF), async (req, res) => {
    const { scope } = visitOf(res);
    const proposal = await selectFormed(proposals, scope, req.params['proposalId']);
    const other = field(req.query, 'with').slice(0, 60);
    page(res, 'formation/compare', await comparisonOf(proposals, scope, proposal, other));
  });
  router.get(`${ONE}/groups.csv`, allow(...STAFF), async (req, res) => {
    const { scope } = visitOf(res);
    const proposal = await selectFormed(proposals, scope, req.params['proposalId']);
    res.attachment(`proposal-${proposal.number}.csv`).type('text/csv');
    await pipeline(Readable.from(proposalCsv(deps, scope, proposal)), res);
  });
  router.get(`${ONE}/groups/:ordinal`, allow(...STAFF), async (req, res) => {
    const { scope, locale } = visitOf(res);
    const proposal = await selectFormed(proposals, scope, req.params['proposalId']);
    const ordinal = Number(req.params['ordinal']);
    page(res, 'formation/proposed-group', await proposedGroup(deps, scope, locale, proposal, ordinal));
  });
  /** What a run went by, so that it can be done again: no names, but private details. Managers only, and written down. */
  router.get(`${ONE}/input.csv`, allow('manager'), async (req, res) => {
    const { scope, personId } = visitOf(res);
    const proposal = await selectFormed(proposals, scope, req.params['proposalId']);
    await course.audit.note(scope, personId, 'download_run', proposal.id);
    res.attachment(inputFile(proposal)).type('text/csv');
    await pipeline(Readable.from(inputCsv(records, scope, proposal)), res);
  });
  router.get(`${ONE}/before.csv`, allow('manager'), async (req, res) => {
    const { scope } = visitOf(res);
    const proposal = await selectFormed(proposals, scope, req.params['proposalId']);
    res.attachment(beforeFile(proposal)).type('text/csv');
    await pipeline(Readable.from(beforeCsv(records, scope, proposal)), res);
  });
  router.post(`${ONE}/discard`, allow('manager'), async (req, res) => {
    const { scope, personId } = visitOf(res);
    const { id } = await selectFormed(proposals, scope, req.params['proposalId']);
    if (await proposals.move(scope, id, ['open'], 'discarded'))
      await course.audit.note(scope, personId, 'discard_proposal', id);
    else if ((await proposals.select(scope, id)).state !== 'discarded')
      throw new Conflict('proposal_published');
    seeOther(res, `/groups?discarded=${id}`);
  });
  router.post(`${ONE}/restore`, allow('manager'), async (req, res) => {
    const { scope, personId } = visitOf(res);
    const { id } = await selectFormed(proposals, scope, req.params['proposalId']);
    if (await proposals.move(scope, id, ['discarded'], 'open'))
      await course.audit.note(scope, personId, 'restore_proposal', id);
    seeOther(res, `/groups/proposals/${id}`);
  });
  return router;
}

function askedOf(words: unknown, search: string): GroupsAsked {
  const after = Number(field(words, 'after') || -1);
  const track = field(words, 'track');
  return {
    search,
    after: Number.isSafeInteger(after) ? after : -1,
    track: track === '' ? null : track,
    concern: CONCERNS.find((known) => known === field(words, 'show')) ?? null,
  };
}
