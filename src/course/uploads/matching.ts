import { fold } from '../fold.ts';
import type { ProfileFields } from '../profiles/profile.ts';
import { type Finding, shown } from '../table.ts';
import type { CsvRow } from './csv.ts';

/** A fellow as a file may name them. */
export type Known = {
  readonly personId: string;
  readonly sub: string;
  readonly emailFolded: string | null;
  readonly nameFolded: string;
};
/** What a line says of a fellow who was found. */
export type Change = {
  readonly line: number;
  readonly personId: string;
  readonly told: Partial<ProfileFields>;
};
export type Matched = {
  readonly changes: readonly Change[];
  readonly findings: readonly Finding[];
  /** Lines of fellows that say nothing about them. */
  readonly empty: number;
};

/**
 * Finds each row's fellow: by user id, else by email, else by name, the latter two where only one has it.
 * @param known everybody in the course to whom an id, email or name of these rows belongs
 * @param taken who was found in earlier rows, and at which line; it grows
 * @param strangers user ids that the course knows and that are no fellow's now: such a row is about nobody else
 */
export function matchRows(
  rows: readonly CsvRow[],
  known: readonly Known[],
  taken: Map<string, number>,
  strangers: ReadonlySet<string> = new Set(),
): Matched {
  const find = finder(known, strangers);
  const changes: Change[] = [];
  const findings: Finding[] = [];
  let empty = 0;
  for (const { line, who, told, faulty = false } of rows) {
    const found = find(who);
    if ('code' in found) {
      findings.push({ line, code: found.code, value: shown(who.id || who.email || who.name) });
      continue;
    }
    const earlier = taken.get(found.personId);
    if (earlier !== undefined) findings.push({ line, code: 'csv_person_twice', value: String(earlier) });
    else if (Object.keys(told).length === 0) empty += faulty ? 0 : 1;
    else changes.push({ line, personId: found.personId, told });
    if (earlier === undefined) taken.set(found.personId, line);
  }
  return { changes, findings, empty };
}

/** Words of these rows that may name people, once each: what to look up for them. */
export function wordsOf(rows: readonly CsvRow[]): { ids: string[]; emails: string[]; names: string[] } {
  const distinct = (words: readonly string[]): string[] => [...new Set(words)].filter(Boolean);
  return {
    ids: distinct(rows.map(({ who }) => who.id)),
    emails: distinct(rows.map(({ who }) => fold(who.email))),
    names: distinct(rows.map(({ who }) => fold(who.name))),
  };
}

function finder(known: readonly Known[], strangers: ReadonlySet<string>) {
  const byId = new Map(known.map(({ sub, personId }) => [sub, personId]));
  const byEmail = ownersOf(known.map(({ emailFolded, personId }) => [emailFolded ?? '', personId]));
  const byName = ownersOf(known.map(({ nameFolded, personId }) => [nameFolded, personId]));
  return ({ id, email, name }: CsvRow['who']): { personId: string } | { code: string } => {
    if (id === '' && email === '' && name === '') return { code: 'csv_person_blank' };
    const byOwnId = id === '' ? undefined : byId.get(id);
    if (byOwnId !== undefined) return { personId: byOwnId };
    if (strangers.has(id)) return { code: 'csv_person_other' };
    const emailOwners = byEmail.get(fold(email)) ?? [];
    if (emailOwners.length > 1) return { code: 'csv_email_twice' };
    const [owner] = emailOwners.length === 1 ? emailOwners : (byName.get(fold(name)) ?? []);
    if (owner === undefined) return { code: 'csv_person_unknown' };
    if (emailOwners.length === 0 && (byName.get(fold(name))?.length ?? 0) > 1)
      return { code: 'csv_name_twice' };
    return { personId: owner };
  };
}

function ownersOf(entries: readonly (readonly [string, string])[]): ReadonlyMap<string, readonly string[]> {
  const owners = new Map<string, string[]>();
  for (const [word, personId] of entries)
    if (word !== '') owners.set(word, [...(owners.get(word) ?? []), personId]);
  return owners;
}
