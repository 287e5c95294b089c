/** A part of the week (day x 3 + part, Monday morning first) and how many are free then. */
export type FreeTime = { readonly slot: number; readonly count: number };
/** How many said when they are free, and the times that suit most of them. */
export type FreeTimes = { readonly said: number; readonly best: readonly FreeTime[] };

const OFFERED = 4;
/** When a morning, an afternoon and an evening begin. */
const HOURS = ['09:00', '14:00', '18:00'] as const;

/**
 * The times that suit most, the best first: at least half of those who said when they are free.
 * @param availabilities a text of 21 characters 0 or 1 for each of them
 */
export function freeTimes(availabilities: readonly string[]): FreeTimes {
  const said = availabilities.length;
  const slots = Array.from(availabilities[0] ?? '', (_, slot) => ({
    slot,
    count: availabilities.filter((one) => one[slot] === '1').length,
  }));
  const best = slots
    .filter(({ count }) => count > 0 && count * 2 >= said)
    .toSorted((a, b) => b.count - a.count || a.slot - b.slot);
  return { said, best: best.slice(0, OFFERED) };
}

/** The weekday (1 is Monday) and the clock time at which this part of the week begins. */
export function beginOf(slot: number): { readonly weekday: number; readonly time: string } {
  return { weekday: Math.floor(slot / 3) + 1, time: HOURS[slot % 3] ?? HOURS[0] };
}
