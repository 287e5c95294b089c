import type { ProfileFields, ProfileSource } from './profiles.model.ts';

export type { Gender, ProfileFields, ProfileSource } from './profiles.model.ts';

export type Profile = ProfileFields & {
  readonly personId: string;
  readonly sources: Readonly<Record<string, ProfileSource>>;
};

export const EMPTY_FIELDS: ProfileFields = {
  track: null,
  lga: null,
  state: null,
  zone: null,
  country: null,
  skill: null,
  activity: null,
  gender: null,
  canLead: null,
  availability: null,
  languages: [],
};

const RANK: Readonly<Record<ProfileSource, number>> = { launch: 0, staff: 1, form: 2 };
const PLACE: readonly string[] = ['lga', 'state', 'zone', 'country'];

/**
 * Lays new values over known ones: a value gives way only to a source as good or better, and an empty one to none.
 * The rungs of a place belong together, so they come from one source.
 */
export function overlay(known: Profile, told: Partial<ProfileFields>, source: ProfileSource): Profile {
  const next: Record<string, unknown> = { ...known };
  const sources: Record<string, ProfileSource> = { ...known.sources };
  const weaker = (key: string): boolean => RANK[source] < RANK[sources[key] ?? 'launch'];
  const given = Object.entries(told).filter(
    ([, value]) => value !== null && !(Array.isArray(value) && value.length === 0),
  );
  if (given.some(([key]) => PLACE.includes(key)) && !PLACE.some(weaker)) {
    for (const key of PLACE) next[key] = null;
  }
  for (const [key, value] of given) {
    if (PLACE.includes(key) ? PLACE.some(weaker) : weaker(key)) continue;
    next[key] = value;
    sources[key] = source;
  }
  return { ...(next as Profile), sources };
}

/** What must be known before a fellow can be placed. `oneTrack` stands for whoever's own is unknown. */
export function missingOf(profile: Profile | null, oneTrack: string | null): readonly ('track' | 'place')[] {
  const missing: ('track' | 'place')[] = [];
  if ((profile?.track ?? oneTrack) === null) missing.push('track');
  if ((profile?.state ?? profile?.lga ?? profile?.zone ?? profile?.country ?? null) === null)
    missing.push('place');
  return missing;
}
