/** A well-mixed 32-bit hash of a text (FNV-1a with murmur3's finish). */
export function hashText(text: string, seed: number): number {
  let hash = (2166136261 ^ seed) | 0;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 16777619);
  return mix(hash ^ text.length);
}

/** Scatters the bits of a 32-bit integer (murmur3's finish). */
export function mix(value: number): number {
  let hash = value | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** A seeded stream of numbers (Marsaglia's xorshift, 32 bits); the search has no other source of chance. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = mix(seed) || 0x9e3779b9;
  }

  /** A whole number in [0, limit). */
  below(limit: number): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state;
    return Math.floor(((state >>> 0) / 4294967296) * limit);
  }

  /** Shuffles the first `length` entries in place (Fisher and Yates). */
  shuffle(items: Int32Array | number[], length: number): void {
    for (let i = length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const held = items[i] ?? 0;
      items[i] = items[j] ?? 0;
      items[j] = held;
    }
  }
}
