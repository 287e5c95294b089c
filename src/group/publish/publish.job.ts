import { fold } from '../../course/fold.ts';
import type { CourseStores } from '../../course/room.ts';
import type { Publishing } from '../../course/courses/courses.store.ts';
import { Unavailable } from '../../errors.ts';
import type { ProposalStore, ProposedGroup } from '../../formation/proposals/proposals.store.ts';
import type { Jobs, Work } from '../../jobs/index.ts';
import type { CourseScope } from '../../scope.ts';
import type { Group, GroupStore } from '../groups/groups.store.ts';
import { checksumOf, type PlanRow, type PlanStore } from './plans.store.ts';

export type PublishPayload = { readonly proposalId: string; readonly by: string };
export type PublishResult = { readonly groups: number; readonly people: number; readonly dropped: number };
export type PublishDeps = {
  readonly jobs: Jobs;
  readonly clock: () => Date;
  readonly course: CourseStores;
  readonly proposals: ProposalStore;
  readonly groups: GroupStore;
  readonly plans: PlanStore;
  /** Called between any two writes; tests let it throw, as a crash would. */
  readonly checkpoint?: (step: string) => Promise<void> | void;
};

export const PUBLISH = 'publish';
const PAGE = 500;

/**
 * Publishing without transactions: an immutable plan, bound to the course in one atomic step, then only rolled
 * forward, by any worker; readers see the new groups when the version flips (docs/decisions/0004-publishing.md).
 */
export function createPublisher(deps: PublishDeps) {
  const { clock, course, proposals, groups, plans, checkpoint = () => undefined } = deps;

  /** Steps 3 to 6 of the publish that is bound. Every write may come twice or late: then it matches nothing. */
  async function finish(scope: CourseScope, publishing: Publishing): Promise<void> {
    const plan = await plans.find(scope, publishing.publishId);
    if (plan === null) throw new Error('a bound publish has no plan');
    const rows = await plans.rows(plan.id);
    if (rows.length !== publishing.count || checksumOf(rows) !== publishing.checksum)
      throw new Error('a bound plan is not whole');
    const { version } = publishing;
    const { settings } = await course.courses.select(scope);
    const needed = new Set(rows.map(({ toGroupId }) => toGroupId));
    for await (const page of pagesOf(scope, plan.proposalId)) {
      const made = page
        .filter(({ id }) => needed.has(id))
        .map((group) => groupOf(scope, group, version, settings.timeZone, plan.at));
      await groups.insertGroups(scope, made);
      await checkpoint('groups');
    }
    const moved = rows.flatMap(({ personId, fromGroupId }) =>
      fromGroupId === null ? [] : [{ personId, groupId: fromGroupId, until: plan.at }],
    );
    await groups.closeMemberships(scope, version, moved);
    await checkpoint('closed');
    const opened = rows.flatMap(({ personId, toGroupId }) =>
      toGroupId === null ? [] : [{ personId, groupId: toGroupId, from: plan.at }],
    );
    await groups.openMemberships(scope, version, opened);
    await checkpoint('opened');
    if ((await groups.countOpened(scope, version)) !== opened.length)
      throw new Error('a publish did not open what was planned');
    if (!(await course.courses.flipVersion(scope, publishing)))
      throw new Error('a publish could not be flipped');
    await checkpoint('flipped');
    await proposals.markPublished(scope, plan.proposalId);
  }

  /** Publishes a proposal; a publish of somebody else's that stands in the way is finished first. */
  async function publish(scope: CourseScope, { proposalId, by }: PublishPayload): Promise<PublishResult> {
    const here = await course.courses.select(scope);
    if (here.publishing !== null) await finish(scope, here.publishing);
    const version = (await course.courses.select(scope)).groupsVersion;
    const { rows, dropped } = await rowsOf(scope, proposalId, version);
    const summary = {
      groups: new Set(rows.map(({ toGroupId }) => toGroupId)).size,
      people: rows.length,
      dropped,
    };
    if (rows.length === 0) {
      // Done before, by a worker whose answer was lost; or there is nobody left to place.
      await proposals.markPublished(scope, proposalId);
      return summary;
    }
    const plan = await plans.freeze(scope, { proposalId, by, at: clock(), dropped }, rows);
    await checkpoint('frozen');
    const publishing = {
      publishId: plan.id,
      version: version + 1,
      count: plan.count,
      checksum: plan.checksum,
    };
    if (!(await course.courses.bindPublish(scope, version, publishing)))
      throw new Unavailable('publish_busy');
    await checkpoint('bound');
    await finish(scope, publishing);
    return summary;
  }

  /** Who may still be placed as proposed: in the course, and in no group meanwhile. */
  async function rowsOf(
    scope: CourseScope,
    proposalId: string,
    version: number,
  ): Promise<{ rows: PlanRow[]; dropped: number }> {
    const placed = await groups.placedPersonIds(scope, version);
    const rows: PlanRow[] = [];
    let dropped = 0;
    for await (const page of pagesOf(scope, proposalId)) {
      const people = await course.enrolments.findMany(
        scope,
        page.flatMap(({ memberIds }) => memberIds),
      );
      const fellows = new Set(
        people
          .filter(({ state, role }) => state === 'active' && role === 'fellow')
          .map(({ personId }) => personId),
      );
      for (const { id, memberIds } of page) {
        const staying = memberIds.filter((personId) => fellows.has(personId) && !placed.has(personId));
        dropped += memberIds.length - staying.length;
        rows.push(...staying.map((personId) => ({ personId, fromGroupId: null, toGroupId: id })));
      }
    }
    return { rows, dropped };
  }

  async function* pagesOf(scope: CourseScope, proposalId: string): AsyncGenerator<readonly ProposedGroup[]> {
    for (let after = -1; ;) {
      const page = await proposals.groups(scope, proposalId, after, PAGE);
      if (page.length > 0) yield page;
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) return;
      after = last.ordinal;
    }
  }
  return { publish, finish };
}
export type Publisher = ReturnType<typeof createPublisher>;

/** The job that publishes, and the one that finds publishes whose worker died for good. */
export function definePublish(jobs: Jobs, publisher: Publisher): void {
  jobs.define<PublishPayload>(PUBLISH, {
    attempts: 10,
    run: ({ scope, payload }: Work<PublishPayload>) => publisher.publish(scope, payload),
  });
}

function groupOf(
  { courseId }: CourseScope,
  group: ProposedGroup,
  fromVersion: number,
  timeZone: string,
  createdAt: Date,
): Group {
  const { id, name, track, place, rung, why } = group;
  return {
    id,
    courseId,
    name,
    nameFolded: fold(name),
    track,
    place,
    rung,
    why,
    timeZone,
    fromVersion,
    createdAt,
  };
}
