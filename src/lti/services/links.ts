/**
 * The address of a relation in a Link header (RFC 8288), read tolerantly: Moodle writes curly quotes and `&amp;`,
 * others no quotes at all. Null where there is none.
 */
export function linkOf(header: string | undefined, relation: string): string | null {
  if (header === undefined) return null;
  for (const [, address = '', parameters = ''] of header.matchAll(/<([^>]*)>([^<]*)/g)) {
    const relations =
      /\brel\s*=\s*["'“”]?([^"'“”;,]+)/i.exec(parameters)?.[1]?.trim().toLowerCase().split(/\s+/) ?? [];
    if (relations.includes(relation)) return address.replaceAll('&amp;', '&').trim();
  }
  return null;
}
