import type { EvidenceStore, Outcome } from '../../course/evidence/evidence.store.ts';
import type { Visit } from '../../web/routing.ts';
import type { GroupHere } from '../groups/group.page.ts';
import { showsPhoneNumbers } from './channels.ts';
import { MEETUP } from './evidence.ts';
import type { Meetup, MeetupKey, MeetupStore } from './meetups.store.ts';

export type MeetupListDeps = {
  readonly clock: () => Date;
  readonly evidence: EvidenceStore;
  readonly meetups: MeetupStore;
};
/** Where the two lists begin; null is their start. */
export type MeetupsAsked = { readonly after: MeetupKey | null; readonly before: MeetupKey | null };

const PAGE = 20;

/** The model of a group's meetups: what comes, what was, and for a fellow how they stand in each. */
export async function meetupsModel(
  { clock, evidence, meetups }: MeetupListDeps,
  { scope, role, personId }: Visit,
  found: GroupHere,
  { after, before }: MeetupsAsked,
): Promise<object> {
  const now = clock();
  const { id } = found.group;
  const [upcoming, past, words] = await Promise.all([
    meetups.upcoming(scope, id, now, after, PAGE + 1),
    meetups.past(scope, id, now, before, PAGE + 1),
    role === 'fellow' ? evidence.latest(scope, [personId]) : Promise.resolve(null),
  ]);
  const outcomes = new Map<string, Outcome>(
    (words?.get(personId) ?? [])
      .filter(({ kind }) => kind === MEETUP)
      .map(({ opportunityId, outcome }) => [opportunityId, outcome]),
  );
  return {
    ...found,
    upcoming: upcoming.slice(0, PAGE).map((meetup) => ({
      ...meetup,
      begun: meetup.startsAt <= now,
      phones: showsPhoneNumbers(meetup.channel),
      own: outcomes.get(meetup.id) ?? null,
    })),
    past: past.slice(0, PAGE).map((meetup) => ({
      ...meetup,
      own: outcomes.get(meetup.id) ?? null,
      takenBy: found.members.find((member) => member.personId === meetup.rollTakenBy)?.name ?? null,
    })),
    later: keyBehind(upcoming),
    earlier: keyBehind(past),
    first: after === null && before === null,
  };
}

/** Where the next page begins; null where there is none. */
function keyBehind(rows: readonly Meetup[]): { at: string; id: string } | null {
  const last = rows.length > PAGE ? rows[PAGE - 1] : undefined;
  return last === undefined ? null : { at: last.startsAt.toISOString(), id: last.id };
}
