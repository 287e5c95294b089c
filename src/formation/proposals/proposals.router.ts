import type { Response } from 'express';
import type { CourseStores } from '../../course/room.ts';
import { newId } from '../../database/index.ts';
import { NotFound } from '../../errors.ts';
import type { Jobs } from '../../jobs/index.ts';
import { page } from '../../web/page.ts';
import { allow, createRouter, field, type RoomRouter, seeOther, visitOf } from '../../web/routing.ts';
import { enqueuePropose, PROPOSE, type ProposePayload, type PublishedGroups } from './propose.job.ts';
import { rulesOf } from '../setup/setup.ts';
import type { SetupStore } from '../setup/setup.store.ts';
import type { Proposal, ProposalStore } from './proposals.store.ts';
import { LEAST_SIZE, MOST_SIZE, readSizes, type SizesRefusal, type TypedSizes } from './rules-form.ts';

export type ProposalDeps = {
  readonly jobs: Jobs;
  readonly course: CourseStores;
  readonly proposals: ProposalStore;
  readonly setup: SetupStore;
  readonly published: () => PublishedGroups;
};

const STAFF = ['manager', 'mentor'] as const;
const LISTED = 10;

/** The Groups tab: propose, and watch it being formed. Publishing is the group room's. */
export function proposalsRouter(deps: ProposalDeps): RoomRouter {
  const { jobs, course, proposals, setup, published } = deps;
  const router = createRouter();

  type Typed = {
    readonly sizes: TypedSizes;
    readonly anywhere: boolean;
    readonly refusal: SizesRefusal | null;
    /** Asked to propose where nobody waits. */
    readonly nobody?: boolean;
    /** What was discarded a moment ago, and may come back. */
    readonly discarded?: Proposal | null;
  };
  const groupsPage = async (res: Response, typed: Typed): Promise<void> => {
    const { scope } = visitOf(res);
    const [fellows, unknown, list, job, placed, { settings }] = await Promise.all([
      course.enrolments.count(scope, { state: 'active', role: 'fellow' }),
      course.countUnknown(scope),
      proposals.list(scope, LISTED),
      jobs.findLatest(scope, PROPOSE),
      published().count(scope),
      course.courses.select(scope),
    ]);
    const limits = { least: LEAST_SIZE, most: MOST_SIZE };
    const waiting = Math.max(0, fellows - placed);
    const { oneTrack } = settings;
    const known = { fellows, unknown, oneTrack, placed, waiting, proposals: list, job, ...limits };
    page(res, 'formation/groups', { nobody: false, discarded: null, ...known, ...typed });
  };
  router.get('/groups', allow(...STAFF), async (req, res) => {
    const { scope } = visitOf(res);
    const id = field(req.query, 'discarded');
    const gone = id === '' ? null : await proposals.find(scope, id);
    const discarded = gone?.state === 'discarded' ? gone : null;
    const { min, ideal, max, anywhere } = await setup.find(scope);
    const sizes = { min: String(min), ideal: String(ideal), max: String(max) };
    await groupsPage(res, { sizes, anywhere, refusal: null, discarded });
  });

  router.post('/groups/propose', allow('manager'), async (req, res) => {
    const { scope, personId } = visitOf(res);
    const sizes = {
      min: field(req.body, 'min').slice(0, 10),
      ideal: field(req.body, 'ideal').slice(0, 10),
      max: field(req.body, 'max').slice(0, 10),
    };
    const anywhere = field(req.body, 'anywhere') === 'yes';
    const known = await setup.find(scope);
    const read = readSizes(sizes, known);
    if ('reason' in read) {
      res.status(422);
      await groupsPage(res, { sizes, anywhere, refusal: read });
      return;
    }
    const rules = rulesOf(known, read);
    const [fellows, placed] = await Promise.all([
      course.enrolments.count(scope, { state: 'active', role: 'fellow' }),
      published().count(scope),
    ]);
    if (fellows <= placed) {
      res.status(422);
      await groupsPage(res, { sizes, anywhere, refusal: null, nobody: true });
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
    const { proposalId, rules, update = false } = job.payload as ProposePayload;
    // Where script polls, the answer is a piece of the page, which then fetches the proposal in its place.
    const polled = req.get('hx-request') === 'true' && req.get('hx-boosted') !== 'true';
    if (job.state === 'done' && !polled) {
      seeOther(res, `/groups/${update ? 'updates' : 'proposals'}/${proposalId}`);
      return;
    }
    const joined = field(req.query, 'joined') === '1';
    const refresh = job.active ? { refreshSeconds: 2 } : {};
    page(res, 'formation/proposing', { job, proposalId, rules, joined, polled, ...refresh });
  });

  return router;
}
