type Numbers = Int32Array | Float64Array | Uint8Array;

const CHUNK = 1 << 14;

/** A column of numbers of unknown length, kept in typed arrays chunk by chunk; objects per row would not fit in memory. */
export class Column<T extends Numbers> {
  #chunks: T[] = [];
  #length = 0;
  readonly #make: (length: number) => T;

  constructor(make: (length: number) => T) {
    this.#make = make;
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    const at = this.#length++ % CHUNK;
    if (at === 0) this.#chunks.push(this.#make(CHUNK));
    const last = this.#chunks[this.#chunks.length - 1];
    if (last !== undefined) last[at] = value;
  }

  /** The column at its length, in memory that threads can share; it cannot grow any more. */
  done(): T {
    const whole = this.#make(this.#length);
    for (const [at, chunk] of this.#chunks.entries())
      whole.set(chunk.subarray(0, Math.min(CHUNK, this.#length - at * CHUNK)), at * CHUNK);
    this.#chunks = [];
    return whole;
  }
}

export const newInts = (length: number): Int32Array => new Int32Array(new SharedArrayBuffer(length * 4));
export const newFloats = (length: number): Float64Array =>
  new Float64Array(new SharedArrayBuffer(length * 8));
export const newBytes = (length: number): Uint8Array => new Uint8Array(new SharedArrayBuffer(length));

/** Numbers texts in the order in which they come. */
export class Dictionary {
  readonly texts: string[] = [];
  readonly #codes = new Map<string, number>();

  codeOf(text: string): number {
    const known = this.#codes.get(text);
    if (known !== undefined) return known;
    const code = this.texts.push(text) - 1;
    this.#codes.set(text, code);
    return code;
  }
}
