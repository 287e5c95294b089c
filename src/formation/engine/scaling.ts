/** Beyond this skewness a value counts by its rank: otherwise one outlier would make every split look balanced. */
const SKEWED = 1;

/** An attribute of a pool, ready for balance: known values centred, and the sum of their squares. */
export type Scaled = { readonly values: Float64Array; readonly known: Uint8Array; readonly squares: number };

/** Centres values (by mid-rank where they are skewed); blanks (NaN) become 0 and are not known. */
export function scale(raw: Float64Array): Scaled {
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
  if (isSkewed(values, known, count)) rank(values, known, count);
  return { values, known, squares: centre(values, known, count) };
}

function centre(values: Float64Array, known: Uint8Array, count: number): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += known[i] === 1 ? (values[i] ?? 0) : 0;
  const mean = sum / count;
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    if (known[i] !== 1) continue;
    const value = (values[i] ?? 0) - mean;
    values[i] = value;
    squares += value * value;
  }
  return squares;
}

function isSkewed(values: Float64Array, known: Uint8Array, count: number): boolean {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += known[i] === 1 ? (values[i] ?? 0) : 0;
  const mean = sum / count;
  let second = 0;
  let third = 0;
  for (let i = 0; i < values.length; i++) {
    if (known[i] !== 1) continue;
    const value = (values[i] ?? 0) - mean;
    second += value * value;
    third += value * value * value;
  }
  if (second === 0) return false;
  return Math.abs(third / count / (second / count) ** 1.5) > SKEWED;
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
