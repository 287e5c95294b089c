import { fold } from '../fold.ts';
import type { Place, Places } from '../places/places.ts';
import { readLanguages } from '../profiles/languages.ts';
import type { ProfileFields } from '../profiles/profile.ts';
import { type Fatal, type Finding, readTable, shown, type TableRow } from '../table.ts';

export type CsvRow = {
  readonly line: number;
  readonly who: { readonly id: string; readonly email: string; readonly name: string };
  readonly told: Partial<ProfileFields>;
  /** It says something that was not understood, and is told of for that. */
  readonly faulty?: boolean;
};
export type ReadCsv = {
  /** How many there are to read. */
  readonly count: number;
  /** Rows from one to before another, so that whoever reads thousands can do other things in between. */
  readonly read: (
    from: number,
    to: number,
  ) => { readonly rows: readonly CsvRow[]; readonly findings: readonly Finding[] };
  /** Of lines that are no rows. */
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
  const find = remembering(places);
  return {
    count: table.rows.length,
    read(from, to) {
      const findings: Finding[] = [];
      const rows = table.rows.slice(from, to).map((row) =>
        readRow(row, byTrack, find, (code, value) => {
          findings.push({ line: row.line, code, value: shown(value) });
        }),
      );
      return { rows, findings };
    },
    findings: table.findings,
    later: table.columns.filter((name) => LATER_COLUMNS.includes(name)),
    ignored: table.columns.filter(
      (name) => name !== '' && !LATER_COLUMNS.includes(name) && !CSV_COLUMNS.includes(name),
    ),
  };
}

type Told = Partial<ProfileFields>;

function readRow(
  row: TableRow,
  byTrack: ReadonlyMap<string, string>,
  find: Places['find'],
  say: Complain,
): CsvRow {
  let faulty = false;
  const complain: Complain = (code, value) => {
    faulty = true;
    say(code, value);
  };
  const who = { id: row.cell('id'), email: row.cell('email'), name: row.cell('name') };
  const told = {
    ...trackOf(row, byTrack, complain),
    ...placeOf(row, find, complain),
    ...numberOf(row, 'skill', complain),
    ...numberOf(row, 'activity', complain),
    ...genderOf(row, complain),
    ...canLeadOf(row, complain),
    ...availabilityOf(row, complain),
    ...(row.cell('languages') === '' ? {} : { languages: readLanguages(row.cell('languages')) }),
  };
  return { line: row.line, who, told, faulty };
}

/** A file says the same few places over and over. */
function remembering(places: Places): Places['find'] {
  const known = new Map<string, Place | null>();
  return (words) => {
    const key = JSON.stringify(words);
    const place = known.has(key) ? (known.get(key) ?? null) : places.find(words);
    known.set(key, place);
    return place;
  };
}

function trackOf(row: TableRow, byTrack: ReadonlyMap<string, string>, complain: Complain): Told {
  const words = row.cell('track');
  if (words === '') return {};
  const track = byTrack.get(fold(words));
  if (track !== undefined) return { track };
  complain('csv_track_unknown', words);
  return {};
}

function placeOf(row: TableRow, find: Places['find'], complain: Complain): Told {
  const rungs = ['lga', 'state', 'zone', 'country'] as const;
  const words = Object.fromEntries(rungs.map((rung) => [rung, row.cell(rung)]));
  const written = rungs.map((rung) => row.cell(rung)).filter((word) => word !== '');
  if (written.length === 0) return {};
  const place = find(words);
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
