import type { CourseStores } from '../../course/room.ts';
import { Conflict, NotFound } from '../../errors.ts';
import type { Proposal, ProposalStore } from '../../formation/proposals/proposals.store.ts';
import type { Jobs } from '../../jobs/index.ts';
import type { CourseScope } from '../../scope.ts';
import { page } from '../../web/page.ts';
import { allow, createRouter, field, type RoomRouter, seeOther, visitOf } from '../../web/routing.ts';
import type { GroupStore } from '../groups/groups.store.ts';
import { STEPS } from './finish.job.ts';
import { enqueuePublish, isIdle, PUBLISH, type Publisher, type PublishPayload } from './publish.job.ts';
import { leftOutByName, toldBy } from './publish.page.ts';

export type PublishRouterDeps = {
  readonly clock: () => Date;
  readonly jobs: Jobs;
  readonly groups: GroupStore;
  readonly course: CourseStores;
  readonly proposals: ProposalStore;
  readonly publisher: Publisher;
};

/** From a proposal to published groups: a second word, then the work, then the groups. */
export function publishRouter({
  clock,
  jobs,
  course,
  proposals,
  groups,
  publisher,
}: PublishRouterDeps): RoomRouter {
  const router = createRouter();
  /** @throws Conflict where there is nothing to publish, with words */
  const selectWhole = async (scope: CourseScope, id: string): Promise<Proposal> => {
    const proposal = await proposals.select(scope, id);
    if (proposal.state === 'discarded' || proposal.state === 'forming')
      throw new Conflict('proposal_not_open');
    return proposal;
  };
  router.post('/groups/publish', allow('manager'), async (req, res) => {
    const { id } = await selectWhole(visitOf(res).scope, field(req.body, 'proposalId'));
    seeOther(res, `/groups/publish/${id}`);
  });
  router.get('/groups/publish/:proposalId', allow('manager'), async (req, res) => {
    const { scope } = visitOf(res);
    const proposal = await selectWhole(scope, String(req.params['proposalId']));
    if (proposal.state === 'published') {
      page(res, 'group/publish', { proposal, draft: null, leftOut: [], told: [], graceDays: 0 });
      return;
    }
    const draft = await publisher.preview(scope, proposal);
    const { publication, small, noLead, fewTimes } = draft;
    const [leftOut, told] = await Promise.all([
      leftOutByName(course, scope, publication),
      toldBy({ course, groups, clock }, scope, draft),
    ]);
    const { graceDays } = (await course.courses.select(scope)).settings;
    const shown = { ...publication, small, noLead, fewTimes, idle: isIdle(publication) };
    page(res, 'group/publish', { proposal, draft: shown, leftOut, told, graceDays });
  });
  router.post('/groups/publish/:proposalId', allow('manager'), async (req, res) => {
    const { scope, personId } = visitOf(res);
    const { id, state, groups, edits } = await selectWhole(scope, String(req.params['proposalId']));
    if (state === 'published') {
      seeOther(res, `/groups/publish/${id}`);
      return;
    }
    // What the page said is of other groups than there would be now.
    if (Number(field(req.body, 'edits')) !== edits) throw new Conflict('publish_edited');
    const payload = { proposalId: id, by: personId, edits };
    const { created, proposalId } = await enqueuePublish(jobs, scope, payload);
    if (created) await course.audit.note(scope, personId, 'publish_groups', id, { groups });
    else if (proposalId !== id) throw new Conflict('publish_other');
    seeOther(res, '/groups/publishing');
  });
  router.get('/groups/publishing', allow('manager', 'mentor'), async (_req, res) => {
    const { scope } = visitOf(res);
    const job = await jobs.findLatest(scope, PUBLISH);
    if (job === null) throw new NotFound();
    const { proposalId } = job.payload as PublishPayload;
    const { publication, update } = await proposals.select(scope, proposalId);
    const leftOut = publication === null ? [] : await leftOutByName(course, scope, publication);
    page(res, 'group/publishing', {
      job,
      publication,
      isUpdate: update != null,
      leftOut,
      steps: STEPS.length,
      ...(job.active ? { refreshSeconds: 2 } : {}),
    });
  });
  return router;
}
