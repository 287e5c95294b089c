import type { CourseStores } from '../../course/room.ts';
import { displayName } from '../../course/roster/enrolments.store.ts';
import { Forbidden, NotFound } from '../../errors.ts';
import type { Panel } from '../../room.ts';
import type { Visit } from '../../web/routing.ts';
import { standingOf, type Standing } from '../here.ts';
import type { AppointmentStore, Office } from '../leadership/appointments.store.ts';
import type { MeetupStore } from '../meetups/meetups.store.ts';
import type { Group, GroupStore } from './groups.store.ts';

export type GroupPageDeps = {
  readonly clock: () => Date;
  readonly course: CourseStores;
  readonly groups: GroupStore;
  readonly appointments: AppointmentStore;
  readonly meetups: MeetupStore;
  readonly panels: () => readonly Panel[];
};
export type Member = {
  readonly personId: string;
  readonly name: string;
  readonly initials: string;
  readonly office: Office | null;
  readonly you: boolean;
  readonly from: Date;
};
/** A group as this person meets it. */
export type GroupHere = {
  readonly group: Group;
  readonly version: number;
  readonly members: readonly Member[];
  readonly standing: Standing;
  readonly base: string;
};

/** Finds groups for visits, and says no where they may not look. */
export function createGroupPages({ clock, course, groups, appointments, meetups, panels }: GroupPageDeps) {
  /** @throws NotFound for a group that is none of theirs, so that nobody learns it exists */
  async function here(visit: Visit, groupId: string): Promise<GroupHere> {
    const { scope } = visit;
    const { groupsVersion: version } = await course.courses.select(scope);
    const [group, memberships, officers] = await Promise.all([
      groups.select(scope, version, groupId),
      groups.membersOf(scope, version, [groupId]),
      appointments.current(scope, [groupId]),
    ]);
    const memberIds = memberships.map(({ personId }) => personId);
    // An office counts while its holder is a member.
    const offices = new Map(
      officers
        .filter(({ personId }) => memberIds.includes(personId))
        .map(({ personId, office }) => [personId, office]),
    );
    const standing = standingOf(visit, memberIds, [...offices.keys()]);
    if (!standing.sees) throw new NotFound();
    const names = new Map(
      (await course.enrolments.findMany(scope, memberIds)).map((person) => [
        person.personId,
        displayName(person),
      ]),
    );
    const members = memberships.map(({ personId, from }) => {
      const name = names.get(personId) ?? '–';
      return {
        personId,
        name,
        initials: initialsOf(name),
        office: offices.get(personId) ?? null,
        you: personId === visit.personId,
        from,
      };
    });
    return { group, version, standing, base: `/groups/g/${groupId}`, members: members.toSorted(byOffice) };
  }

  /** @throws Forbidden for members who do not lead */
  async function led(visit: Visit, groupId: string): Promise<GroupHere> {
    const found = await here(visit, groupId);
    if (!found.standing.leads) throw new Forbidden('lead_only');
    return found;
  }

  /** The model of the group's page. */
  async function model(visit: Visit, found: GroupHere): Promise<object> {
    const now = clock();
    const { scope } = visit;
    const [upcoming, past, shown, history] = await Promise.all([
      meetups.upcoming(scope, found.group.id, now, 3),
      meetups.past(scope, found.group.id, now, 5),
      Promise.all(
        panels()
          .filter((panel) => panel.on === 'group-page' && panel.roles.includes(visit.role))
          .toSorted((a, b) => a.order - b.order)
          .map((panel) => panel.show(visit, found.group.id)),
      ),
      found.standing.manages ? appointments.history(scope, found.group.id) : Promise.resolve([]),
    ]);
    const past1 = history.map(({ personId, office, from, until }) => ({
      name: found.members.find((member) => member.personId === personId)?.name ?? '–',
      office,
      from,
      until,
    }));
    return {
      ...found,
      wide: true,
      next: upcoming.find(({ state }) => state === 'planned') ?? null,
      rollDue: past.find(({ state, rollTakenAt }) => state === 'planned' && rollTakenAt === null) ?? null,
      panels: shown.filter((panel) => panel !== null),
      history: past1,
    };
  }
  return { here, led, model };
}
export type GroupPages = ReturnType<typeof createGroupPages>;

function initialsOf(name: string): string {
  const words = name.split(/[\s-]+/).filter(Boolean);
  return [words[0], words.at(-1)]
    .map((word) => [...(word ?? '')][0] ?? '')
    .join('')
    .toUpperCase()
    .slice(0, 2);
}

function byOffice(a: Member, b: Member): number {
  const rank = ({ office }: Member): number => (office === 'lead' ? 0 : office === 'deputy' ? 1 : 2);
  return rank(a) - rank(b) || (a.name < b.name ? -1 : 1);
}
