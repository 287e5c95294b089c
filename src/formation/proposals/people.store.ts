import type { Profile } from '../../course/profiles/profile.ts';
import type { CourseStores } from '../../course/room.ts';
import type { CourseScope } from '../../scope.ts';
import type { FormationPerson } from '../engine/types.ts';

const AT_ONCE = 1_000;

/** Somebody whom formation cannot take yet, and why. */
export type Unready = {
  readonly personId: string;
  readonly reason: 'track_unknown' | 'place_unknown';
  readonly person: FormationPerson;
};
export type Waiting = {
  readonly people: readonly FormationPerson[];
  readonly unready: readonly Unready[];
  /** How many of all these have not said whether they can lead. */
  readonly leadUnknown: number;
};

/**
 * The fellows who are in no group, as formation takes them. Whose place is not known waits until it is, unless nobody's
 * is known (then the course is one place) or staff want them placed `anywhere`.
 */
export async function readWaiting(
  course: CourseStores,
  scope: CourseScope,
  placed: ReadonlySet<string>,
  anywhere: boolean,
): Promise<Waiting> {
  const { settings } = await course.courses.select(scope);
  const all: FormationPerson[] = [];
  let leadUnknown = 0;
  for await (const batch of course.enrolments.each(scope, 'fellow')) {
    const ids = batch.map(({ personId }) => personId).filter((personId) => !placed.has(personId));
    const profiles = await course.profiles.findMany(scope, ids);
    for (const id of ids) {
      const profile = profiles.get(id);
      if ((profile?.canLead ?? null) === null) leadUnknown += 1;
      all.push(personOf(id, profile?.track ?? settings.oneTrack ?? '', profile));
    }
  }
  const placeless = anywhere || !all.some(hasPlace);
  const people: FormationPerson[] = [];
  const unready: Unready[] = [];
  for (const person of all) {
    const personId = person.id;
    if (person.track === '') unready.push({ personId, reason: 'track_unknown', person });
    else if (!placeless && !hasPlace(person)) unready.push({ personId, reason: 'place_unknown', person });
    else people.push(person);
  }
  return { people, unready, leadUnknown };
}

/** Fellows by id, as formation takes them; who has no profile is known by id alone. */
export async function readPeople(
  course: CourseStores,
  scope: CourseScope,
  personIds: readonly string[],
): Promise<readonly FormationPerson[]> {
  const { settings } = await course.courses.select(scope);
  const people: FormationPerson[] = [];
  for (let start = 0; start < personIds.length; start += AT_ONCE) {
    const ids = personIds.slice(start, start + AT_ONCE);
    const profiles = await course.profiles.findMany(scope, ids);
    for (const id of ids) {
      const profile = profiles.get(id);
      people.push(personOf(id, profile?.track ?? settings.oneTrack ?? '', profile));
    }
  }
  return people;
}

export function hasPlace({ place: { lga, state, zone, country } }: FormationPerson): boolean {
  return (lga ?? state ?? zone ?? country) !== null;
}

function personOf(id: string, track: string, profile: Profile | undefined): FormationPerson {
  return {
    id,
    track,
    place: {
      lga: profile?.lga ?? null,
      state: profile?.state ?? null,
      zone: profile?.zone ?? null,
      country: profile?.country ?? null,
    },
    skill: profile?.skill ?? null,
    activity: profile?.activity ?? null,
    gender: profile?.gender ?? null,
    canLead: profile?.canLead ?? false,
    availability: profile?.availability ?? null,
    languages: profile?.languages ?? [],
    mustWith: [],
    mustNotWith: [],
    pinned: false,
    previousGroup: null,
  };
}
