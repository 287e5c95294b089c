import type { CourseStores } from '../../course/room.ts';
import { Conflict, NotFound } from '../../errors.ts';
import type { ProposalStore } from '../../formation/proposals/proposals.store.ts';
import type { Jobs } from '../../jobs/index.ts';
import { page } from '../../web/page.ts';
import { allow, createRouter, field, type RoomRouter, seeOther, visitOf } from '../../web/routing.ts';
import { PUBLISH } from './publish.job.ts';

export type PublishRouterDeps = {
  readonly jobs: Jobs;
  readonly course: CourseStores;
  readonly proposals: ProposalStore;
};

/** From a proposal to published groups: a second word, then the work, then the groups. */
export function publishRouter({ jobs, course, proposals }: PublishRouterDeps): RoomRouter {
  const router = createRouter();
  const openProposal = async (scope: Parameters<ProposalStore['select']>[0], id: string) => {
    const proposal = await proposals.select(scope, id);
    if (proposal.state === 'discarded' || proposal.state === 'forming')
      throw new Conflict('proposal_not_open');
    return proposal;
  };
  router.post('/groups/publish', allow('manager'), async (req, res) => {
    const proposal = await openProposal(visitOf(res).scope, field(req.body, 'proposalId'));
    seeOther(res, `/groups/publish/${proposal.id}`);
  });
  router.get('/groups/publish/:proposalId', allow('manager'), async (req, res) => {
    page(res, 'group/publish', {
      proposal: await openProposal(visitOf(res).scope, String(req.params['proposalId'])),
    });
  });
  router.post('/groups/publish/:proposalId', allow('manager'), async (req, res) => {
    const { scope, personId } = visitOf(res);
    const proposal = await openProposal(scope, String(req.params['proposalId']));
    await jobs.enqueue({
      kind: PUBLISH,
      courseId: scope.courseId,
      key: scope.courseId,
      payload: { proposalId: proposal.id, by: personId },
    });
    await course.audit.note(scope, personId, 'publish_groups', proposal.id, { groups: proposal.groups });
    seeOther(res, '/groups/publishing');
  });
  router.get('/groups/publishing', allow('manager', 'mentor'), async (_req, res) => {
    const job = await jobs.findLatest(visitOf(res).scope, PUBLISH);
    if (job === null) throw new NotFound();
    page(res, 'group/publishing', { job, ...(job.active ? { refreshSeconds: 2 } : {}) });
  });
  return router;
}
