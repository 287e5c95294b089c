import { newBytes } from './growing.ts';

/** An attribute of a pool, ready for balance: known values centred, and the sum of their squares. */
export type Scaled = { readonly values: Float64Array; readonly known: Uint8Array; readonly squares: number };

/**
 * Centres values, or their mid-ranks; blanks (NaN) become 0 and are not known.
 * @param byRank for skewed attributes: otherwise one outlier would make every split look balanced
 */
export function scale(raw: Float64Array, byRank: boolean): Scaled {
  const known = new Uint8Array(raw.length);
  const values = new Float64Array(raw.length);
  let count = 0;
  for (let i = 0; i < raw.length; i++) {
    if (Number.isNaN(raw[i])) continue;
    known[i] = 1;
    values[i] = raw[i] ?? 0;
    count++;
  }
  if (count === 0) return { values, known, squares: 0 };
  if (byRank) rank(values, known, count);
  return { values, known, squares: centre(values, known, count) };
}

function centre(values: Float64Array, known: Uint8Array, count: number): number {
  let sum = 0;
  let least = Infinity;
  let most = -Infinity;
  for (let i = 0; i < values.length; i++) {
    if (known[i] !== 1) continue;
    sum += values[i] ?? 0;
    least = Math.min(least, values[i] ?? 0);
    most = Math.max(most, values[i] ?? 0);
  }
  const mean = least === most ? least : sum / count;
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    if (known[i] !== 1) continue;
    const value = (values[i] ?? 0) - mean;
    values[i] = value;
    squares += value * value;
  }
  return squares;
}

/** Replaces known values by their mid-ranks. */
function rank(values: Float64Array, known: Uint8Array, count: number): void {
  const order = new Int32Array(count);
  let at = 0;
  for (let i = 0; i < values.length; i++) if (known[i] === 1) order[at++] = i;
  order.sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
  for (let start = 0; start < count;) {
    let end = start + 1;
    const value = values[order[start] ?? 0];
    while (end < count && values[order[end] ?? 0] === value) end++;
    for (let i = start; i < end; i++) values[order[i] ?? 0] = (start + end - 1) / 2;
    start = end;
  }
}

/** Tracks in which an attribute is skewed, or one value stands far out: 1 for those, which then count by rank. */
export function skewedTracks(column: Float64Array, track: Int32Array, tracks: number): Uint8Array {
  const counts = new Int32Array(tracks);
  for (let i = 0; i < column.length; i++)
    if (!Number.isNaN(column[i])) counts[track[i] ?? 0] = (counts[track[i] ?? 0] ?? 0) + 1;
  const values = Array.from(counts, (count) => new Float64Array(count));
  counts.fill(0);
  for (let i = 0; i < column.length; i++) {
    const code = track[i] ?? 0;
    const own = values[code];
    const at = counts[code] ?? 0;
    if (own === undefined || Number.isNaN(column[i])) continue;
    own[at] = column[i] ?? 0;
    counts[code] = at + 1;
  }
  const skewed = newBytes(tracks);
  for (const [code, own] of values.entries()) skewed[code] = isSkewed(own.sort()) ? 1 : 0;
  return skewed;
}

/** Beyond this skewness (and four times what chance gives so many normal values), or this many spreads from the median. */
const SKEWED = 1;
const FAR_OUT = 18;

/** @param sorted values in rising order */
function isSkewed(sorted: Float64Array): boolean {
  const count = sorted.length;
  if (count < 8) return false;
  let sum = 0;
  for (const value of sorted) sum += value;
  const mean = sum / count;
  let second = 0;
  let third = 0;
  for (const value of sorted) {
    const off = value - mean;
    second += off * off;
    third += off * off * off;
  }
  if (second === 0) return false;
  const skewness = Math.abs(third / count / (second / count) ** 1.5);
  if (skewness > Math.max(SKEWED, 4 * Math.sqrt(6 / count))) return true;
  const median = sorted[count >> 1] ?? 0;
  const spread = sorted.map((value) => Math.abs(value - median)).sort();
  const usual = spread[count >> 1] ?? 0;
  return usual > 0 && (spread[count - 1] ?? 0) > FAR_OUT * usual;
}
