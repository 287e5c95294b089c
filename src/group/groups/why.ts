import { fold } from '../../course/fold.ts';
import type { Profile } from '../../course/profiles/profile.ts';
import type { Rung } from '../../formation/engine/types.ts';
import type { RungFacts } from '../../formation/proposals/proposals.store.ts';

/** A sentence by its key of words. */
export type Sentence = {
  readonly key: string;
  readonly params: Readonly<Record<string, string | number>>;
};
type Placed = { readonly place: string; readonly rung: Rung; readonly why: RungFacts };

/** What a fellow's own place is called on the rung below the group's. */
const LOWER: Readonly<Record<Rung, 'lga' | 'state' | 'zone' | null>> = {
  lga: null,
  state: 'lga',
  zone: 'state',
  country: 'zone',
};

/**
 * Why a group is where it is: how many of the track there are in the lower place, and how many a group needs. For a
 * fellow, by their own place; for staff (no profile) by the smallest of the members' places.
 */
export function whyHere(
  { place, rung, why }: Placed,
  guest: boolean,
  profile: Pick<Profile, 'lga' | 'state' | 'zone'> | null,
): Sentence {
  if (guest) return { key: 'group:why.guest', params: { place } };
  const below = LOWER[rung];
  if (below === null) return { key: 'group:why.lga', params: { place, count: why.here } };
  const own = profile?.[below] ?? null;
  const smallest = why.lower.toSorted((a, b) => a.count - b.count)[0];
  const lower =
    own === null ? smallest : (why.lower.find(({ name }) => fold(name) === fold(own)) ?? smallest);
  if (lower === undefined) return { key: `group:why.unknown_${rung}`, params: { place, count: why.here } };
  const params = { place, here: why.here, needed: why.needed, lower: lower.name, count: lower.count };
  return { key: lower.count < why.needed ? 'group:why.few' : 'group:why.rest', params };
}
