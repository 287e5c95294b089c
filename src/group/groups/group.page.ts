import type { Profile } from '../../course/profiles/profile.ts';
import { profileBeside, profileIn } from '../../course/profiles/profiles.store.ts';
import type { CourseStores } from '../../course/room.ts';
import { displayName } from '../../course/roster/enrolments.store.ts';
import { Forbidden, NotFound } from '../../errors.ts';
import type { Panel } from '../../room.ts';
import type { Visit } from '../../web/routing.ts';
import { standingOf, type Standing } from '../here.ts';
import {
  type Appointment,
  type AppointmentStore,
  type Office,
  officersBeside,
} from '../leadership/appointments.store.ts';
import type { Vacancies } from '../leadership/vacancies.page.ts';
import { showsPhoneNumbers } from '../meetups/channels.ts';
import { type Meetup, meetupsBeside, meetupsIn } from '../meetups/meetups.store.ts';
import type { Group, GroupStore } from './groups.store.ts';
import { whyForMember, whyForStaff } from './why.ts';

export type GroupPageDeps = {
  readonly clock: () => Date;
  readonly course: CourseStores;
  readonly groups: GroupStore;
  readonly appointments: AppointmentStore;
  readonly vacancies: Vacancies;
  readonly panels: () => readonly Panel[];
};
export type Member = {
  readonly personId: string;
  readonly name: string;
  readonly initials: string;
  readonly office: Office | null;
  readonly you: boolean;
  readonly guest: boolean;
  readonly from: Date;
  /** No fellow of the course any more; the next publish ends the membership too. */
  readonly left: boolean;
};
/** A group as this person meets it. */
export type GroupHere = {
  readonly group: Group;
  readonly version: number;
  /** Whoever left the course comes last, and holds no office. */
  readonly members: readonly Member[];
  readonly standing: Standing;
  readonly base: string;
};

type GroupRead = {
  readonly found: GroupHere;
  readonly now: Date;
  /** Of whoever reads. */
  readonly profile: Profile | null;
  readonly next: Meetup | null;
  readonly due: Meetup | null;
};

