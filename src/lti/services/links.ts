import { ServiceError } from '../service-error.ts';

/**
 * The address of a relation in a Link header (RFC 8288), read tolerantly: Moodle writes curly quotes and `&amp;`,
 * others no quotes at all. Headers arrive as Latin-1, so a curly quote is three odd characters here. Null where there
 * is none.
 */
export function linkOf(header: string | undefined, relation: string): string | null {
  if (header === undefined) return null;
  for (const [, address = '', parameters = ''] of header.matchAll(/<([^>]*)>([^<]*)/g)) {
    const named = /(?:^|[;\s])rel\s*=\s*[^\w;,]*([\w .:/#-]+)/i.exec(parameters)?.[1] ?? '';
    const relations = named.trim().toLowerCase().split(/\s+/);
    if (relations.includes(relation)) return address.replaceAll('&amp;', '&').trim();
  }
  return null;
}

/**
 * Where the next page of a list is, followed as given; null after the last.
 * @throws ServiceError `<list>_next_foreign` for another origin, to which a bearer token must not go
 */
export function nextPageOf(
  header: string | undefined,
  here: string,
  list: 'roster' | 'grades',
): string | null {
  const link = linkOf(header, 'next');
  if (link === null || link === '') return null;
  if (!URL.canParse(link, here)) throw new ServiceError('permanent', `${list}_malformed`);
  const next = new URL(link, here);
  if (next.origin !== new URL(here).origin) throw new ServiceError('permanent', `${list}_next_foreign`);
  next.hash = '';
  return next.href;
}
