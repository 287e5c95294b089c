import { fold } from '../../course/fold.ts';
import { type Fatal, type Finding, readTable, shown } from '../../course/table.ts';
import { keyOf, type Wish } from './setup.ts';

/** A fellow as a file may name them. */
export type Named = {
  readonly personId: string;
  readonly sub: string;
  readonly emailFolded: string | null;
  readonly nameFolded: string;
};
/** Whom the text names: by user id, else by email, else by name; a code of words where nobody, or more than one. */
export type FindPerson = (text: string) => { readonly personId: string } | { readonly code: string };
export type ReadWishes = { readonly wishes: readonly Wish[]; readonly findings: readonly Finding[] };

export const MOST_WISH_ROWS = 50_000;
const PERSON_COLUMNS = ['id', 'email', 'name'] as const;
const WISH_COLUMNS = ['must_with', 'must_not_with', 'previous_group'] as const;
export const WISH_COLUMNS_ALL: readonly string[] = [...PERSON_COLUMNS, ...WISH_COLUMNS];

export function personFinder(fellows: readonly Named[]): FindPerson {
  const owners = new Map<string, Set<string>>();
  const add = (word: string | null, personId: string): void => {
    if (word !== null && word !== '') owners.set(word, (owners.get(word) ?? new Set()).add(personId));
  };
  const bySub = new Map(fellows.map(({ sub, personId }) => [sub, personId]));
  for (const { personId, emailFolded } of fellows) add(emailFolded, personId);
  for (const { personId, nameFolded } of fellows) add(nameFolded, personId);
  return (text) => {
    const own = bySub.get(text);
    if (own !== undefined) return { personId: own };
    const [first, second] = owners.get(fold(text)) ?? [];
    if (first === undefined) return { code: 'wish_person_unknown' };
    return second === undefined ? { personId: first } : { code: 'wish_person_several' };
  };
}

/**
 * Reads who must be with whom, line by line: people in one cell are separated by semicolons. What cannot be taken is named
 * with its line and left out. Of two lines that say the opposite, the first holds.
 */
export function readWishes(text: string, find: FindPerson): ReadWishes | Fatal {
  const table = readTable(text, MOST_WISH_ROWS);
  if ('code' in table) return table;
  const has = (name: string): boolean => table.columns.includes(name);
  if (!PERSON_COLUMNS.some(has)) return { code: 'csv_no_person_column', params: {} };
  if (!WISH_COLUMNS.some(has)) return { code: 'wish_no_column', params: {} };
  const findings: Finding[] = [...table.findings];
  const wishes = new Map<string, Wish>();
  for (const row of table.rows) {
    const { line } = row;
    const cell = (name: string): string => row.cell(name);
    const complain = (code: string, value: string): void => {
      findings.push({ line, code, value: shown(value) });
    };
    const words = PERSON_COLUMNS.map(cell).find((word) => word !== '') ?? '';
    const person = find(words);
    if ('code' in person) {
      complain(person.code, words);
      continue;
    }
    const a = person.personId;
    const group = cell('previous_group');
    if (group !== '') wishes.set(`before ${a}`, { kind: 'before', a, b: group.slice(0, 200) });
    for (const kind of ['with', 'apart'] as const) {
      const others = cell(kind === 'with' ? 'must_with' : 'must_not_with').split(';');
      for (const other of others.map((one) => one.trim()).filter(Boolean)) {
        const found = find(other);
        if ('code' in found) complain(found.code, other);
        else if (found.personId === a) complain('wish_self', other);
        else {
          const wish = { kind, a, b: found.personId };
          const known = wishes.get(keyOf(wish));
          if (known !== undefined && known.kind !== kind) complain('wish_opposite', other);
          else wishes.set(keyOf(wish), wish);
        }
      }
    }
  }
  return { wishes: [...wishes.values()], findings: findings.toSorted((x, y) => x.line - y.line) };
}