/** Finds groups for visits, and says no where they may not look. */
export function createGroupPages(deps: GroupPageDeps) {
  const { clock, course, groups, appointments, vacancies, panels } = deps;
  /**
   * All of the group that its page shows, in two reads at the same time.
   * @throws NotFound for a group that is none of theirs, so that nobody learns it exists
   */
  async function read(visit: Visit, groupId: string): Promise<GroupRead> {
    const { scope } = visit;
    const now = clock();
    const { groupsVersion: version } = await course.courses.select(scope);
    const [{ group, row }, people] = await Promise.all([
      groups.selectWith(scope, version, groupId, [
        officersBeside(scope, groupId),
        ...meetupsBeside(scope, groupId, now),
        profileBeside({ $literal: scope.courseId }, { $literal: visit.personId }),
      ]),
      groups.peopleOf(scope, version, groupId),
    ]);
    const { officers } = row as { officers: readonly Appointment[] };
    const memberIds = people.map(({ membership }) => membership.personId);
    const members = people.map(({ membership: { personId, guest, from }, person }): Member => {
      const name = person === null ? '–' : displayName(person);
      const left = person?.state !== 'active' || person.role !== 'fellow';
      const held = officers.find((one) => one.personId === personId)?.office ?? null;
      const you = personId === visit.personId;
      const office = left ? null : held;
      return { personId, name, initials: initialsOf(name), office, you, guest, from, left };
    });
    const leaders = members.filter(({ office }) => office !== null).map(({ personId }) => personId);
    const standing = standingOf(visit, memberIds, leaders);
    if (!standing.sees) throw new NotFound();
    const base = `/groups/g/${groupId}`;
    const found = { group, version, standing, base, members: members.toSorted(byOffice) };
    return { found, now, profile: profileIn(row), ...meetupsIn(row) };
  }

  /** @throws NotFound for a group that is none of theirs */
  const here = async (visit: Visit, groupId: string): Promise<GroupHere> =>
    (await read(visit, groupId)).found;

  /** @throws Forbidden for members who do not lead */
  async function led(visit: Visit, groupId: string): Promise<GroupHere> {
    const found = await here(visit, groupId);
    if (!found.standing.leads) throw new Forbidden('lead_only');
    return found;
  }

  /** What whoever appoints needs: who can lead, who held an office before, and which groups still want for a lead. */
  async function appointing(visit: Visit, { group, version, members, standing }: GroupHere) {
    if (!standing.manages) return { canLead: new Set(), history: [], wanting: null };
    const { scope } = visit;
    const [profiles, ended, wanting] = await Promise.all([
      course.profiles.findMany(
        scope,
        members.map(({ personId }) => personId),
      ),
      appointments.history(scope, group.id),
      vacancies.neighbours(scope, version, group),
    ]);
    const ids = ended.map(({ personId }) => personId);
    const people = await course.enrolments.findMany(scope, ids);
    const names = new Map(people.map((person) => [person.personId, displayName(person)]));
    return {
      canLead: new Set([...profiles.values()].flatMap((one) => (one.canLead === true ? [one.personId] : []))),
      history: ended.map((one) => ({
        ...one,
        name: names.get(one.personId) ?? '–',
        // Who is here and holds no office may have it again.
        again: members.some(
          ({ personId, left, office }) => personId === one.personId && !left && office === null,
        ),
      })),
      wanting,
    };
  }

  const panelsOf = async (visit: Visit, groupId: string | null, place: Panel['on']) => {
    const mine = panels().filter(({ on, roles }) => on === place && roles.includes(visit.role));
    const inOrder = mine.toSorted((a, b) => a.order - b.order);
    const shown = await Promise.all(inOrder.map((panel) => panel.show(visit, groupId)));
    return shown.filter((panel) => panel !== null);
  };

  /** What stands above all else on My Peer Group, in a group or in none; to their own group alone. */
  const topOf = (visit: Visit, groupId: string | null) => panelsOf(visit, groupId, 'group-top');

  /** The model of the group's page. */
  async function model(visit: Visit, groupId: string): Promise<object> {
    // What is theirs alone is asked for with the rest: who may not see the group is told of none of it.
    const [{ found, now, profile, next: meetup, due }, shown, top] = await Promise.all([
      read(visit, groupId),
      panelsOf(visit, groupId, 'group-page'),
      topOf(visit, groupId),
    ]);
    const { group, members } = found;
    const appointed = await appointing(visit, found);
    const you = members.find((member) => member.you);
    return {
      ...found,
      wide: true,
      size: members.filter(({ left }) => !left).length,
      why: you === undefined ? whyForStaff(group) : whyForMember(group, { guest: you.guest, profile }),
      next: meetup,
      begun: meetup !== null && meetup.startsAt <= now,
      phones: meetup !== null && showsPhoneNumbers(meetup.channel),
      rollDue: due,
      hasLead: members.some(({ office }) => office === 'lead'),
      panels: shown,
      top,
      ...appointed,
    };
  }
  return { here, led, model, topOf };
}
export type GroupPages = ReturnType<typeof createGroupPages>;

function initialsOf(name: string): string {
  const words = name.split(/[\s-]+/).filter(Boolean);
  return (words.length > 1 ? [words[0], words.at(-1)] : words)
    .map((word) => firstLetter(word ?? ''))
    .join('')
    .toUpperCase();
}

/** As people see letters: "é" is one, however it is written. */
const letters = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
function firstLetter(word: string): string {
  for (const { segment } of letters.segment(word)) return segment;
  return '';
}

function byOffice(a: Member, b: Member): number {
  const rank = ({ office, left }: Member): number =>
    left ? 3 : office === 'lead' ? 0 : office === 'deputy' ? 1 : 2;
  return rank(a) - rank(b) || a.name.localeCompare(b.name);
}
