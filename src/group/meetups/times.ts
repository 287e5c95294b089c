import { DateTime } from 'luxon';

export type Repeat = 'once' | 'weekly' | 'biweekly';
/** Why a time is not taken; a key of words. */
export type TimeRefusal =
  'date_unreadable' | 'date_past' | 'time_unreadable' | 'time_skipped' | 'time_past' | 'time_far';

const STEP_WEEKS: Readonly<Record<Repeat, number>> = { once: 0, weekly: 1, biweekly: 2 };
export const MOST_TIMES = 12;

/**
 * The starts of a meetup and its repetitions, from a date and a clock time in the group's zone. Repetitions keep the
 * clock time, also where summer time begins in between; a time that a change of clocks skips is refused.
 */
export function startsOf(
  date: string,
  time: string,
  zone: string,
  repeat: Repeat,
  times: number,
  now: Date,
): readonly Date[] | TimeRefusal {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date) || !DateTime.fromISO(date, { zone }).isValid)
    return 'date_unreadable';
  if (date < DateTime.fromJSDate(now, { zone }).toFormat('yyyy-MM-dd')) return 'date_past';
  const first = DateTime.fromISO(`${date}T${time}`, { zone });
  if (!/^\d{2}:\d{2}$/.test(time) || !first.isValid) return 'time_unreadable';
  if (first.toFormat('HH:mm') !== time) return 'time_skipped';
  if (first.toJSDate() <= now) return 'time_past';
  if (first.diff(DateTime.fromJSDate(now), 'years').years > 2) return 'time_far';
  const count = repeat === 'once' ? 1 : Math.min(Math.max(times, 1), MOST_TIMES);
  return Array.from({ length: count }, (_, index) =>
    first.plus({ weeks: index * STEP_WEEKS[repeat] }).toJSDate(),
  );
}
