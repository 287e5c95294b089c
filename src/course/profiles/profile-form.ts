import type { Places } from '../places/places.ts';
import { MOST_LANGUAGES, OFFERED_LANGUAGES, readLanguages } from './languages.ts';
import type { Profile, ProfileFields } from './profile.ts';

/** What a fellow's form holds, as it is shown and as it is sent. */
export type ProfileForm = {
  /** How to be called; asked only where the LMS withholds names. */
  readonly name: string;
  readonly track: string;
  readonly country: string;
  readonly state: string;
  readonly lga: string;
  /** '' is: not said. */
  readonly canLead: '' | 'yes' | 'no';
  /** 'none' is: would rather not say. */
  readonly gender: '' | 'F' | 'M' | 'none';
  readonly slots: readonly number[];
  readonly languages: readonly string[];
};
/** A key of words for each field that must be looked at again. */
export type ProfileErrors = Readonly<Partial<Record<'track' | 'country' | 'state' | 'lga', string>>>;
export type SentForm = {
  readonly one: (name: string) => string;
  readonly all: (name: string) => readonly string[];
};

/** One for each morning, afternoon and evening of a week. */
const SLOTS = 21;
const EVERY_SLOT: readonly number[] = Array.from({ length: SLOTS }, (_, slot) => slot);
const LONGEST_NAME = 80;
/** In the list of areas: mine is not among them. */
export const NOT_LISTED = '-';

/** The form as a profile fills it. */
export function formOf(profile: Profile | null, chosenName: string | null): ProfileForm {
  return {
    name: chosenName ?? '',
    track: profile?.track ?? '',
    country: profile?.country ?? '',
    state: profile?.state ?? '',
    lga: profile?.lga ?? (profile?.sources['lga'] === 'form' ? NOT_LISTED : ''),
    canLead: profile === null || profile.canLead === null ? '' : profile.canLead ? 'yes' : 'no',
    gender: profile?.gender ?? (profile?.sources['gender'] === 'form' ? 'none' : ''),
    slots: EVERY_SLOT.filter((slot) => profile?.availability?.[slot] === '1'),
    languages: profile?.languages ?? [],
  };
}

/** The form as it was sent. */
export function readForm({ one, all }: SentForm): ProfileForm {
  const canLead = one('can_lead');
  const gender = one('gender');
  const slots = all('slot').filter((slot) => /^\d{1,2}$/.test(slot));
  return {
    name: one('name')
      .replace(/[\p{Cc}\p{Cs}\s]+/gu, ' ')
      .trim()
      .slice(0, LONGEST_NAME),
    track: one('track'),
    country: one('country'),
    state: one('state'),
    lga: one('lga'),
    canLead: canLead === 'yes' || canLead === 'no' ? canLead : '',
    gender: gender === 'F' || gender === 'M' || gender === 'none' ? gender : '',
    slots: [...new Set(slots.map(Number))].filter((slot) => slot < SLOTS),
    languages: readLanguages([...all('language'), one('languages')].join(';')),
  };
}

/** What cannot be taken as it stands. Without script the areas of a state can be chosen only in a second step. */
export function errorsOf(
  form: ProfileForm,
  tracks: readonly string[],
  oneTrack: string | null,
  places: Places,
): ProfileErrors {
  const errors: { track?: string; country?: string; state?: string; lga?: string } = {};
  if (form.track === '' && oneTrack === null) errors.track = 'track_missing';
  if (form.track !== '' && !tracks.includes(form.track)) errors.track = 'track_unknown';
  const several = new Set(places.states.map(({ country }) => country)).size > 1;
  if (several && form.country === '') return { ...errors, country: 'country_missing' };
  if (form.state === '') return { ...errors, state: 'state_missing' };
  const row = places.states.find(
    ({ state, country }) => state === form.state && (!several || country === form.country),
  );
  if (row === undefined) return { ...errors, state: 'state_unknown' };
  if (row.lgas.length > 0 && form.lga === '') errors.lga = 'lga_missing';
  if (form.lga !== '' && form.lga !== NOT_LISTED && !row.lgas.includes(form.lga)) errors.lga = 'lga_missing';
  return errors;
}

/**
 * What the form tells. Fields that are empty and were empty before are not told, so that what staff know of them may
 * still come in; fields that were emptied are.
 */
export function toldBy(form: ProfileForm, before: Profile | null, places: Places): Partial<ProfileFields> {
  const lga = form.lga === NOT_LISTED ? '' : form.lga;
  const place = places.find({ country: form.country, state: form.state, lga });
  const availability = EVERY_SLOT.map((slot) => (form.slots.includes(slot) ? '1' : '0')).join('');
  const free = form.slots.length > 0 ? availability : null;
  return {
    ...(form.track === '' && before?.track == null ? {} : { track: form.track || null }),
    ...(place ?? {}),
    ...(form.canLead === '' ? {} : { canLead: form.canLead === 'yes' }),
    ...(form.gender === '' ? {} : { gender: form.gender === 'none' ? null : form.gender }),
    ...(free === null && before?.availability == null ? {} : { availability: free }),
    ...(form.languages.length === 0 && (before?.languages.length ?? 0) === 0
      ? {}
      : { languages: [...form.languages] }),
  };
}

/** Languages to tick, and the others as they are written into one field. */
export function languageChoice(form: ProfileForm): {
  offered: readonly { name: string; chosen: boolean }[];
  others: string;
  most: number;
} {
  return {
    offered: OFFERED_LANGUAGES.map((name) => ({ name, chosen: form.languages.includes(name) })),
    others: form.languages.filter((name) => !OFFERED_LANGUAGES.includes(name)).join(', '),
    most: MOST_LANGUAGES,
  };
}
