import type { Place } from '../places/places.ts';
import type { ProfileFields, ProfileSource } from './profiles.model.ts';

export type { ProfileFields, ProfileSource } from './profiles.model.ts';

export type Profile = ProfileFields & {
  readonly personId: string;
  readonly sources: Readonly<Record<string, ProfileSource>>;
};
/** A profile with new values laid over it, and the values that had to give way to better ones. */
export type Overlaid = { readonly profile: Profile; readonly kept: readonly string[] };

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

const RANK: Readonly<Record<ProfileSource, number>> = { launch: 0, csv: 1, staff: 1, form: 2 };
const RUNGS: readonly string[] = ['lga', 'state', 'zone', 'country'];

/** A profile of which nothing is known. */
export function emptyProfile(personId: string): Profile {
  return { ...EMPTY_FIELDS, personId, sources: {} };
}

/**
 * Lays new values over known ones. A value gives way only to a source as good or better, and what is empty is not told.
 * The rungs of a place belong together, so they come from one source.
 */
export function overlay(known: Profile, told: Partial<ProfileFields>, source: ProfileSource): Overlaid {
  const next: Record<string, unknown> = { ...known };
  const sources: Record<string, ProfileSource> = { ...known.sources };
  const weaker = (key: string): boolean => RANK[source] < RANK[sources[key] ?? 'launch'];
  const placeStays = RUNGS.some(weaker);
  const kept = new Set<string>();
  const given = Object.entries(told).filter(([, value]) => !isEmpty(value));
  if (given.some(([key]) => RUNGS.includes(key)) && !placeStays) {
    for (const key of RUNGS) {
      next[key] = null;
      sources[key] = source;
    }
  }
  for (const [key, value] of given) {
    const rung = RUNGS.includes(key);
    if (rung ? placeStays : weaker(key)) {
      if (!isSame(known[key as keyof ProfileFields], value)) kept.add(rung ? 'place' : key);
      continue;
    }
    next[key] = value;
    sources[key] = source;
  }
  return { profile: { ...(next as Profile), sources }, kept: [...kept] };
}

/** What must be known before a fellow can be placed. `oneTrack` stands for whoever's own is unknown. */
export function missingOf(profile: Profile | null, oneTrack: string | null): readonly ('track' | 'place')[] {
  const missing: ('track' | 'place')[] = [];
  if ((profile?.track ?? oneTrack) === null) missing.push('track');
  if (placeOf(profile) === null) missing.push('place');
  return missing;
}

/** The place of a profile; null where not even the country is known. */
export function placeOf(profile: Profile | null): Place | null {
  if (profile === null) return null;
  const { lga, state, zone, country } = profile;
  return (lga ?? state ?? zone ?? country) === null ? null : { lga, state, zone, country };
}

/** Does this say the same of the person, in whatever order? */
export function isSame(known: unknown, told: unknown): boolean {
  return JSON.stringify(known, inOrder) === JSON.stringify(told, inOrder);
}

function inOrder(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function isEmpty(value: unknown): boolean {
  return value === null || (Array.isArray(value) && value.length === 0);
}
