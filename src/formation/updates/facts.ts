import type { FormationPerson, FormationResult, Rung } from '../engine/types.ts';
import { livesIn, pathOf } from './ladder.ts';

/** Where people are now: what an update keeps. */
export type PublishedPlaces = {
  readonly groups: ReadonlyMap<
    string,
    { readonly name: string; readonly track: string; readonly place: string; readonly rung: Rung }
  >;
  readonly people: ReadonlyMap<string, { readonly groupId: string; readonly guest: boolean }>;
};
/** What an update, or another way than it, comes to; in people and groups. */
export type Side = {
  readonly moved: number;
  readonly unplaced: number;
  readonly small: number;
  readonly noLead: number;
  readonly distance: number;
};
export type UpdateFacts = {
  readonly joined: number;
  readonly left: number;
  /** Fellows in a group of another track or place than theirs is now. */
  readonly changed: number;
  /** The first of those who left, and of those who changed track or place. */
  readonly leftIds: readonly string[];
  readonly changedFirst: readonly { readonly personId: string; readonly what: 'track' | 'place' }[];
  readonly opened: number;
  readonly closed: number;
  /** If nobody moved, as proposed, and if all groups were formed afresh. */
  readonly stay: Side;
  readonly now: Side;
  readonly fresh: Side;
};
/** Somebody whose group is new to them. */
export type Arrival = {
  readonly personId: string;
  readonly fromGroupId: string | null;
  /** joined, borrowed, dissolved; changed: of another track than before. */
  readonly reason: string;
};

/** Whoever is in a group that is of another track, or, unless its guest, of another place than their own. */
export function changedOf(
  people: readonly FormationPerson[],
  { groups, people: placed }: PublishedPlaces,
): { readonly personId: string; readonly what: 'track' | 'place' }[] {
  const members = new Map<string, FormationPerson[]>();
  for (const person of people) {
    const groupId = placed.get(person.id)?.groupId;
    if (groupId !== undefined) members.set(groupId, [...(members.get(groupId) ?? []), person]);
  }
  return [...members].flatMap(([groupId, all]) => {
    const group = groups.get(groupId);
    if (group === undefined) return [];
    const locals = all.filter(({ id }) => placed.get(id)?.guest !== true);
    const path = pathOf(group, locals);
    return all.flatMap((person): { personId: string; what: 'track' | 'place' }[] => {
      if (person.track !== group.track) return [{ personId: person.id, what: 'track' }];
      const guest = placed.get(person.id)?.guest === true;
      return guest || livesIn(person.place, path, group.rung) ? [] : [{ personId: person.id, what: 'place' }];
    });
  });
}

/** The figures of a result beside those of others. */
export function sideOf(
  { groups, terms, unplaced }: FormationResult,
  min: number,
  { people }: PublishedPlaces,
): Side {
  const term = (name: string): number => terms.find((one) => one.name === name)?.value ?? 0;
  return {
    moved: movedIn(groups, people),
    unplaced: unplaced.length,
    small: groups.filter(({ memberIds }) => memberIds.length < min).length,
    noLead: term('no_lead'),
    distance: term('location'),
  };
}

/**
 * How many would have other people around them than before: each group of before lives on in the one that took most of
 * it, and nobody of that one has moved. For groups that keep their ids it is who changes them.
 */
export function movedIn(groups: FormationResult['groups'], placed: PublishedPlaces['people']): number {
  const pairs: { at: number; from: string; count: number }[] = [];
  const here = new Set<string>();
  for (const [at, { memberIds }] of groups.entries()) {
    const counts = new Map<string, number>();
    for (const id of memberIds) {
      const from = placed.get(id)?.groupId;
      if (from === undefined) continue;
      here.add(id);
      counts.set(from, (counts.get(from) ?? 0) + 1);
    }
    for (const [from, count] of counts) pairs.push({ at, from, count });
  }
  const taken = new Set<string>();
  let stay = 0;
  pairs.sort((a, b) => b.count - a.count || a.at - b.at);
  for (const { at, from, count } of pairs) {
    if (taken.has(`at ${at}`) || taken.has(`from ${from}`)) continue;
    taken.add(`at ${at}`).add(`from ${from}`);
    stay += count;
  }
  return here.size - stay;
}
