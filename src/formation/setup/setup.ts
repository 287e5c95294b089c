import {
  DEFAULT_RULES,
  type FormationPerson,
  type FormationRules,
  RULE_NAMES,
  type RuleName,
} from '../engine/types.ts';

/** How a course forms its groups, as staff set it. */
export type Setup = {
  readonly min: number;
  readonly ideal: number;
  readonly max: number;
  /** What the search does not care for. */
  readonly ignore: readonly RuleName[];
  /** Lets those whose own track is too small join groups of another. */
  readonly crossTrack: boolean;
  /** Places those whose place is not known as well. */
  readonly anywhere: boolean;
};

/** What suits without a touch. */
export const DEFAULT_SETUP: Setup = {
  min: DEFAULT_RULES.min,
  ideal: DEFAULT_RULES.ideal,
  max: DEFAULT_RULES.max,
  ignore: [],
  crossTrack: DEFAULT_RULES.crossTrack,
  anywhere: false,
};

/** What counts, by how it is dealt with: one for each group, never alone or in common, apart, alike. */
export const COUNTED: readonly { readonly how: string; readonly rules: readonly RuleName[] }[] = [
  { how: 'spread', rules: ['no_lead'] },
  { how: 'together', rules: ['short_availability', 'no_common_language', 'isolated'] },
  { how: 'apart', rules: ['together_before'] },
  { how: 'balance', rules: ['balance_skill', 'balance_activity'] },
];

/** The engine's rules for these sizes. */
export function rulesOf(
  { ignore, crossTrack }: Pick<Setup, 'ignore' | 'crossTrack'>,
  sizes: Pick<FormationRules, 'min' | 'ideal' | 'max'>,
): FormationRules {
  const { min, ideal, max } = sizes;
  return { ...DEFAULT_RULES, min, ideal, max, crossTrack, ...(ignore.length > 0 && { ignore: [...ignore] }) };
}

/** The rules that are to be ignored, from those that were ticked. */
export function ignoredOf(ticked: readonly string[]): RuleName[] {
  return RULE_NAMES.filter((rule) => !ticked.includes(rule));
}

/** with, apart: two people. before: one, and the group they were in. */
export type Wish = {
  readonly kind: 'with' | 'apart' | 'before';
  readonly a: string;
  readonly b: string;
};

/** One row for two people, whichever of them is named first, and one earlier group a person. */
export function keyOf({ kind, a, b }: Wish): string {
  return kind === 'before' ? `before ${a}` : [a, b].toSorted().join(' ');
}

/** People as the engine takes them, with whom they must be, must not be and were before. Whoever is not among them is left out. */
export function withWishes(
  people: readonly FormationPerson[],
  wishes: readonly Wish[],
): readonly FormationPerson[] {
  if (wishes.length === 0) return people;
  const here = new Set(people.map(({ id }) => id));
  const lists = { with: new Map<string, string[]>(), apart: new Map<string, string[]>() };
  const before = new Map<string, string>();
  for (const { kind, a, b } of wishes) {
    if (kind === 'before') before.set(a, b);
    else if (here.has(a) && here.has(b)) lists[kind].set(a, [...(lists[kind].get(a) ?? []), b]);
  }
  return people.map((person) => ({
    ...person,
    mustWith: [...person.mustWith, ...(lists.with.get(person.id) ?? [])],
    mustNotWith: [...person.mustNotWith, ...(lists.apart.get(person.id) ?? [])],
    previousGroup: before.get(person.id) ?? person.previousGroup,
  }));
}
