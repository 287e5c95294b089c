import { fold } from '../../course/fold.ts';
import { byIdentity } from './pairs.ts';
import { isWithin } from './places.ts';
import type { Plot } from './pool.ts';
import { mixers, tracksOf } from './tracks.ts';
import { type CurrentPlacement, type Rung, RUNGS } from './types.ts';

/** A group of an update while it is put together. */
export type KeptGroup = {
  /** null for a new one. */
  readonly name: string | null;
  readonly track: number;
  node: number;
  people: number[];
};

/** The groups to keep with those who can stay in them. */
export type Kept = {
  readonly groups: KeptGroup[];
  /** The group of before, by name, of everybody who had one. */
  readonly before: ReadonlyMap<number, string>;
  /** Every name of before, also of groups of whom nobody is left. */
  readonly names: ReadonlySet<string>;
  /** The track of each group of before. */
  readonly trackOf: ReadonlyMap<string, number>;
};

/**
 * Finds the groups of an earlier run again: a group's track is its people's commonest, its place the one that the earlier
 * run gave it. Who changed track is in none, but for groups that may mix.
 */
export function readKept(plot: Plot, previous: readonly CurrentPlacement[]): Kept {
  const { cohort } = plot;
  const byName = new Map<string, Seat[]>();
  const before = new Map<number, string>();
  for (const placement of previous) {
    const person = cohort.indexOf(placement.id);
    if (person < 0 || placement.group === '') continue;
    before.set(person, placement.group);
    const known = byName.get(placement.group);
    if (known === undefined) byName.set(placement.group, [{ person, placement }]);
    else known.push({ person, placement });
  }
  const mayMix = mixers(plot);
  const order = byIdentity(cohort);
  const folded = foldOnce();
  const groups: KeptGroup[] = [];
  const trackOf = new Map<string, number>();
  for (const name of [...byName.keys()].sort()) {
    const seats = byName.get(name) ?? [];
    const all = seats.map(({ person }) => person).sort(order);
    const [track = 0] = tracksOf(cohort, all);
    const mixes = plot.rules.crossTrack && all.some((person) => mayMix(person));
    const people = mixes ? all : all.filter((person) => cohort.traits.track[person] === track);
    trackOf.set(name, track);
    groups.push({ name, track, node: placeOf(plot, seats, people, folded), people });
  }
  return { groups, before, names: new Set(previous.map(({ group }) => group)), trackOf };
}

type Seat = { readonly person: number; readonly placement: CurrentPlacement };

/** The node of a group: where its locals of before live, at its rung; where that is not told, the lowest that holds enough. */
function placeOf(
  plot: Plot,
  seats: readonly Seat[],
  people: readonly number[],
  folded: (text: string) => string,
): number {
  const { home } = plot.cohort.traits;
  const votes = new Map<number, number>();
  for (const { person, placement } of seats) {
    const { rung, place, guest } = placement;
    if (rung === undefined || guest === true) continue;
    const node = ancestorAt(plot, home[person] ?? 0, rung);
    if (node === 0 || (place !== undefined && !isCalled(plot, node, folded(place), folded))) continue;
    votes.set(node, (votes.get(node) ?? 0) + 1);
  }
  if (votes.size === 0) return lowestShared(plot, people, Math.min(plot.rules.min, people.length));
  let best = 0;
  for (const [node, count] of votes) {
    const most = votes.get(best) ?? 0;
    if (count > most || (count === most && node < best)) best = node;
  }
  return best;
}

/** A country without a name of its own is called after the only one there is. */
function isCalled({ cohort }: Plot, node: number, place: string, folded: (text: string) => string): boolean {
  return place === cohort.tree.folded[node] || place === folded(cohort.onlyCountry);
}

/** Folds texts, each of them once: thousands of people name the same place. */
function foldOnce(): (text: string) => string {
  const known = new Map<string, string>();
  return (text) => {
    const found = known.get(text) ?? fold(text);
    known.set(text, found);
    return found;
  };
}

function ancestorAt({ cohort: { tree } }: Plot, home: number, rung: Rung): number {
  const level = RUNGS.indexOf(rung);
  let node = home;
  while (node !== 0 && (tree.level[node] ?? 0) < level) node = tree.parent[node] ?? 0;
  return tree.level[node] === level ? node : 0;
}

/** The lowest node with at least so many of these people; where no place holds them, the widest above one of them. */
export function lowestShared({ cohort }: Plot, people: readonly number[], needed: number): number {
  const { tree, traits } = cohort;
  let best = 0;
  let widest = 0;
  for (const person of people) {
    for (let node = traits.home[person] ?? 0; node !== 0; node = tree.parent[node] ?? 0) {
      if ((tree.level[node] ?? 0) > (tree.level[widest] ?? 0) || widest === 0) widest = node;
      const locals = people.filter((other) => isWithin(tree, traits.home[other] ?? 0, node)).length;
      if (locals < needed) continue;
      if (best === 0 || (tree.level[node] ?? 0) < (tree.level[best] ?? 0)) best = node;
      break;
    }
  }
  return best === 0 ? widest : best;
}
