import type { Publishing } from '../../course/courses/courses.store.ts';
import { fold } from '../../course/fold.ts';
import type { CourseStores } from '../../course/room.ts';
import type { ProposalStore, ProposedGroup } from '../../formation/proposals/proposals.store.ts';
import type { NoticeStore } from '../../notices/notices.store.ts';
import type { CourseScope } from '../../scope.ts';
import type { Group, GroupStore } from '../groups/groups.store.ts';
import type { AppointmentStore } from '../leadership/appointments.store.ts';
import { checksumOf, type Plan, type PlanRow, type PlanStore } from './plans.store.ts';
import { tellOf } from './tell.job.ts';

/** Between any two writes; the job tells its page and stops where its lease is lost, tests let it throw like a crash. */
export type Checkpoint = (step: Step) => Promise<void> | void;
export const STEPS = ['frozen', 'bound', 'groups', 'closed', 'opened', 'told', 'flipped'] as const;
export type Step = (typeof STEPS)[number];

export type FinishDeps = {
  readonly course: CourseStores;
  readonly proposals: ProposalStore;
  readonly groups: GroupStore;
  readonly appointments: AppointmentStore;
  readonly plans: PlanStore;
  readonly notices: NoticeStore;
};

/**
 * Steps 3 to 6 of the publish that is bound. Every write may come twice or late: then it matches nothing.
 * @throws Error where the plan and the database disagree; then nothing is shown to anybody, and somebody must look
 */
export async function finishPublish(
  deps: FinishDeps,
  scope: CourseScope,
  publishing: Publishing,
  checkpoint: Checkpoint,
): Promise<void> {
  const { course, proposals, groups, appointments, plans } = deps;
  const { version } = publishing;
  const plan = await plans.find(scope, publishing.publishId);
  if (plan === null) throw new Error('a bound publish has no plan');
  const rows = await plans.rows(scope, plan.id);
  if (rows.length !== publishing.count || checksumOf(rows) !== publishing.checksum)
    throw new Error('a bound plan is not whole');
  const { closed, opened, groupIds } = changesOf(rows);

  await insertGroups(deps, scope, plan, version, groupIds);
  await checkpoint('groups');
  await groups.closeMemberships(scope, version, closed);
  await checkpoint('closed');
  await groups.openMemberships(scope, version, opened);
  await checkpoint('opened');
  const made = await groups.countMade(scope, version, [...groupIds]);
  if (made.groups !== groupIds.size || made.closed !== closed.length || made.opened !== opened.length)
    throw new Error('a publish did not write what was planned');
  await groups.closeEmpty(
    scope,
    version,
    closed.map(({ groupId }) => groupId),
  );
  await groups.reopen(scope, version, [...groupIds]);
  // Before the flip, since after it nothing would bring a worker back here.
  await appointments.endFor(scope, closed);
  await tellOf(deps, scope, plan.id, version, rows);
  if (plan.proposalId !== null && plan.publication !== null)
    await proposals.markPublished(scope, plan.proposalId, plan.publication);
  await checkpoint('told');
  if (!(await course.courses.flipVersion(scope, publishing)))
    throw new Error('a publish could not be flipped');
  await checkpoint('flipped');
}

function changesOf(rows: readonly PlanRow[]) {
  const closed = rows.flatMap(({ personId, fromGroupId, at }) =>
    fromGroupId === null ? [] : [{ personId, groupId: fromGroupId, until: at }],
  );
  const opened = rows.flatMap(({ personId, toGroupId, guest, at }) =>
    toGroupId === null ? [] : [{ personId, groupId: toGroupId, guest, from: at }],
  );
  return { closed, opened, groupIds: new Set(opened.map(({ groupId }) => groupId)) };
}

async function insertGroups(
  { course, proposals, groups }: FinishDeps,
  scope: CourseScope,
  plan: Plan,
  version: number,
  needed: ReadonlySet<string>,
): Promise<void> {
  if (plan.proposalId === null) return;
  const { settings } = await course.courses.select(scope);
  const proposal = await proposals.select(scope, plan.proposalId);
  for await (const page of proposals.eachGroup(scope, proposal)) {
    const made = page.filter(({ id }) => needed.has(id));
    await groups.insertGroups(
      scope,
      made.map((group) => groupOf(scope, group, version, settings.timeZone, plan.at)),
    );
  }
}

function groupOf(
  { courseId }: CourseScope,
  { id, name, track, place, rung, why }: ProposedGroup,
  fromVersion: number,
  timeZone: string,
  createdAt: Date,
): Group {
  const nameFolded = fold(name);
  return { id, courseId, name, nameFolded, track, place, rung, why, timeZone, fromVersion, createdAt };
}
