import type { CourseStores } from '../../course/room.ts';
import { fold } from '../../course/fold.ts';
import { displayName } from '../../course/roster/enrolments.store.ts';
import type { CourseScope } from '../../scope.ts';
import type { AppointmentStore, Office } from '../leadership/appointments.store.ts';
import type { Vacancies } from '../leadership/vacancies.page.ts';
import type { MeetupStore } from '../meetups/meetups.store.ts';
import type { Group, GroupKey, GroupSearch, GroupStore } from './groups.store.ts';

export type ListDeps = {
  readonly clock: () => Date;
  readonly course: CourseStores;
  readonly groups: GroupStore;
  readonly appointments: AppointmentStore;
  readonly meetups: MeetupStore;
  readonly vacancies: Vacancies;
};
/** What is looked for, and where the page begins: behind a group, before one, or at the start. */
export type ListAsked = {
  readonly search: string;
  /** Only groups in which nobody holds this office. */
  readonly without: Office | null;
  readonly after: GroupKey | null;
  readonly before: GroupKey | null;
};

const PAGE = 50;
const MOST_FOUND = 200;

/** The list of groups, a page at a time, with what staff look for: size, lead, next meetup. */
export function createListPage({ clock, course, groups, appointments, meetups, vacancies }: ListDeps) {
  /** Groups by a part of their name, or by the beginning of a word of a member's. */
  const searchFor = async (scope: CourseScope, version: number, text: string): Promise<GroupSearch> => {
    const filter = { state: 'active', role: 'fellow', search: text } as const;
    const people = await course.enrolments.list(scope, filter, null, MOST_FOUND);
    const ids = people.map(({ personId }) => personId);
    const found = await groups.membershipsOf(scope, version, ids);
    const literal = new RegExp(fold(text).replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    return { text: literal, ids: found.map(({ groupId }) => groupId) };
  };

  /** The groups of the page, and whether there are any before and behind them. */
  const pageOf = async (
    scope: CourseScope,
    version: number,
    search: GroupSearch | null,
    { after, before }: ListAsked,
  ) => {
    if (before === null) {
      const rows = await groups.list(scope, version, search, after, PAGE + 1);
      return { shown: rows.slice(0, PAGE), earlier: after !== null, later: rows.length > PAGE };
    }
    const rows = await groups.listBefore(scope, version, search, before, PAGE + 1);
    return { shown: rows.slice(0, PAGE).toReversed(), earlier: rows.length > PAGE, later: true };
  };

  /** What a row shows besides the group itself. */
  const rowsOf = async (scope: CourseScope, version: number, shown: readonly Group[]) => {
    const ids = shown.map(({ id }) => id);
    const [members, officers, next] = await Promise.all([
      groups.membersOf(scope, version, ids),
      appointments.current(scope, ids),
      meetups.nextOf(scope, ids, clock()),
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
    return shown.map((group) => {
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
    });
  };

  return async (scope: CourseScope, asked: ListAsked): Promise<object> => {
    const { groupsVersion: version } = await course.courses.select(scope);
    const [total, led, deputised] = await Promise.all([
      groups.count(scope, version),
      vacancies.filled(scope, version, 'lead'),
      vacancies.filled(scope, version, 'deputy'),
    ]);
    const found = asked.search === '' ? {} : await searchFor(scope, version, asked.search);
    const except = asked.without === null ? [] : [...(asked.without === 'lead' ? led : deputised)];
    const { shown, earlier, later } = await pageOf(scope, version, { ...found, except }, asked);
    return {
      rows: await rowsOf(scope, version, shown),
      previous: earlier ? (shown[0] ?? null) : null,
      next: later ? (shown.at(-1) ?? null) : null,
      first: asked.after === null && asked.before === null,
      search: asked.search,
      without: asked.without,
      total,
      wanting: { lead: total - led.size, deputy: total - deputised.size },
    };
  };
}
