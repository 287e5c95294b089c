import { fold } from '../fold.ts';
import type { Places } from '../places/places.ts';
import type { ProfileFields } from '../profiles/profile.ts';

/**
 * What a launch's custom parameters say of a person: `locality` (`$Person.address.locality`) is a state or an area;
 * `track`, `state` and `lga` are for administrators who set them on a link or from fields of their own.
 */
export function toldByCustom(
  custom: Readonly<Record<string, string>>,
  tracks: readonly string[],
  places: Places,
): Partial<ProfileFields> {
  const { locality = '', lga = '', state = '' } = custom;
  // The country is not used: platforms send a code, and most courses' places lie in one country.
  const place =
    places.find({ lga, state: state || (lga === '' ? '' : locality) }) ??
    places.find({ state: locality }) ??
    places.find({ lga: locality });
  const track = tracks.find((known) => fold(known) === fold(custom['track'] ?? ''));
  return { ...(track === undefined ? {} : { track }), ...(place ?? {}) };
}
