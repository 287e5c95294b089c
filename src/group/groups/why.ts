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
/** A member who asks. */
export type WhyReader = {
  readonly guest: boolean;
  readonly profile: Pick<Profile, 'lga' | 'state' | 'zone'> | null;
};

/** What a fellow's own place is called on the rung below the group's. */
const LOWER: Readonly<Record<Rung, 'lga' | 'state' | 'zone' | null>> = {
  lga: null,
  state: 'lga',
  zone: 'state',
  country: 'zone',
};

/**
 * Why a group is where it is, in numbers of those who waited when it was formed. A member is told of their own place
 * alone, so that nobody reads from it where another member lives.
 */
export function whyForMember({ place, rung, why }: Placed, { guest, profile }: WhyReader): Sentence {
  const { here, needed } = why;
  if (guest) {
    const own = profile?.lga ?? profile?.state ?? profile?.zone ?? null;
    const elsewhere = own !== null && fold(own) !== fold(place);
    return elsewhere
      ? { key: 'group:why.guest', params: { place, own } }
      : { key: 'group:why.guest_unknown', params: { place } };
  }
  if (here < needed) return { key: 'group:why.guests', params: { place, needed, count: here } };
  const below = LOWER[rung];
  if (below === null) return { key: 'group:why.lga', params: { place, needed, count: here } };
  const own = profile?.[below] ?? null;
  if (own === null) return { key: `group:why.unknown_${below}`, params: { place, count: here } };
  const lower = why.lower.find(({ name }) => fold(name) === fold(own));
  // They moved since: of where they lived then nothing is known any more.
  if (lower === undefined) return { key: 'group:why.wider', params: { place, needed, count: here } };
  const params = { place, here, needed, lower: lower.name, count: lower.count };
  return { key: lower.count < needed ? 'group:why.few' : 'group:why.rest', params };
}

/** Why a group is where it is, for staff: by the smallest of the places its members come from. */
export function whyForStaff({ place, rung, why }: Placed): Sentence {
  const { here, needed } = why;
  const [smallest] = why.lower.toSorted((a, b) => a.count - b.count);
  if (here < needed) return { key: 'group:why_staff.guests', params: { place, needed, count: here } };
  if (rung === 'lga') return { key: 'group:why_staff.lga', params: { place, needed, count: here } };
  if (smallest === undefined) return { key: 'group:why_staff.unknown', params: { place, count: here } };
  const params = { place, here, needed, lower: smallest.name, count: smallest.count };
  return { key: smallest.count < needed ? 'group:why_staff.few' : 'group:why_staff.rest', params };
}
