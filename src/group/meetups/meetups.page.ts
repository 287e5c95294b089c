import type { Outcome } from '../../course/evidence/evidence.store.ts';
import type { CourseStores } from '../../course/room.ts';
import { displayName } from '../../course/roster/enrolments.store.ts';
import type { CourseScope } from '../../scope.ts';
import type { Visit } from '../../web/routing.ts';
import type { GroupHere } from '../groups/group.page.ts';
import { showsPhoneNumbers } from './channels.ts';
import { MEETUP } from './evidence.ts';
import type { Meetup, MeetupKey, MeetupStore } from './meetups.store.ts';

export type MeetupListDeps = {
  readonly clock: () => Date;
  readonly course: Pick<CourseStores, 'evidence' | 'enrolments'>;
  readonly meetups: MeetupStore;
};
/** Where the two lists begin; null is their start. */
export type MeetupsAsked = { readonly after: MeetupKey | null; readonly before: MeetupKey | null };

const PAGE = 20;

/** The model of a group's meetups: what comes, what was, and for a fellow how they stand in each. */
export async function meetupsModel(
  { clock, course, meetups }: MeetupListDeps,
  { scope, role, personId }: Visit,
  found: GroupHere,
  { after, before }: MeetupsAsked,
): Promise<object> {
  const now = clock();
  const { id } = found.group;
  const [upcoming, past, words] = await Promise.all([
    meetups.upcoming(scope, id, now, after, PAGE + 1),
    meetups.past(scope, id, now, before, PAGE + 1),
    role === 'fellow' ? course.evidence.latest(scope, [personId]) : Promise.resolve(null),
  ]);
  const outcomes = new Map<string, Outcome>(
    (words?.get(personId) ?? [])
      .filter(({ kind }) => kind === MEETUP)
      .map(({ opportunityId, outcome }) => [opportunityId, outcome]),
  );
  const nameOf = await namesIn(course, scope, [...upcoming, ...past]);
  const told = (meetup: Meetup) => ({
    ...meetup,
    minutes: Math.round((meetup.endsAt.getTime() - meetup.startsAt.getTime()) / 60_000),
    own: outcomes.get(meetup.id) ?? null,
    takenBy: nameOf(meetup.rollTakenBy),
    correctedBy: nameOf(meetup.rollCorrectedBy),
    cancelledBy: nameOf(meetup.cancelledBy),
  });
  return {
    ...found,
    upcoming: upcoming.slice(0, PAGE).map((meetup) => ({
      ...told(meetup),
      begun: meetup.startsAt <= now,
      phones: showsPhoneNumbers(meetup.channel),
    })),
    past: past.slice(0, PAGE).map(told),
    later: keyBehind(upcoming),
    earlier: keyBehind(past),
    first: after === null && before === null,
  };
}

/** Whoever took, corrected or cancelled, by name, also where they are staff or left the group. */
async function namesIn(
  { enrolments }: MeetupListDeps['course'],
  scope: CourseScope,
  rows: readonly Meetup[],
) {
  const ids = rows.flatMap((one) => [one.rollTakenBy, one.rollCorrectedBy, one.cancelledBy]);
  const people = await enrolments.findMany(scope, [...new Set(ids.filter((id) => typeof id === 'string'))]);
  const names = new Map(people.map((person) => [person.personId, displayName(person)]));
  return (id: string | null | undefined): string | null => names.get(id ?? '') ?? null;
}

/** Where the next page begins; null where there is none. */
function keyBehind(rows: readonly Meetup[]): { at: string; id: string } | null {
  const last = rows.length > PAGE ? rows[PAGE - 1] : undefined;
  return last === undefined ? null : { at: last.startsAt.toISOString(), id: last.id };
}
