import { fold } from '../../course/fold.ts';
import { newInts } from './growing.ts';
import { buildPlaces, cleanText, type PlaceTree } from './places.ts';
import type { FormationPlace } from './types.ts';

/** Where people live: the tree of places, and each person's node in it. */
export type Homes = { readonly tree: PlaceTree; readonly home: Int32Array; readonly onlyCountry: string };

/**
 * Finds everybody's node. Who names no country lives in the one that the rest of their track names, or else the rest of the
 * roster; where those name several, the country is unknown.
 * @param places the distinct places as they were written
 * @param placeOf each person's place
 */
export function findHomes(
  places: readonly FormationPlace[],
  placeOf: Int32Array,
  track: Int32Array,
  tracks: number,
): Homes {
  const named = placesByTrack(places, placeOf, track, tracks);
  const only = onlyOf(named.flatMap((countries) => [...countries]));
  const fallback = named.map((countries) => {
    if (countries.size > 1) return null;
    return [...countries.values()][0] ?? only;
  });
  const filled: FormationPlace[] = [];
  const known = new Map<number, number>();
  const home = newInts(placeOf.length);
  for (let person = 0; person < home.length; person++) {
    const code = placeOf[person] ?? 0;
    const place = places[code];
    const isBlank = cleanText(place?.country ?? null) === null;
    const key = isBlank ? code * tracks + (track[person] ?? 0) : -1 - code;
    let index = known.get(key);
    if (index === undefined && place !== undefined) {
      const country = isBlank ? (fallback[track[person] ?? 0] ?? null) : place.country;
      index = filled.push({ ...place, country }) - 1;
      known.set(key, index);
    }
    home[person] = index ?? 0;
  }
  const { tree, nodeOf } = buildPlaces(filled);
  for (let person = 0; person < home.length; person++) home[person] = nodeOf[home[person] ?? 0] ?? 0;
  return { tree, home, onlyCountry: only };
}

/** The one country of the roster by its first spelling in code order; '' where there is none, or several. */
function onlyOf(countries: readonly (readonly [folded: string, spelling: string])[]): string {
  if (new Set(countries.map(([folded]) => folded)).size !== 1) return '';
  return countries.map(([, spelling]) => spelling).sort()[0] ?? '';
}

/** The countries that each track names: the folded name, and the first spelling in code order. */
function placesByTrack(
  places: readonly FormationPlace[],
  placeOf: Int32Array,
  track: Int32Array,
  tracks: number,
): Map<string, string>[] {
  const countries = places.map((place) => cleanText(place.country));
  const folded = countries.map((country) => (country === null ? '' : fold(country)));
  const named = Array.from({ length: tracks }, () => new Map<string, string>());
  for (let person = 0; person < placeOf.length; person++) {
    const country = countries[placeOf[person] ?? 0];
    const key = folded[placeOf[person] ?? 0];
    const own = named[track[person] ?? 0];
    if (country == null || key === undefined || own === undefined) continue;
    const known = own.get(key);
    if (known === undefined || country < known) own.set(key, country);
  }
  return named;
}
