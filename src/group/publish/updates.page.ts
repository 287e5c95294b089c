import type { CourseStores } from '../../course/room.ts';
import { displayName } from '../../course/roster/enrolments.store.ts';
import type { CourseScope } from '../../scope.ts';
import type { GroupStore } from '../groups/groups.store.ts';
import { keyOfMove, type MoveKey, type MoveStore } from './moves.store.ts';
import type { PlanStore } from './plans.store.ts';
import { nameMoves } from './tell-moves.job.ts';
import type { WaitingStore } from './waiting.store.ts';

export type UpdatesPageDeps = {
  readonly course: CourseStores;
  readonly groups: GroupStore;
  readonly plans: PlanStore;
  readonly moves: MoveStore;
  readonly waiting: WaitingStore;
  /** Memberships of people who have left the course. */
  readonly leaving: (scope: CourseScope) => Promise<number>;
};

const SHOWN = 20;

/** How people come into groups and out of them once groups are published: who waits, who moves, who joined. */
export async function updatesModel(
  deps: UpdatesPageDeps,
  scope: CourseScope,
  after: MoveKey | null,
): Promise<object> {
  const { course, groups, plans, moves, waiting, leaving } = deps;
  const { groupsVersion, settings } = await course.courses.select(scope);
  const [counts, behind, planned, rows, left] = await Promise.all([
    waiting.counts(scope),
    moves.announced(scope, after, SHOWN + 1),
    moves.count(scope),
    plans.late(scope, SHOWN),
    leaving(scope),
  ]);
  const announced = behind.slice(0, SHOWN);
  const last = behind.length > SHOWN ? announced.at(-1) : undefined;
  const waiters = (await Promise.all(counts.map(({ reason }) => waiting.list(scope, reason, SHOWN)))).flat();
  const people = [...waiters, ...announced, ...rows].map(({ personId }) => personId);
  const [found, named, namesOf] = await Promise.all([
    course.enrolments.findMany(scope, people),
    groups.named(
      scope,
      rows.map(({ toGroupId }) => toGroupId ?? ''),
    ),
    nameMoves(groups, scope, announced),
  ]);
  const names = new Map(found.map((one) => [one.personId, displayName(one)]));
  const nameOf = (personId: string): string => names.get(personId) ?? '–';
  const groupOf = (id: string | null): string => named.get(id ?? '')?.name ?? '–';
  return {
    published: groupsVersion > 0,
    settings,
    leaving: left,
    planned,
    waiting: counts.map(({ reason, count }) => ({
      reason,
      count,
      people: waiters
        .filter((one) => one.reason === reason)
        .map((one) => ({ ...one, name: nameOf(one.personId) })),
    })),
    moves: announced.map((one) => ({
      ...one,
      name: nameOf(one.personId),
      from: namesOf(one).from,
      to: namesOf(one).to?.name ?? null,
      late: one.claimedAt !== null,
    })),
    next: last === undefined ? null : keyOfMove(last),
    first: after === null,
    joined: rows.map(({ personId, toGroupId, at }) => ({
      ...{ personId, at },
      name: nameOf(personId),
      group: groupOf(toGroupId),
    })),
  };
}
