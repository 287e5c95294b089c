/**
 * A language tag as Intl takes it; null for what is none. Moodle sends `en_us` and `pt_br`, and browsers send what
 * their people typed: Intl and luxon throw at those.
 */
export function localeOf(tag: string): string | null {
  try {
    return Intl.getCanonicalLocales(tag.replaceAll('_', '-'))[0] ?? null;
  } catch {
    return null;
  }
}

/** More languages than people have; tags can be made up without end. */
const MOST_NAMES = 200;
const names = new Map<string, readonly string[]>();

/** The weekdays' short names, Monday first. Kept by language: to make them takes longer than the page they are on. */
export function weekdaysOf(locale: string): readonly string[] {
  const known = names.get(locale);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat(locale, { weekday: 'short', timeZone: 'UTC' });
  const made = Array.from({ length: 7 }, (_, day) => format.format(Date.UTC(2024, 0, 1 + day)));
  if (names.size >= MOST_NAMES) names.clear();
  names.set(locale, made);
  return made;
}
