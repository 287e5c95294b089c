import type { PlaceWords, Places, StatePlaces } from './places.ts';

export type PlaceOption = { readonly value: string; readonly chosen: boolean };
/** What a form offers for choosing a place, step by step. */
export type PlaceChoice = {
  /** Empty where there is one country alone. */
  readonly countries: readonly PlaceOption[];
  /** Empty while a country must be chosen first. */
  readonly states: readonly PlaceOption[];
  /** Empty while no state is chosen, and where it has none. */
  readonly lgas: readonly PlaceOption[];
  /** The state whose areas are listed; null while none is chosen. */
  readonly listed: StatePlaces | null;
};

/** What to offer to somebody who chose this so far. */
export function placeChoice(places: Places, chosen: PlaceWords): PlaceChoice {
  const names = [...new Set(places.states.map(({ country }) => country))];
  const country = names.length > 1 ? (names.find((name) => name === chosen.country) ?? '') : names[0];
  const inCountry = places.states.filter((row) => row.country === country);
  const listed = inCountry.find(({ state }) => state === chosen.state) ?? null;
  return {
    countries: names.length > 1 ? names.map((name) => option(name ?? '', name === country)) : [],
    states: inCountry.map((row) => option(row.state, row === listed)),
    lgas: (listed?.lgas ?? []).toSorted(compare).map((lga) => option(lga, lga === chosen.lga)),
    listed,
  };
}

function option(value: string, chosen: boolean): PlaceOption {
  return { value, chosen };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
