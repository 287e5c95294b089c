import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import type { CourseStores } from '../../course/room.ts';
import { newId } from '../../database/index.ts';
import { Conflict, NotFound } from '../../errors.ts';
import type { Jobs } from '../../jobs/index.ts';
import type { CourseScope } from '../../scope.ts';
import { page } from '../../web/page.ts';
import { allow, createRouter, field, type RoomRouter, seeOther, visitOf } from '../../web/routing.ts';
import { proposalCsv } from './groups-csv.page.ts';
import { createProposalPages } from './proposal.page.ts';
import { enqueuePropose, PROPOSE, type ProposePayload, type PublishedGroups } from './propose.job.ts';
import type { Proposal, ProposalStore } from './proposals.store.ts';
import {
  LEAST_SIZE,
  MOST_SIZE,
  readSizes,
  type SizesRefusal,
  TYPED_DEFAULTS,
  type TypedSizes,
} from './rules-form.ts';

export type ProposalDeps = {
  readonly jobs: Jobs;
  readonly course: CourseStores;
  readonly proposals: ProposalStore;
  readonly published: () => PublishedGroups;
};

const STAFF = ['manager', 'mentor'] as const;
const ONE = '/groups/proposals/:proposalId';
const LISTED = 10;

/** The Groups tab: propose, watch it being formed, look at what came out. Publishing is the group room's. */
export function proposalsRouter(deps: ProposalDeps): RoomRouter {
  const { jobs, course, proposals, published } = deps;
  const router = createRouter();
  const pages = createProposalPages(deps);

  type Typed = {
    readonly sizes: TypedSizes;
    readonly anywhere: boolean;
    readonly refusal: SizesRefusal | null;
  };
  const groupsPage = async (res: Response, typed: Typed): Promise<void> => {
    const { scope } = visitOf(res);
    const [fellows, unknown, list, job, placed] = await Promise.all([
      course.enrolments.count(scope, { state: 'active', role: 'fellow' }),
      course.countUnknown(scope),
      proposals.list(scope, LISTED),
      jobs.findLatest(scope, PROPOSE),
      published().count(scope),
    ]);
    const limits = { least: LEAST_SIZE, most: MOST_SIZE };
    page(res, 'formation/groups', { fellows, unknown, placed, proposals: list, job, ...limits, ...typed });
  };
  router.get('/groups', allow(...STAFF), async (_req, res) => {
    await groupsPage(res, { sizes: TYPED_DEFAULTS, anywhere: false, refusal: null });
  });

  router.post('/groups/propose', allow('manager'), async (req, res) => {
    const { scope, personId } = visitOf(res);
    const sizes = {
      min: field(req.body, 'min').slice(0, 10),
      ideal: field(req.body, 'ideal').slice(0, 10),
      max: field(req.body, 'max').slice(0, 10),
    };
    const anywhere = field(req.body, 'anywhere') === 'yes';
    const rules = readSizes(sizes);
    if ('reason' in rules) {
      res.status(422);
      await groupsPage(res, { sizes, anywhere, refusal: rules });
      return;
    }
    const payload = { proposalId: newId(), rules, anywhere, by: personId };
    const { created } = await enqueuePropose(jobs, scope, payload);
    if (created) {
      const { min, ideal, max } = rules;
      const details = { min, ideal, max, anywhere };
      await course.audit.note(scope, personId, 'propose_groups', payload.proposalId, details);
    }
    seeOther(res, created ? '/groups/proposing' : '/groups/proposing?joined=1');
  });

  router.get('/groups/proposing', allow(...STAFF), async (req, res) => {
    const job = await jobs.findLatest(visitOf(res).scope, PROPOSE);
    if (job === null) throw new NotFound();
    const { proposalId, rules } = job.payload as ProposePayload;
    if (job.state === 'done' && req.get('hx-request') !== 'true') {
      seeOther(res, `/groups/proposals/${proposalId}`);
      return;
    }
    const joined = field(req.query, 'joined') === '1';
    const refresh = job.active ? { refreshSeconds: 2 } : {};
    page(res, 'formation/proposing', { job, proposalId, rules, joined, ...refresh });
  });

  /** A proposal that can be looked at. @throws NotFound also while it is being formed */
  const selectFormed = async (scope: CourseScope, id: unknown): Promise<Proposal> => {
    const proposal = await proposals.select(scope, String(id));
    if (proposal.state === 'forming') throw new NotFound();
    return proposal;
  };
  router.get(ONE, allow(...STAFF), async (req, res) => {
    const { scope, locale } = visitOf(res);
    const proposal = await selectFormed(scope, req.params['proposalId']);
    const after = Number(field(req.query, 'after') || -1);
    const asked = {
      search: field(req.query, 'q').slice(0, 60),
      after: Number.isSafeInteger(after) ? after : -1,
    };
    page(res, 'formation/proposal', await pages.proposal(scope, locale, proposal, asked));
  });
  router.get(`${ONE}/unplaced`, allow(...STAFF), async (req, res) => {
    const { scope } = visitOf(res);
    const proposal = await selectFormed(scope, req.params['proposalId']);
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
  router.get(`${ONE}/groups.csv`, allow(...STAFF), async (req, res) => {
    const { scope } = visitOf(res);
    const proposal = await selectFormed(scope, req.params['proposalId']);
    res.attachment(`proposal-${proposal.number}.csv`).type('text/csv');
    await pipeline(Readable.from(proposalCsv(deps, scope, proposal)), res);
  });
  router.post(`${ONE}/discard`, allow('manager'), async (req, res) => {
    const { scope, personId } = visitOf(res);
    const { id } = await selectFormed(scope, req.params['proposalId']);
    if (await proposals.move(scope, id, ['open'], 'discarded'))
      await course.audit.note(scope, personId, 'discard_proposal', id);
    else if ((await proposals.select(scope, id)).state !== 'discarded')
      throw new Conflict('proposal_published');
    seeOther(res, '/groups');
  });
  return router;
}
