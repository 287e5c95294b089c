const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
const ENTITY = /&(?:#(\d{1,7})|#x([\da-f]{1,6})|(amp|lt|gt|quot|apos));/gi;
const LONGEST = 255;

/**
 * A roster's text as people write it. Moodle escapes names for HTML: decoded once, so that "O&#039;Neil" reads
 * right and "&amp;lt;" stays text. Without control characters, trimmed, at most 255 characters; '' is null.
 */
export function decodeOnce(value: string | null | undefined): string | null {
  const decoded = (value ?? '')
    .replace(ENTITY, (whole, decimal?: string, hex?: string, name?: string) => {
      if (name !== undefined) return NAMED[name.toLowerCase()] ?? whole;
      const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
    })
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(0, LONGEST)
    // Half of a pair: from a wild entity, or cut off at the end.
    .replace(/\p{Cs}+/gu, '')
    .trim();
  return decoded === '' ? null : decoded;
}
