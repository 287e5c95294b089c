import { CsvError, parse } from 'csv-parse/sync';
import { fold } from './fold.ts';

/** What was found at a line of a file; `code` is a key of words, `value` what the file says there, cut short. */
export type Finding = { readonly line: number; readonly code: string; readonly value: string };
export type TableRow = {
  /** Where the row begins in the file; the heading is line 1. */
  readonly line: number;
  /** The cell of a column, trimmed; '' where the row or the file has none. */
  cell(column: string): string;
};
/** Why a file is no table: a key of words and what fills them. */
export type Fatal = { readonly code: string; readonly params: Readonly<Record<string, string | number>> };
export type Table = {
  /** As the heading names them, folded. */
  readonly columns: readonly string[];
  readonly rows: readonly TableRow[];
  readonly findings: readonly Finding[];
};

const SEPARATORS = [',', ';', '\t'] as const;
const MOST_SHOWN = 60;
const MOST_COLUMNS = 100;
/** `until` is the line that a record ends on. */
type Raw = { readonly record: readonly string[]; readonly until: number };

/** The text of a file: UTF-8, with or without a byte order mark. Null where it is in another encoding. */
export function decodeUtf8(bytes: Uint8Array): string | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    // UTF-16 without a mark is valid UTF-8, full of zeros.
    return text.includes('\u0000') ? null : text;
  } catch {
    return null;
  }
}

/** How files begin that people take for a CSV. Spreadsheets are ZIP archives, old ones OLE documents. */
const BEGINNINGS: readonly (readonly [hex: string, code: string])[] = [
  ['504b0304', 'csv_spreadsheet'],
  ['d0cf11e0', 'csv_spreadsheet'],
  ['25504446', 'csv_pdf'],
  ['89504e47', 'csv_picture'],
  ['ffd8ff', 'csv_picture'],
  ['47494638', 'csv_picture'],
  ['52494646', 'csv_picture'],
];

/** The text of a file that should be a CSV, or what it is instead. */
export function readText(bytes: Uint8Array): string | Fatal {
  const begins = Buffer.from(bytes.subarray(0, 4)).toString('hex');
  const [, code] = BEGINNINGS.find(([hex]) => begins.startsWith(hex)) ?? [];
  return code === undefined ? (decodeUtf8(bytes) ?? fatal('csv_encoding')) : fatal(code);
}

/** A value as findings show it. */
export function shown(value: string): string {
  return value.slice(0, MOST_SHOWN).replace(/\p{Cs}/gu, '');
}

/**
 * Reads comma, semicolon or tab separated text whose first line names the columns (RFC 4180; a line may end in CR, LF
 * or both). A row with more cells than the heading is left out and named: its values stand under wrong names.
 */
export function readTable(text: string, mostRows: number): Table | Fatal {
  if (text.trim() === '') return fatal('csv_empty');
  const raw = parseRaw(text, mostRows);
  if ('code' in raw) return raw;
  const [heading, ...body] = raw;
  const named = heading?.record ?? [];
  if (named.length > MOST_COLUMNS) return fatal('csv_wide', { most: MOST_COLUMNS });
  const columns = named.map((name) => fold(name).replaceAll(' ', '_'));
  const twice = columns.findIndex((name, index) => name !== '' && columns.indexOf(name) !== index);
  if (twice !== -1) return fatal('csv_column_twice', { column: twice + 1 });
  if (body.length === 0) return fatal('csv_empty');
  if (body.length > mostRows) return fatal('csv_too_long', { most: mostRows });
  const at = new Map(columns.map((name, index) => [name, index]));
  const findings: Finding[] = [];
  const rows = body.flatMap(({ record, until }): TableRow[] => {
    const line = until - record.join('').split('\n').length + 1;
    const surplus = record.slice(columns.length).find((cell) => cell !== '');
    if (surplus !== undefined) {
      findings.push({ line, code: 'csv_cells', value: shown(surplus) });
      return [];
    }
    return [{ line, cell: (column) => plain(record[at.get(column) ?? -1] ?? '') }];
  });
  return { columns, rows, findings };
}

function parseRaw(text: string, mostRows: number): readonly Raw[] | Fatal {
  const raw: Raw[] = [];
  try {
    parse(text, {
      delimiter: separatorOf(text),
      bom: true,
      skip_empty_lines: true,
      skip_records_with_empty_values: true,
      relax_column_count: true,
      trim: true,
      to: mostRows + 2,
      onRecord(record: string[], { lines }) {
        raw.push({ record, until: lines });
        return null;
      },
    });
    return raw;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    // Whatever is wrong with quotation marks, it began with the row after the last good one.
    return fatal('csv_quote', { line: (raw.at(-1)?.until ?? 0) + 1 });
  }
}

/** What separates the cells of the heading. */
function separatorOf(text: string): string {
  const heading = text.split(/\r|\n/, 1)[0] ?? '';
  const count = (sign: string): number => heading.split(sign).length;
  return SEPARATORS.toSorted((a, b) => count(b) - count(a))[0] ?? ',';
}

/** Our template writes an apostrophe before what a spreadsheet would take for a formula. */
function plain(cell: string): string {
  return /^'[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell;
}

function fatal(code: string, params: Fatal['params'] = {}): Fatal {
  return { code, params };
}
