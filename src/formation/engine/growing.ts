type Numbers = Int32Array | Float64Array | Uint8Array;

/** A column of numbers of unknown length, kept in one typed array that doubles; objects per row would not fit in memory. */
export class Column<T extends Numbers> {
  #items: T;
  #length = 0;
  readonly #make: (length: number) => T;

  constructor(make: (length: number) => T) {
    this.#make = make;
    this.#items = make(256);
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#items.length) {
      const larger = this.#make(this.#items.length * 2);
      larger.set(this.#items);
      this.#items = larger;
    }
    this.#items[this.#length++] = value;
  }

  /** The column at its length, in memory that threads can share. */
  done(): T {
    const exact = this.#make(this.#length);
    exact.set(this.#items.subarray(0, this.#length));
    return exact;
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

  find(text: string): number {
    return this.#codes.get(text) ?? -1;
  }
}
