/** A file that is no CSV: `line` is where, counted from 1. */
export class CsvRefused extends Error {
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.name = 'CsvRefused';
    this.line = line;
  }
}

const QUOTE = 0x22;
const LF = 0x0a;
const CR = 0x0d;
const COMMA = 0x2c;
const SEPARATORS = [COMMA, 0x3b, 0x09];

/**
 * Reads rows of a UTF-8 CSV, chunk by chunk: comma, semicolon or tab (the one the header has most of), byte order mark, CRLF,
 * quoted fields with doubled quotes and line breaks. Blank lines are no rows. The fields array is used again for each row.
 */
export class CsvReader {
  readonly #onRow: (fields: string[], line: number) => void;
  #held: Buffer = Buffer.alloc(0);
  #separator = 0;
  #line = 1;
  #first = true;
  readonly #fields: string[] = [];

  constructor(onRow: (fields: string[], line: number) => void) {
    this.#onRow = onRow;
  }

  /** @throws CsvRefused */
  push(chunk: Buffer): void {
    this.#held = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#read(false);
  }

  /** @throws CsvRefused where a quoted field never ends */
  end(): void {
    this.#read(true);
  }

  #read(last: boolean): void {
    let bytes = this.#held;
    if (this.#first) {
      if (bytes.length < 3 && !last) return;
      if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) bytes = bytes.subarray(3);
      this.#first = false;
    }
    let start = 0;
    while (start < bytes.length) {
      const end = this.#rowEnd(bytes, start, last);
      if (end < 0) break;
      this.#row(bytes, start, end);
      start = end + 1;
    }
    this.#held = bytes.subarray(start);
    if (last && this.#held.length > 0) throw new CsvRefused('a quoted field is never closed', this.#line);
  }

  /** Where the row ends (its line feed, or the end of the file); -1 where more bytes are needed. */
  #rowEnd(bytes: Buffer, start: number, last: boolean): number {
    const feed = bytes.indexOf(LF, start);
    const quote = bytes.subarray(start, feed < 0 ? bytes.length : feed).indexOf(QUOTE);
    if (quote < 0) return feed >= 0 ? feed : last ? bytes.length : -1;
    let quoted = false;
    let fieldStart = true;
    for (let at = start; at < bytes.length; at++) {
      const byte = bytes[at] ?? 0;
      if (byte === QUOTE && (quoted || fieldStart)) quoted = !quoted;
      else if (byte === LF && !quoted) return at;
      // A doubled quote closes and opens again; a quote within a plain field is a character like any other.
      fieldStart = byte === QUOTE ? !quoted && bytes[at + 1] === QUOTE : this.#separates(byte);
    }
    return last && !quoted ? bytes.length : -1;
  }

  #separates(byte: number): boolean {
    return this.#separator === 0 ? SEPARATORS.includes(byte) : byte === this.#separator;
  }

  #row(bytes: Buffer, start: number, feed: number): void {
    const line = this.#line;
    this.#line++;
    const end = feed > start && bytes[feed - 1] === CR ? feed - 1 : feed;
    if (end === start) return;
    if (this.#separator === 0) this.#separator = separatorOf(bytes.subarray(start, end));
    const text = bytes.toString('utf8', start, end);
    // What is not UTF-8 is read as this character, which is also one of its own.
    if (text.includes('\ufffd') && !Buffer.from(text).equals(bytes.subarray(start, end)))
      throw new CsvRefused('the text is not UTF-8', line);
    if (!text.includes('"')) this.#plain(text);
    else this.#quoted(bytes, start, end, line);
    this.#onRow(this.#fields, line);
  }

  #plain(row: string): void {
    const separator = String.fromCharCode(this.#separator);
    this.#fields.length = 0;
    let from = 0;
    for (;;) {
      const to = row.indexOf(separator, from);
      this.#fields.push(to < 0 ? row.slice(from) : row.slice(from, to));
      if (to < 0) return;
      from = to + 1;
    }
  }

  #quoted(bytes: Buffer, start: number, end: number, line: number): void {
    this.#fields.length = 0;
    let at = start;
    for (;;) {
      let to = at;
      if (bytes[at] === QUOTE) {
        for (to = at + 1; to < end; to++) {
          if (bytes[to] === LF) this.#line++;
          if (bytes[to] !== QUOTE) continue;
          if (bytes[to + 1] !== QUOTE) break;
          to++;
        }
        this.#fields.push(bytes.toString('utf8', at + 1, to).replaceAll('""', '"'));
        to++;
        if (to < end && bytes[to] !== this.#separator)
          throw new CsvRefused('text follows a closing quote', line);
      } else {
        while (to < end && bytes[to] !== this.#separator) to++;
        this.#fields.push(bytes.toString('utf8', at, to));
      }
      if (to >= end) return;
      at = to + 1;
    }
  }
}

/** The commonest of comma, semicolon and tab outside quotes; the comma where there is none. */
function separatorOf(header: Buffer): number {
  const counts = SEPARATORS.map(() => 0);
  let quoted = false;
  for (const byte of header) {
    if (byte === QUOTE) quoted = !quoted;
    const which = SEPARATORS.indexOf(byte);
    if (!quoted && which >= 0) counts[which] = (counts[which] ?? 0) + 1;
  }
  const most = Math.max(...counts);
  return most === 0 ? COMMA : (SEPARATORS[counts.indexOf(most)] ?? COMMA);
}

/** A field as CSV writes it: quoted only where it must be. */
export function csvField(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
