import { DEFAULT_RULES, type FormationRules } from '../engine/types.ts';

/** What was typed, as it is shown again. */
export type TypedSizes = { readonly min: string; readonly ideal: string; readonly max: string };
/** Why sizes are not taken: a key of words, and the field it stands at. */
export type SizesRefusal = {
  readonly field: keyof TypedSizes;
  readonly reason: 'size_unreadable' | 'size_small' | 'size_large' | 'size_order';
};

/** A group is at least two; above twenty nobody knows everybody, and the search is made for less. */
export const LEAST_SIZE = 2;
export const MOST_SIZE = 20;
/** Outside these, groups are known to fare badly. */
const USUAL = { least: 4, most: 10 } as const;

/** What is unusual about sizes that are allowed; keys of words. */
export type SizesWarning = 'small' | 'large' | 'gaps';

/**
 * What to warn of: groups that one absence ends, groups too large to meet, and sizes into which not every number of people
 * divides although there are enough (where max < 2 min - 1).
 */
export function warningsOf({ min, max }: Pick<FormationRules, 'min' | 'max'>): SizesWarning[] {
  return [
    ...(min < USUAL.least ? (['small'] as const) : []),
    ...(max > USUAL.most ? (['large'] as const) : []),
    ...(max < 2 * min - 1 ? (['gaps'] as const) : []),
  ];
}

/** The sizes that were typed as rules (an empty field means what is `otherwise`), or what is wrong with them. */
export function readSizes(
  typed: TypedSizes,
  otherwise: Pick<FormationRules, 'min' | 'ideal' | 'max'> = DEFAULT_RULES,
): FormationRules | SizesRefusal {
  const read = { min: 0, ideal: 0, max: 0 };
  for (const field of ['min', 'ideal', 'max'] as const) {
    const text = typed[field].trim();
    if (text !== '' && !/^\d{1,4}$/.test(text)) return { field, reason: 'size_unreadable' };
    read[field] = text === '' ? otherwise[field] : Number(text);
    if (read[field] < LEAST_SIZE) return { field, reason: 'size_small' };
    if (read[field] > MOST_SIZE) return { field, reason: 'size_large' };
  }
  if (read.ideal < read.min) return { field: 'ideal', reason: 'size_order' };
  if (read.max < read.ideal) return { field: 'max', reason: 'size_order' };
  return { ...DEFAULT_RULES, ...read };
}
