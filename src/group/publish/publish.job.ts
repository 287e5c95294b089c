import { Conflict } from '../../errors.ts';
import type { Proposal, Publication } from '../../formation/proposals/proposals.store.ts';
import type { Jobs, Work } from '../../jobs/index.ts';
import type { CourseScope } from '../../scope.ts';
import type { Publishing } from '../../course/courses/courses.store.ts';
import { publishRows } from './bind.job.ts';
import { type Draft, draftPublish } from './draft.job.ts';
import { enqueueJoin } from './join.job.ts';
import type { Mover } from './move.job.ts';
import { type Checkpoint, type FinishDeps, finishPublish, STEPS } from './finish.job.ts';

export type PublishPayload = {
  readonly proposalId: string;
  readonly by: string;
  /** As of which edit by hand the groups were looked at that are to be published; any where it is not said. */
  readonly edits?: number;
};
export type PublishDeps = FinishDeps & {
  readonly clock: () => Date;
  readonly mover: Mover;
  readonly checkpoint?: Checkpoint;
};

const DAY_MS = 24 * 3_600_000;
export const PUBLISH = 'publish';
/** One publish of a course at a time. */
const KEY = 'publish';

/**
 * Publishing without transactions: an immutable plan, bound to the course in one atomic step, then only rolled
 * forward, by any worker; readers see the new groups when the version flips (docs/decisions/0004-publishing.md).
 */
export function createPublisher(deps: PublishDeps) {
  const { clock, course, proposals, checkpoint: always = () => undefined } = deps;

  const finish = (scope: CourseScope, publishing: Publishing, checkpoint: Checkpoint = always) =>
    finishPublish(deps, scope, publishing, checkpoint);

  /** Who would be placed, and who left out, if this proposal were published now. */
  async function preview(scope: CourseScope, proposal: Proposal): Promise<Draft> {
    const { groupsVersion } = await course.courses.select(scope);
    return draftPublish(deps, scope, proposal, groupsVersion, clock());
  }

  /**
   * Publishes a proposal; a publish of somebody else's that stands in the way is finished first. May run twice.
   * @throws Conflict where the proposal was discarded, edited since it was looked at, or nobody in it can be placed any more; Unavailable (to be tried
   * again) where another publish was quicker
   */
  async function publish(
    scope: CourseScope,
    { proposalId, by, edits }: PublishPayload,
    checkpoint: Checkpoint = always,
  ): Promise<Publication> {
    const { publishing: inTheWay } = await course.courses.select(scope);
    if (inTheWay !== null) await finish(scope, inTheWay, checkpoint);
    const { publication: done, state } = await proposals.select(scope, proposalId);
    // Before, by a worker whose answer was lost.
    if (done !== null) return done;
    if (!(await proposals.move(scope, proposalId, ['open', 'publishing'], 'publishing', edits)))
      throw new Conflict(state === 'open' ? 'publish_edited' : 'proposal_not_open');
    // Only now, when nobody can move people in it any more.
    const proposal = await proposals.select(scope, proposalId);
    const { groupsVersion: version } = await course.courses.select(scope);
    const at = clock();
    const draft = await draftPublish(deps, scope, proposal, version, at);
    const { rows, publication } = draft;
    // Nobody to place may still leave memberships to end.
    if (isIdle(publication)) {
      await proposals.move(scope, proposalId, ['publishing'], 'open');
      throw new Conflict('publish_nobody');
    }
    await announceMoves(deps, scope, draft, { proposalId, by, at });
    await publishRows(deps, scope, version, { proposalId, by, at, publication }, rows, checkpoint);
    return publication;
  }
  return { publish, finish, preview };
}
export type Publisher = ReturnType<typeof createPublisher>;

/** Nobody joins, moves or leaves. */
export function isIdle({ people, ended, moves = 0 }: Publication): boolean {
  return people === 0 && ended === 0 && moves === 0;
}

/** Told before the publish is bound, under ids that a second attempt meets again. */
async function announceMoves(
  { course, mover }: PublishDeps,
  scope: CourseScope,
  { moves, fresh }: Draft,
  { proposalId, by, at }: PublishPayload & { readonly at: Date },
): Promise<void> {
  if (moves.length === 0) return;
  const { graceDays } = (await course.courses.select(scope)).settings;
  const dueAt = new Date(at.getTime() + graceDays * DAY_MS);
  const planned = moves.flatMap(({ personId, fromGroupId, toGroupId, guest }) =>
    fromGroupId === null
      ? []
      : [
          {
            ...{ id: `${proposalId}.${personId}`, personId, fromGroupId, toGroupId, guest },
            ...{
              toName: fresh.get(toGroupId ?? '')?.name ?? null,
              toPlace: fresh.get(toGroupId ?? '')?.place ?? null,
            },
            ...{ cause: 'update' as const, confirmedSize: null, proposalId, dueAt, by },
          },
        ],
  );
  await mover.announce(scope, planned);
}

/** Begins to publish; where a publish of the course is under way already, answers that one's proposal. */
export async function enqueuePublish(
  jobs: Jobs,
  scope: CourseScope,
  payload: PublishPayload,
): Promise<{ created: boolean; proposalId: string | null }> {
  const { courseId } = scope;
  const { jobId, created } = await jobs.enqueue({ kind: PUBLISH, courseId, key: KEY, payload });
  const job = created ? null : await jobs.find(scope, jobId);
  return { created, proposalId: created ? payload.proposalId : proposalOf(job?.payload) };
}

function proposalOf(payload: unknown): string | null {
  return (payload as PublishPayload | undefined)?.proposalId ?? null;
}

export function definePublish(jobs: Jobs, publisher: Publisher): void {
  jobs.define<PublishPayload>(PUBLISH, {
    attempts: 10,
    run: async ({ scope, payload, signal, progress }: Work<PublishPayload>) => {
      const publication = await publisher.publish(scope, payload, async (step) => {
        signal.throwIfAborted();
        await progress(STEPS.indexOf(step) + 1, STEPS.length, step);
      });
      // Whoever is in no group yet is seated, or it is noted why they wait.
      await enqueueJoin(jobs, scope);
      return publication;
    },
  });
}
