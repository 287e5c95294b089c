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
