import { parse } from 'csv-parse/sync';
import { fold } from '../fold.ts';
import type { Places } from '../places/places.ts';
import type { ProfileFields } from './profile.ts';

/** What was found at a line of an upload; `code` is a key of words, `value` what the file says there, cut short. */
export type Finding = { readonly line: number; readonly code: string; readonly value: string };
export type CsvRow = {
  readonly line: number;
  readonly who: { id: string; email: string; name: string };
  readonly told: Partial<ProfileFields>;
};
export type ReadCsv = {
  readonly rows: readonly CsvRow[];
  readonly findings: readonly Finding[];
  readonly fatal: string | null;
};

export const CSV_COLUMNS = [
  'id',
  'email',
  'name',
  'track',
  'lga',
  'state',
  'zone',
  'skill',
  'activity',
  'gender',
  'can_lead',
  'availability',
  'languages',
];
const MOST_ROWS = 50_000;

/** The text of a file: UTF-8, with or without a byte order mark. Null where it is in another encoding. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** Reads an upload line by line; a line with a fault is named and left out, a file that is no table is `fatal`. */
export function readProfileCsv(text: string, tracks: readonly string[], places: Places): ReadCsv {
  const delimiter = [';', '\t', ','].toSorted((a, b) => countIn(text, b) - countIn(text, a))[0] ?? ',';
  let records: { record: Record<string, string>; info: { lines: number } }[];
  try {
    records = parse(text, {
      delimiter,
      bom: true,
      columns: (header: string[]) => header.map((name) => fold(name).replaceAll(' ', '_')),
      skip_empty_lines: true,
      relax_column_count: true,
      trim: true,
      info: true,
      to: MOST_ROWS + 1,
    }) as unknown as typeof records;
  } catch {
    return { rows: [], findings: [], fatal: 'csv_unreadable' };
  }
  const columns = new Set(Object.keys(records[0]?.record ?? {}));
  if (records.length === 0) return { rows: [], findings: [], fatal: 'csv_empty' };
  if (records.length > MOST_ROWS) return { rows: [], findings: [], fatal: 'csv_too_long' };
  if (!['id', 'email', 'name'].some((name) => columns.has(name)))
    return { rows: [], findings: [], fatal: 'csv_no_person_column' };
  if (!CSV_COLUMNS.slice(3).some((name) => columns.has(name)))
    return { rows: [], findings: [], fatal: 'csv_no_value_column' };

  const byTrack = new Map(tracks.map((track) => [fold(track), track]));
  const findings: Finding[] = [];
  const rows = records.map(({ record, info }) => {
    const told = valuesOf(record, byTrack, places, (code, value) =>
      findings.push({ line: info.lines, code, value: value.slice(0, 60) }),
    );
    return {
      line: info.lines,
      who: { id: record['id'] ?? '', email: record['email'] ?? '', name: record['name'] ?? '' },
      told,
    };
  });
  return { rows, findings, fatal: null };
}

function countIn(text: string, sign: string): number {
  return (text.split('\n', 1)[0] ?? '').split(sign).length;
}

function valuesOf(
  record: Readonly<Record<string, string>>,
  byTrack: ReadonlyMap<string, string>,
  places: Places,
  complain: (code: string, value: string) => void,
): Partial<ProfileFields> {
  const told: Partial<ProfileFields> = {};
  const value = (name: string): string => record[name] ?? '';
  if (value('track') !== '') {
    const track = byTrack.get(fold(value('track')));
    if (track === undefined) complain('csv_track_unknown', value('track'));
    else told.track = track;
  }
  const words = { lga: value('lga'), state: value('state'), zone: value('zone') };
  if (Object.values(words).some((word) => word !== '')) {
    const place = places.find(words);
    if (place === null)
      complain('csv_place_unknown', [words.lga, words.state, words.zone].filter(Boolean).join(', '));
    else Object.assign(told, place);
  }
  for (const name of ['skill', 'activity'] as const) {
    if (value(name) === '') continue;
    const number = Number(value(name).replace(',', '.'));
    if (Number.isFinite(number)) told[name] = number;
    else complain('csv_number', value(name));
  }
  const gender = value('gender').toUpperCase().slice(0, 1);
  if (gender === 'F' || gender === 'M') told.gender = gender;
  if (value('can_lead') !== '') told.canLead = /^(1|y|yes|true)$/i.test(value('can_lead'));
  if (value('availability') !== '') {
    if (/^[01]{21}$/.test(value('availability'))) told.availability = value('availability');
    else complain('csv_availability', value('availability'));
  }
  if (value('languages') !== '')
    told.languages = value('languages')
      .split(';')
      .map((word) => word.trim())
      .filter(Boolean);
  return told;
}

export type Known = {
  readonly personId: string;
  readonly sub: string;
  readonly email: string | null;
  readonly name: string | null;
};
export type Matched = {
  readonly changes: readonly { personId: string; told: Partial<ProfileFields> }[];
  readonly findings: readonly Finding[];
};

/** Finds each row's person: by user id, else by email, else by name where only one has it. */
export function matchPeople(rows: readonly CsvRow[], people: readonly Known[]): Matched {
  const byId = new Map(people.map((person) => [person.sub, person.personId]));
  const byEmail = new Map(
    people.filter(({ email }) => email !== null).map((person) => [fold(person.email ?? ''), person.personId]),
  );
  const byName = new Map<string, string | null>();
  for (const { name, personId } of people) {
    if (name !== null) byName.set(fold(name), byName.has(fold(name)) ? null : personId);
  }
  const findings: Finding[] = [];
  const taken = new Map<string, number>();
  const changes = rows.flatMap(({ line, who, told }) => {
    const shown = (who.id || who.email || who.name).slice(0, 60);
    const named = byName.get(fold(who.name));
    const personId = byId.get(who.id) ?? byEmail.get(fold(who.email)) ?? named;
    if (personId === undefined || personId === null) {
      findings.push({ line, code: named === null ? 'csv_name_twice' : 'csv_person_unknown', value: shown });
      return [];
    }
    const earlier = taken.get(personId);
    if (earlier !== undefined) {
      findings.push({ line, code: 'csv_person_twice', value: `${shown} (${earlier})` });
      return [];
    }
    taken.set(personId, line);
    return [{ personId, told }];
  });
  return { changes, findings };
}
