import type { CourseStores } from '../../course/room.ts';
import { displayName } from '../../course/roster/enrolments.store.ts';
import type { CourseScope } from '../../scope.ts';
import type { GroupStore } from '../groups/groups.store.ts';
import type { AppointmentStore } from '../leadership/appointments.store.ts';
import { keyOfMove, type MoveKey, type MoveStore } from './moves.store.ts';
import type { PlanStore } from './plans.store.ts';
import { nameMoves } from './tell-moves.job.ts';
import type { WaitingStore } from './waiting.store.ts';

export type UpdatesPageDeps = {
  readonly course: CourseStores;
  readonly groups: GroupStore;
  readonly appointments: AppointmentStore;
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
  const [counts, behind, planned, rows, left, leavers] = await Promise.all([
    waiting.counts(scope),
    moves.announced(scope, after, SHOWN + 1),
    moves.count(scope),
    plans.newest(scope, ['late'], SHOWN),
    leftLately(deps, scope),
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
    leaving: leavers,
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
    left,
  };
}

/** Whose membership ended because they left, the newest first, and whether their group has a Peer Lead now. */
async function leftLately(
  { course, groups, appointments, plans }: UpdatesPageDeps,
  scope: CourseScope,
): Promise<readonly object[]> {
  const rows = await plans.newest(scope, ['left', 'other_role'], SHOWN);
  const groupIds = rows.flatMap(({ fromGroupId }) => fromGroupId ?? []);
  const [named, officers] = await Promise.all([
    groups.named(scope, groupIds),
    appointments.current(scope, groupIds),
  ]);
  const leads = officers.filter(({ office }) => office === 'lead');
  const people = await course.enrolments.findMany(scope, [
    ...new Set([...rows, ...leads].map(({ personId }) => personId)),
  ]);
  const known = new Map(people.map((one) => [one.personId, one]));
  // An office is not ended with the membership; it counts while its holder is a fellow.
  const isLed = (groupId: string | null): boolean =>
    leads.some((lead) => {
      const person = known.get(lead.personId);
      return lead.groupId === groupId && person?.state === 'active' && person.role === 'fellow';
    });
  return rows.map(({ personId, fromGroupId, cause, at }) => {
    const person = known.get(personId);
    return {
      ...{ personId, at, groupId: fromGroupId },
      name: person === undefined ? '–' : displayName(person),
      group: named.get(fromGroupId ?? '')?.name ?? '–',
      otherRole: cause === 'other_role',
      led: isLed(fromGroupId),
    };
  });
}
