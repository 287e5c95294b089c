import type { CourseStores } from '../../course/room.ts';
import { fold } from '../../course/fold.ts';
import { displayName } from '../../course/roster/enrolments.store.ts';
import type { CourseScope } from '../../scope.ts';
import type { AppointmentStore } from '../leadership/appointments.store.ts';
import type { MeetupStore } from '../meetups/meetups.store.ts';
import type { GroupKey, GroupSearch, GroupStore } from './groups.store.ts';

export type ListDeps = {
  readonly clock: () => Date;
  readonly course: CourseStores;
  readonly groups: GroupStore;
  readonly appointments: AppointmentStore;
  readonly meetups: MeetupStore;
};

const PAGE = 50;
const MOST_FOUND = 200;

/** The list of groups, a page at a time, with what staff look for: size, lead, next meetup. */
export function createListPage({ clock, course, groups, appointments, meetups }: ListDeps) {
  /** Groups by a part of their name, or by the beginning of a word of a member's. */
  const searchFor = async (scope: CourseScope, version: number, text: string): Promise<GroupSearch> => {
    const filter = { state: 'active', role: 'fellow', search: text } as const;
    const people = await course.enrolments.list(scope, filter, null, MOST_FOUND);
    const ids = people.map(({ personId }) => personId);
    const found = await groups.membershipsOf(scope, version, ids);
    const literal = new RegExp(fold(text).replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    return { text: literal, ids: found.map(({ groupId }) => groupId) };
  };
  return async (scope: CourseScope, search: string, after: GroupKey | null): Promise<object> => {
    const { groupsVersion: version } = await course.courses.select(scope);
    const asked = search === '' ? null : await searchFor(scope, version, search);
    const rows = await groups.list(scope, version, asked, after, PAGE + 1);
    const shown = rows.slice(0, PAGE);
    const ids = shown.map(({ id }) => id);
    const [members, officers, next, total] = await Promise.all([
      groups.membersOf(scope, version, ids),
      appointments.current(scope, ids),
      meetups.nextOf(scope, ids, clock()),
      groups.count(scope, version),
    ]);
    const people = await course.enrolments.findMany(
      scope,
      members.map(({ personId }) => personId),
    );
    const fellows = new Map(
      people
        .filter(({ state, role }) => state === 'active' && role === 'fellow')
        .map((person) => [person.personId, displayName(person)]),
    );
    const present = members.filter(({ personId }) => fellows.has(personId));
    return {
      rows: shown.map((group) => {
        const own = present.filter(({ groupId }) => groupId === group.id);
        const lead = officers.find(
          ({ office, groupId, personId }) =>
            office === 'lead' && groupId === group.id && own.some((one) => one.personId === personId),
        );
        return {
          ...group,
          size: own.length,
          lead: lead === undefined ? null : (fellows.get(lead.personId) ?? null),
          next: next.get(group.id) ?? null,
        };
      }),
      more: rows.length > PAGE ? (shown.at(-1) ?? null) : null,
      first: after === null,
      search,
      total,
    };
  };
}
