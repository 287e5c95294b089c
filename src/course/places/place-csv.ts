import { fold } from '../fold.ts';
import { type Fatal, type Finding, readTable, shown, type TableRow } from '../table.ts';
import { countPlaces, type PlaceCounts, type StatePlaces } from './places.ts';

export const PLACE_COLUMNS = ['country', 'zone', 'state', 'lga'] as const;
/** The world has about 50,000 districts of the second order. */
export const MOST_PLACES = 50_000;
const LONGEST_NAME = 80;

export type ReadPlaces = {
  readonly states: readonly StatePlaces[];
  readonly counts: PlaceCounts;
  /** Lines that were left out, and why. */
  readonly findings: readonly Finding[];
  /** Columns that say nothing here. */
  readonly ignored: readonly string[];
};
type Row = { country: string | null; zone: string | null; state: string; lga: string | null };
type Growing = StatePlaces & { readonly lgas: string[]; readonly keys: Set<string> };

/**
 * Reads a list of places, a line for each smallest one: country, zone, state and lga, of which all but state may be
 * empty or missing. The first spelling of a name counts. A line with a fault is named and left out.
 */
export function readPlaceCsv(text: string): ReadPlaces | Fatal {
  const table = readTable(text, MOST_PLACES);
  if ('code' in table) return table;
  if (!table.columns.includes('state')) return { code: 'places_no_state_column', params: {} };
  const findings = [...table.findings];
  const namesCountries = table.rows.some((row) => row.cell('country') !== '');
  const states = new Map<string, Growing>();
  const zones = new Map<string, string | null>();
  for (const row of table.rows) {
    const complain = (code: string, value: string): void => {
      findings.push({ line: row.line, code, value: shown(value) });
    };
    const told = readRow(row, namesCountries, complain);
    if (told !== null) add(states, zones, told, complain);
  }
  const list = [...states.values()].map(({ keys: _keys, ...state }) => state);
  if (list.length === 0) return { code: 'places_none', params: {} };
  const known: readonly string[] = PLACE_COLUMNS;
  return {
    states: list,
    counts: countPlaces(list),
    findings: findings.toSorted((a, b) => a.line - b.line),
    ignored: table.columns.filter((name) => name !== '' && !known.includes(name)),
  };
}

function readRow(
  row: TableRow,
  needsCountry: boolean,
  complain: (code: string, value: string) => void,
): Row | null {
  const [country, zone, state, lga] = PLACE_COLUMNS.map((name) => tidy(row.cell(name))) as [
    string,
    string,
    string,
    string,
  ];
  const long = [country, zone, state, lga].find((name) => name.length > LONGEST_NAME);
  if (long !== undefined) complain('place_long', long);
  else if (state === '') complain('place_no_state', lga || zone || country);
  else if (country === '' && needsCountry) complain('place_no_country', state);
  else return { country: country || null, zone: zone || null, state, lga: lga || null };
  return null;
}

function add(
  states: Map<string, Growing>,
  zones: Map<string, string | null>,
  { country, zone, state, lga }: Row,
  complain: (code: string, value: string) => void,
): void {
  const path = [country ?? '', state].map(fold);
  const key = JSON.stringify(path);
  const zoneKey = zone === null ? null : fold(zone);
  // A state lies in one zone; a second line that says otherwise is a slip, not a second state.
  if (zones.has(key) && zones.get(key) !== zoneKey) {
    complain('place_two_zones', [state, zone].filter(Boolean).join(', '));
    return;
  }
  zones.set(key, zoneKey);
  const known = states.get(key) ?? { country, zone, state, lgas: [], keys: new Set<string>() };
  const repeated = lga === null ? states.has(key) : known.keys.has(fold(lga));
  states.set(key, known);
  if (repeated) complain('place_twice', lga ?? state);
  else if (lga !== null) {
    known.lgas.push(lga);
    known.keys.add(fold(lga));
  }
}

/** Without control characters and doubled spaces. */
function tidy(name: string): string {
  return name.replace(/[\p{Cc}\p{Cs}\s]+/gu, ' ').trim();
}
