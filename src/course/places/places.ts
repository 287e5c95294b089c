import { fold } from '../fold.ts';
import { NIGERIA, NIGERIAN_ALIASES } from './nigeria.ts';

/** A place as far down the ladder as it is known: LGA, state, zone, country; unknown rungs are null. */
export type Place = {
  readonly lga: string | null;
  readonly state: string | null;
  readonly zone: string | null;
  readonly country: string | null;
};

/** A state and what is in it. Two states of one name lie in different zones or countries. */
export type StatePlaces = {
  readonly country: string | null;
  readonly zone: string | null;
  readonly state: string;
  /** Local government areas, or what a course's own list has below its states. */
  readonly lgas: readonly string[];
};
export type PlaceCounts = Readonly<Record<'countries' | 'zones' | 'states' | 'lgas', number>>;
export type PlaceWords = Readonly<Partial<Record<'lga' | 'state' | 'zone' | 'country', string>>>;
/** What people write for what the list calls otherwise. */
export type Aliases = Readonly<Record<'state' | 'lga', Readonly<Record<string, string>>>>;

/** The places a course knows, and how a person's words are understood as one. */
export type Places = {
  /** By country, then name. */
  readonly states: readonly StatePlaces[];
  readonly counts: PlaceCounts;
  /** The place that these words name; null where they name none, several, or contradict each other. */
  find(words: PlaceWords): Place | null;
};

const COUNTRY_CODE = /^[A-Za-z]{2,3}$/;
const NO_ALIASES: Aliases = { state: {}, lga: {} };

/** Compared without case, accents, spaces, signs and the words every list writes differently. */
export function placeKey(name: string): string {
  const key = fold(name)
    .replace(/['’ʼ]/g, '')
    .replace(/[-/.,()]+/g, ' ')
    .replace(/\b(local government( area)?|geopolitical|lga|l g a|state|zone)\b/g, ' ')
    .replace(/\s+/g, '');
  return key === '' ? fold(name) : key;
}

/** Builds the lookup over a list of states. */
export function placesOf(list: readonly StatePlaces[], aliases: Aliases = NO_ALIASES): Places {
  const states = list.toSorted(
    (a, b) => compare(a.country ?? '', b.country ?? '') || compare(a.state, b.state),
  );
  const findStates = lookup(
    states.map((row) => [row.state, row]),
    aliases.state,
  );
  const findLgas = lookup(
    states.flatMap((row) => row.lgas.map((lga) => [lga, { lga, row }] as const)),
    aliases.lga,
  );
  const findZones = lookup(states.flatMap((row) => (row.zone === null ? [] : [[row.zone, row]])));
  const findCountries = lookup(states.flatMap((row) => (row.country === null ? [] : [[row.country, row]])));

  return {
    states,
    counts: countPlaces(states),
    find(words) {
      const [lga, state, zone, country] = [words.lga, words.state, words.zone, words.country].map(
        (word) => word?.trim() ?? '',
      ) as [string, string, string, string];
      const below = lga !== '' || state !== '';
      const inZone = new Set(findZones(zone));
      const inCountry = new Set(findCountries(country));
      // Lists shorten zones and countries in many ways ("SW", "NG"): below them, a word we do not know is passed over.
      const zoneCounts = zone !== '' && (inZone.size > 0 || !below);
      const countryCounts = country !== '' && (inCountry.size > 0 || !COUNTRY_CODE.test(country));
      const fits = (row: StatePlaces): boolean =>
        (!zoneCounts || inZone.has(row)) && (!countryCounts || inCountry.has(row));

      if (lga !== '') {
        const inState = new Set(findStates(state));
        const found = findLgas(lga).filter(({ row }) => fits(row) && (state === '' || inState.has(row)));
        // Equal names in two states are two places: without the state we do not guess.
        const only = single(found);
        return only && { ...placeOf(only.row), lga: only.lga };
      }
      if (state !== '') {
        const only = single(findStates(state).filter(fits));
        return only && placeOf(only);
      }
      const row = [...(zone === '' ? inCountry : inZone)].find(fits);
      if (row === undefined) return null;
      const several =
        zone !== '' && [...inZone].some((other) => fits(other) && other.country !== row.country);
      return several ? null : { ...placeOf(row), state: null, zone: zone === '' ? null : row.zone };
    },
  };
}

/** How many there are of each rung. */
export function countPlaces(states: readonly StatePlaces[]): PlaceCounts {
  const distinct = (names: readonly (string | null)[]): number =>
    new Set(names.filter((name) => name !== null)).size;
  return {
    countries: distinct(states.map(({ country }) => country)),
    zones: distinct(
      states.map(({ country, zone }) => (zone === null ? null : JSON.stringify([country, zone]))),
    ),
    states: states.length,
    lgas: states.reduce((sum, { lgas }) => sum + lgas.length, 0),
  };
}

/** Is this very place, by its written names, among them? */
export function hasPlace(places: Places, place: Place): boolean {
  const found = places.find({
    lga: place.lga ?? '',
    state: place.state ?? '',
    zone: place.zone ?? '',
    country: place.country ?? '',
  });
  return (
    found !== null &&
    found.lga === place.lga &&
    found.state === place.state &&
    found.zone === place.zone &&
    found.country === place.country
  );
}

/** Finds by the written name first, then by what is left of it when everything that varies is taken away. */
function lookup<T>(
  entries: readonly (readonly [string, T])[],
  aliases: Readonly<Record<string, string>> = {},
): (words: string) => readonly T[] {
  const written = group(entries, fold);
  const loose = group(entries, placeKey);
  const otherwise = new Map(Object.entries(aliases).map(([alias, name]) => [placeKey(alias), name]));
  return (words) => {
    if (words.trim() === '') return [];
    const name = otherwise.get(placeKey(words)) ?? words;
    return written.get(fold(name)) ?? loose.get(placeKey(name)) ?? [];
  };
}

function group<T>(
  entries: readonly (readonly [string, T])[],
  keyOf: (name: string) => string,
): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const [name, item] of entries) {
    const key = keyOf(name);
    const known = groups.get(key);
    if (known === undefined) groups.set(key, [item]);
    else known.push(item);
  }
  return groups;
}

function placeOf({ country, zone, state }: StatePlaces): Place {
  return { lga: null, state, zone, country };
}

function single<T>(found: readonly T[]): T | null {
  return found.length === 1 ? (found[0] ?? null) : null;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

export const NIGERIAN_PLACES: Places = placesOf(
  Object.entries(NIGERIA).flatMap(([zone, inZone]) =>
    Object.entries(inZone).map(([state, lgas]) => ({
      country: 'Nigeria',
      zone,
      state,
      lgas: lgas.split(', '),
    })),
  ),
  NIGERIAN_ALIASES,
);
