import { fold } from '../fold.ts';
import type { Places } from '../places/places.ts';
import { readLanguages } from '../profiles/languages.ts';
import type { ProfileFields } from '../profiles/profile.ts';
import { type Fatal, type Finding, readTable, shown, type TableRow } from '../table.ts';

export type CsvRow = {
  readonly line: number;
  readonly who: { readonly id: string; readonly email: string; readonly name: string };
  readonly told: Partial<ProfileFields>;
};
export type ReadCsv = {
  readonly rows: readonly CsvRow[];
  readonly findings: readonly Finding[];
  /** Columns that the command knows and a course does not yet, and columns that nobody knows. */
  readonly later: readonly string[];
  readonly ignored: readonly string[];
};
type Complain = (code: string, value: string) => void;

const PERSON_COLUMNS = ['id', 'email', 'name'] as const;
const VALUE_COLUMNS = [
  'track',
  'lga',
  'state',
  'zone',
  'country',
  'skill',
  'activity',
  'gender',
  'can_lead',
  'availability',
  'languages',
] as const;
export const CSV_COLUMNS: readonly string[] = [...PERSON_COLUMNS, ...VALUE_COLUMNS];
const LATER_COLUMNS: readonly string[] = ['must_with', 'must_not_with', 'pinned', 'previous_group'];
export const MOST_ROWS = 50_000;

/** Reads tracks, places and the rest, line by line; a value with a fault is named and left out, the others are taken. */
export function readProfileCsv(text: string, tracks: readonly string[], places: Places): ReadCsv | Fatal {
  const table = readTable(text, MOST_ROWS);
  if ('code' in table) return table;
  const has = (name: string): boolean => table.columns.includes(name);
  if (!PERSON_COLUMNS.some(has)) return { code: 'csv_no_person_column', params: {} };
  if (!VALUE_COLUMNS.some(has)) return { code: 'csv_no_value_column', params: {} };
  const byTrack = new Map(tracks.map((track) => [fold(track), track]));
  const findings = [...table.findings];
  const rows = table.rows.map((row): CsvRow => {
    const complain: Complain = (code, value) => {
      findings.push({ line: row.line, code, value: shown(value) });
    };
    const who = { id: row.cell('id'), email: row.cell('email'), name: row.cell('name') };
    const told = {
      ...trackOf(row, byTrack, complain),
      ...placeOf(row, places, complain),
      ...numberOf(row, 'skill', complain),
      ...numberOf(row, 'activity', complain),
      ...genderOf(row, complain),
      ...canLeadOf(row, complain),
      ...availabilityOf(row, complain),
      ...(row.cell('languages') === '' ? {} : { languages: readLanguages(row.cell('languages')) }),
    };
    return { line: row.line, who, told };
  });
  return {
    rows,
    findings,
    later: table.columns.filter((name) => LATER_COLUMNS.includes(name)),
    ignored: table.columns.filter(
      (name) => name !== '' && !LATER_COLUMNS.includes(name) && !CSV_COLUMNS.includes(name),
    ),
  };
}

type Told = Partial<ProfileFields>;

function trackOf(row: TableRow, byTrack: ReadonlyMap<string, string>, complain: Complain): Told {
  const words = row.cell('track');
  if (words === '') return {};
  const track = byTrack.get(fold(words));
  if (track !== undefined) return { track };
  complain('csv_track_unknown', words);
  return {};
}

function placeOf(row: TableRow, places: Places, complain: Complain): Told {
  const rungs = ['lga', 'state', 'zone', 'country'] as const;
  const words = Object.fromEntries(rungs.map((rung) => [rung, row.cell(rung)]));
  const written = rungs.map((rung) => row.cell(rung)).filter((word) => word !== '');
  if (written.length === 0) return {};
  const place = places.find(words);
  if (place !== null) return place;
  complain('csv_place_unknown', written.join(', '));
  return {};
}

function numberOf(row: TableRow, name: 'skill' | 'activity', complain: Complain): Told {
  const words = row.cell(name);
  if (words === '') return {};
  const number = Number(words.replace(',', '.'));
  if (Number.isFinite(number)) return { [name]: number };
  complain('csv_number', words);
  return {};
}

function genderOf(row: TableRow, complain: Complain): Told {
  const words = fold(row.cell('gender'));
  if (words === '') return {};
  if (['f', 'female', 'woman', 'w'].includes(words)) return { gender: 'F' };
  if (['m', 'male', 'man'].includes(words)) return { gender: 'M' };
  complain('csv_gender', row.cell('gender'));
  return {};
}

function canLeadOf(row: TableRow, complain: Complain): Told {
  const words = fold(row.cell('can_lead'));
  if (words === '') return {};
  if (['1', 'y', 'yes', 'true'].includes(words)) return { canLead: true };
  if (['0', 'n', 'no', 'false'].includes(words)) return { canLead: false };
  complain('csv_can_lead', row.cell('can_lead'));
  return {};
}

function availabilityOf(row: TableRow, complain: Complain): Told {
  const words = row.cell('availability');
  if (words === '') return {};
  if (/^[01]{21}$/.test(words)) return { availability: words };
  complain('csv_availability', words);
  return {};
}
