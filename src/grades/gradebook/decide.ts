/** A grade as it is compared: a number of hundred, or none. */
export type Grade = number | null;

/** What is known of one fellow's grade before a post. */
export type Facts = {
  /** The score we have for them. */
  readonly score: number;
  /** What we last posted into this column, as far as we recorded it; null for nothing. */
  readonly posted: Grade;
  /** What we were about to post when we last stopped without an answer; null for nothing. */
  readonly sent: Grade;
  /** What the LMS shows; `unreadable` where it does not let us look. */
  readonly found: Grade | 'unreadable';
  /** How far the LMS's arithmetic may carry it from what was sent; of 100. */
  readonly within: number;
  /** Staff saw this grade of the LMS and ordered ours to stand instead; null where they did not. */
  readonly instead: { readonly of: Grade } | null;
};
/** `done`: the LMS shows our score. `hold`: it shows a grade that is not ours, so staff are asked. */
export type Decision = 'done' | 'hold' | 'post' | 'post-over';

/** Some platforms keep two decimals of their own maximum, and a teacher may have set that to 10. */
const ROUNDED = 0.0051;
const MOST_ROUNDED = 0.06;

/** How far a platform's rounding may carry a grade of ours, by the maximum of its column; of 100. */
export function roundingOf(maximum: number | null): number {
  return maximum === null || maximum <= 0 ? ROUNDED : Math.min(ROUNDED * (1 + 100 / maximum), MOST_ROUNDED);
}

/** True for the same grade, whatever a platform's arithmetic did to its last digits. */
export function same(a: Grade, b: Grade, within: number): boolean {
  return a === null || b === null ? a === b : Math.abs(a - b) <= within;
}

/**
 * Post, leave or ask. The LMS's word goes before our records: a post whose answer was lost is found there and not
 * repeated, and what differs from all we ever sent was changed by staff.
 */
export function decide({ score, posted, sent, found, within, instead }: Facts): Decision {
  if (found === 'unreadable') return sent === null && posted === score ? 'done' : 'post';
  const shows = (grade: Grade): boolean => same(found, grade, within);
  // Moodle reads a grade of zero back as none. One that was never answered may not be there: it is sent once more.
  if (shows(score) || (found === null && posted === 0 && score === 0)) return 'done';
  const zero = posted === 0 || sent === 0;
  const ours = found === null ? zero || posted === null : shows(posted) || shows(sent);
  if (ours) return 'post';
  return instead !== null && shows(instead.of) ? 'post-over' : 'hold';
}

/**
 * A score's timestamp, in whole seconds: the activity's, or one second after the last we sent, if that is later.
 * Moodle refuses a second score within a second of the first, others any that is not newer.
 * @param floor not earlier than this, where the platform said that it keeps something newer; null for no such word
 */
export function timestampOf(activityAt: Date, last: Date | null, floor: Date | null): Date {
  const second = (date: Date): number => Math.floor(date.getTime() / 1_000);
  const after = last === null ? -Infinity : second(last) + 1;
  return new Date(Math.max(second(activityAt), after, floor === null ? -Infinity : second(floor)) * 1_000);
}

/** A grade of the LMS out of 100, as ours are. */
export function outOfHundred(score: number | null, maximum: number | null): Grade {
  return score === null ? null : maximum === null || maximum <= 0 ? score : (score * 100) / maximum;
}

export type Known = {
  readonly state: OutboxState;
  readonly score: number;
  /** Into the column that is used now. */
  readonly posted: Grade;
};
/** `waiting`: to be posted. `held`: staff are asked. `kept`: staff let the LMS's grade stand. */
export type OutboxState = 'waiting' | 'posted' | 'held' | 'kept' | 'refused';
/** What posting now would do for one fellow. */
export type Prospect = 'post' | 'unchanged' | 'held' | 'kept' | 'nothing';

/** What posting now does with a fellow of this score and this row; the gradebook itself is looked at when posting. */
export function prospectOf(score: number | null, row: Known | null): Prospect {
  if (score === null) return 'nothing';
  if (row === null) return 'post';
  if (row.state === 'kept' || row.state === 'held') return row.state;
  return row.state === 'posted' && row.posted === score ? 'unchanged' : 'post';
}
