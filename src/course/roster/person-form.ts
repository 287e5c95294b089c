import type { CourseRole } from '../../scope.ts';
import { hasPlace, type Places } from '../places/places.ts';
import { isSame, placeOf, type Profile, type ProfileFields } from '../profiles/profile.ts';

/** What staff may say of one person, as the form shows and sends it; '' is: as the LMS says, or not known. */
export type PersonForm = Readonly<Record<'role' | 'track' | 'country' | 'state' | 'lga', string>>;
/** A key of words for each field that must be looked at again. */
export type PersonErrors = Readonly<Partial<Record<keyof PersonForm, string>>>;
export type PersonChanges = {
  readonly roleOverride: CourseRole | null;
  /** Only what is other than before, so that the fellow's own words stay theirs. */
  readonly told: Partial<ProfileFields>;
};

export const ROLES: readonly CourseRole[] = ['manager', 'mentor', 'fellow', 'visitor'];

/** The form as what is known fills it. */
export function personFormOf(
  person: { readonly roleOverride: CourseRole | null },
  profile: Profile | null,
): PersonForm {
  return {
    role: person.roleOverride ?? '',
    track: profile?.track ?? '',
    country: profile?.country ?? '',
    state: profile?.state ?? '',
    lga: profile?.lga ?? '',
  };
}

/** What cannot be taken as it stands. `own`: nobody takes their own role away, or a course may lose its last manager. */
export function errorsIn(
  form: PersonForm,
  tracks: readonly string[],
  places: Places,
  own: boolean,
): PersonErrors {
  const errors: { -readonly [key in keyof PersonForm]?: string } = {};
  if (form.role !== '' && !isRole(form.role)) errors.role = 'role_unknown';
  else if (own && form.role !== '' && form.role !== 'manager') errors.role = 'role_own';
  if (form.track !== '' && !tracks.includes(form.track)) errors.track = 'track_unknown';
  if (form.state !== '' && places.find({ country: form.country, state: form.state }) === null)
    errors.state = 'state_unknown';
  else if (form.lga !== '' && placeIn(form, places) === null) errors.lga = 'lga_unknown';
  return errors;
}

/** What the form changes. */
export function changesBy(
  form: PersonForm,
  profile: Profile | null,
  tracks: readonly string[],
  places: Places,
): PersonChanges {
  const before = placeOf(profile);
  const place = placeIn(form, places);
  const track = form.track || null;
  // What the lists do not offer any more could not be chosen: leaving the field empty does not take it away.
  const trackStays =
    isSame(profile?.track ?? null, track) || (track === null && !tracks.includes(profile?.track ?? ''));
  const placeStays =
    isSame(before, place) || (place === null && (before === null || !hasPlace(places, before)));
  return {
    roleOverride: isRole(form.role) ? form.role : null,
    told: {
      ...(trackStays ? {} : { track }),
      ...(placeStays ? {} : (place ?? { lga: null, state: null, zone: null, country: null })),
    },
  };
}

function placeIn({ country, state, lga }: PersonForm, places: Places) {
  return state === '' ? null : places.find({ country, state, lga });
}

function isRole(role: string): role is CourseRole {
  return (ROLES as readonly string[]).includes(role);
}
