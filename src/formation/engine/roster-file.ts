import { type Cohort, CohortBuilder } from './cohort.ts';
import { CsvReader, CsvRefused } from './csv.ts';
import { Column, newInts } from './growing.ts';
import { type CurrentPlacement, type FormationPerson, FormationRefused, type Rung, RUNGS } from './types.ts';

type Finder = (fields: readonly string[], name: string) => string;

/** Reads a roster from CSV bytes, row by row into columns. Wrong rows are refused with their line. */
export class RosterReader {
  readonly #builder = new CohortBuilder();
  readonly #csv: CsvReader;
  readonly #lines = new Column(newInts);
  #columns: ReadonlyMap<string, number> | null = null;

  constructor() {
    this.#csv = new CsvReader((fields, line) => this.#row(fields, line));
  }

  /** @throws CsvRefused */
  push(chunk: Buffer): void {
    this.#csv.push(chunk);
  }

  /**
   * @returns the roster, and the line of each person
   * @throws CsvRefused
   */
  end(): { cohort: Cohort; lines: Int32Array } {
    this.#csv.end();
    if (this.#columns === null) throw new CsvRefused('the file is empty: a header row is needed', 1);
    return { cohort: this.#builder.build(), lines: this.#lines.done() };
  }

  #row(fields: string[], line: number): void {
    if (this.#columns === null) {
      this.#columns = readHeader(fields, ['id', 'track'], line);
      return;
    }
    if (
      fields.length > this.#columns.size &&
      fields.slice(this.#columns.size).some((field) => field.trim() !== '')
    )
      throw new CsvRefused('the row has more fields than the header', line);
    const columns = this.#columns;
    const find = (name: string): string => fields[columns.get(name) ?? -1] ?? '';
    try {
      this.#builder.add(personOf(find, line));
      this.#lines.push(line);
    } catch (error) {
      if (error instanceof FormationRefused) throw new CsvRefused(WORDS[error.code] ?? error.code, line);
      throw error;
    }
  }
}

const WORDS: Readonly<Record<string, string>> = {
  blank_id: 'the id is blank',
  duplicate_id: 'the id occurs twice',
  bad_availability: 'availability must be 21 characters 0 or 1, or blank',
};

/** Columns by name, in lower case; unknown ones count as columns and are not read. */
function readHeader(
  fields: readonly string[],
  needed: readonly string[],
  line: number,
): ReadonlyMap<string, number> {
  const columns = new Map<string, number>();
  for (const [at, field] of fields.entries()) {
    const name = field.trim().toLowerCase();
    if (columns.has(name) && KNOWN.has(name)) throw new CsvRefused(`the column ${name} occurs twice`, line);
    columns.set(columns.has(name) ? `${name} ${at}` : name, at);
  }
  for (const name of needed) {
    if (!columns.has(name)) throw new CsvRefused(`the header has no column "${name}"`, line);
  }
  return columns;
}

const KNOWN = new Set(
  'id track lga state zone country skill activity gender can_lead availability languages must_with must_not_with pinned previous_group group place rung guest'.split(
    ' ',
  ),
);

function personOf(find: (name: string) => string, line: number): FormationPerson {
  const text = (name: string): string | null => {
    const value = find(name);
    return value.trim() === '' ? null : value;
  };
  const id = find('id');
  const track = find('track');
  if (id.trim() === '') throw new CsvRefused('the id is blank', line);
  if (track.trim() === '') throw new CsvRefused('the track is blank', line);
  return {
    // A field is a slice of its row; an id that is kept must not keep the row.
    id: id.length > 12 ? Buffer.from(id).toString() : id,
    track,
    place: { lga: text('lga'), state: text('state'), zone: text('zone'), country: text('country') },
    skill: numberOf(text('skill'), 'skill', line),
    activity: numberOf(text('activity'), 'activity', line),
    gender: genderOf(find('gender'), line),
    canLead: flagOf(find('can_lead'), 'can_lead', line),
    availability: text('availability')?.trim() ?? null,
    languages: listOf(find('languages')),
    mustWith: listOf(find('must_with')),
    mustNotWith: listOf(find('must_not_with')),
    pinned: flagOf(find('pinned'), 'pinned', line),
    previousGroup: text('previous_group'),
  };
}

const NOTHING: readonly string[] = [];

function listOf(text: string): readonly string[] {
  if (text === '') return NOTHING;
  const items = text.split(';').map((item) => item.trim());
  return items.filter((item) => item !== '');
}

function numberOf(text: string | null, name: string, line: number): number | null {
  if (text === null) return null;
  // Where the semicolon separates, decimals may have a comma.
  const value = Number(/^\s*-?\d+,\d+\s*$/.test(text) ? text.replace(',', '.') : text);
  if (!Number.isFinite(value)) throw new CsvRefused(`${name} is not a number`, line);
  return value;
}

function genderOf(text: string, line: number): 'F' | 'M' | null {
  const value = text.trim().toUpperCase();
  if (value === '') return null;
  if (value !== 'F' && value !== 'M') throw new CsvRefused('gender must be F, M or blank', line);
  return value;
}

function flagOf(text: string, name: string, line: number): boolean {
  const value = text.trim();
  if (value !== '' && value !== '0' && value !== '1')
    throw new CsvRefused(`${name} must be 0, 1 or blank`, line);
  return value === '1';
}

/**
 * Reads the groups to keep, as the command wrote them.
 * @throws CsvRefused where a person occurs twice, or the header lacks id or group
 */
export function readPrevious(bytes: Buffer): CurrentPlacement[] {
  const placements: CurrentPlacement[] = [];
  const seen = new Set<string>();
  const header: { columns: ReadonlyMap<string, number> | null } = { columns: null };
  const find: Finder = (fields, name) => fields[header.columns?.get(name) ?? -1] ?? '';
  const reader = new CsvReader((fields, line) => {
    if (header.columns === null) {
      header.columns = readHeader(fields, ['id', 'group'], line);
      return;
    }
    const id = find(fields, 'id');
    if (id.trim() === '') throw new CsvRefused('the id is blank', line);
    if (seen.has(id)) throw new CsvRefused('the id occurs twice', line);
    seen.add(id);
    const group = find(fields, 'group');
    if (group.trim() === '') return;
    const rung = find(fields, 'rung');
    placements.push({
      id,
      group,
      place: find(fields, 'place'),
      guest: find(fields, 'guest') === '1',
      ...(isRung(rung) ? { rung } : {}),
    });
  });
  reader.push(bytes);
  reader.end();
  if (header.columns === null) throw new CsvRefused('the file is empty: a header row is needed', 1);
  return placements;
}

function isRung(text: string): text is Rung {
  return (RUNGS as readonly string[]).includes(text);
}
