import { Info } from 'luxon';

const PARTS = ['morning', 'afternoon', 'evening'] as const;
/** A time of the week: a day's short name and a part of the day, a key of words. */
export type Slot = { readonly day: string; readonly part: (typeof PARTS)[number] };

/** Free slots as a day's short name and a part of the day. */
export function slotsIn(slots: string, locale: string): Slot[] {
  const days = Info.weekdays('short', { locale });
  return Array.from(slots, (free, slot) => ({ free, slot })).flatMap(({ free, slot }) => {
    const [day, part] = [days[Math.floor(slot / PARTS.length)], PARTS[slot % PARTS.length]];
    return free === '1' && day !== undefined && part !== undefined ? [{ day, part }] : [];
  });
}

/** The same from slots by number, 0..20. */
export function slotsOfTimes(times: readonly number[], locale: string): Slot[] {
  return slotsIn(
    Array.from({ length: 21 }, (_, slot) => (times.includes(slot) ? '1' : '0')).join(''),
    locale,
  );
}
