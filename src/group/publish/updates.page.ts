import type { CourseStores } from '../../course/room.ts';
import { displayName } from '../../course/roster/enrolments.store.ts';
import type { CourseScope } from '../../scope.ts';
import type { GroupStore } from '../groups/groups.store.ts';
import type { MoveStore } from './moves.store.ts';
import type { PlanStore } from './plans.store.ts';
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
/** Of those who wait; each reason shows its first. */
const MOST_READ = 200;

/** How people come into groups and out of them once groups are published: who waits, who moves, who joined. */
export async function updatesModel(deps: UpdatesPageDeps, scope: CourseScope): Promise<object> {
  const { course, groups, plans, moves, waiting, leaving } = deps;
  const { groupsVersion, settings } = await course.courses.select(scope);
  const [counts, waiters, announced, planned, rows, left] = await Promise.all([
    waiting.counts(scope),
    waiting.list(scope, MOST_READ),
    moves.announced(scope, SHOWN),
    moves.count(scope),
    plans.late(scope, SHOWN),
    leaving(scope),
  ]);
  const people = [...waiters, ...announced, ...rows].map(({ personId }) => personId);
  const [found, named] = await Promise.all([
    course.enrolments.findMany(scope, people),
    groups.named(scope, [
      ...announced.flatMap(({ fromGroupId, toGroupId }) => [fromGroupId, toGroupId ?? '']),
      ...rows.map(({ toGroupId }) => toGroupId ?? ''),
    ]),
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
        .slice(0, SHOWN)
        .map((one) => ({ ...one, name: nameOf(one.personId) })),
    })),
    moves: announced.map((one) => ({
      ...one,
      name: nameOf(one.personId),
      from: groupOf(one.fromGroupId),
      to: one.toGroupId === null ? null : groupOf(one.toGroupId),
    })),
    joined: rows.map(({ personId, toGroupId, at }) => ({
      ...{ personId, at },
      name: nameOf(personId),
      group: groupOf(toGroupId),
    })),
  };
}
