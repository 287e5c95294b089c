/** Text as it is compared and searched: without case, accents and doubled spaces (the embedded engine has no collations). */
export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLocaleLowerCase('en')
    .replace(/[\s_]+/gu, ' ')
    .trim();
}

/** A pattern that matches folded text by its beginning, for an indexed search; the input is taken literally. */
export function startsWith(text: string): RegExp {
  return new RegExp(`^${fold(text).replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`);
}
