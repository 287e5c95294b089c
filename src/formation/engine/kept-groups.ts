import { fold } from '../../course/fold.ts';
import type { Cohort } from './cohort.ts';
import { isWithin } from './places.ts';
import type { Plot } from './pool.ts';
import { type CurrentPlacement, type Rung, RUNGS } from './types.ts';

/** A group of an update while it is put together. */
export type KeptGroup = {
  /** null for a new one. */
  readonly name: string | null;
  readonly track: number;
  node: number;
  people: number[];
};

/** The groups to keep with those who can stay in them, and who needs a seat. */
export type Kept = {
  readonly groups: KeptGroup[];
  /** Everybody's group of before, by name; '' for those who had none. */
  readonly before: ReadonlyMap<number, string>;
};

/**
 * Finds the groups of an earlier run again: a group's track is its people's commonest, its place the one that the earlier
 * run gave it. Who changed track is in none.
 */
export function readKept(plot: Plot, previous: readonly CurrentPlacement[]): Kept {
  const { cohort } = plot;
  const byName = new Map<string, CurrentPlacement[]>();
  const before = new Map<number, string>();
  for (const placement of previous) {
    const person = cohort.indexOf(placement.id);
    if (person < 0 || placement.group === '') continue;
    before.set(person, placement.group);
    const known = byName.get(placement.group);
    if (known === undefined) byName.set(placement.group, [placement]);
    else known.push(placement);
  }
  const groups: KeptGroup[] = [];
  const names = [...byName.keys()].sort((a, b) => (a < b ? -1 : 1));
  for (const name of names) {
    const placements = byName.get(name) ?? [];
    const all = placements.map(({ id }) => cohort.indexOf(id)).sort((a, b) => byHash(cohort, a, b));
    const track = commonestTrack(cohort, all);
    const people = all.filter((person) => plot.rules.crossTrack || cohort.traits.track[person] === track);
    groups.push({ name, track, node: placeOf(cohort, placements, people, plot.rules.min), people });
  }
  return { groups, before };
}

function byHash(cohort: Cohort, a: number, b: number): number {
  const { hash } = cohort.traits;
  return (hash[a] ?? 0) - (hash[b] ?? 0) || ((cohort.ids[a] ?? '') < (cohort.ids[b] ?? '') ? -1 : 1);
}

function commonestTrack(cohort: Cohort, people: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const person of people) {
    const track = cohort.traits.track[person] ?? 0;
    counts.set(track, (counts.get(track) ?? 0) + 1);
  }
  const name = (track: number): string => cohort.trackNames[track] ?? '';
  return [...counts].sort((a, b) => b[1] - a[1] || (name(a[0]) < name(b[0]) ? -1 : 1))[0]?.[0] ?? 0;
}

/** The node of a group: where its locals of before live, at its rung; where that is not told, the lowest that holds enough. */
function placeOf(
  cohort: Cohort,
  placements: readonly CurrentPlacement[],
  people: readonly number[],
  min: number,
): number {
  const votes = new Map<number, number>();
  for (const { id, rung, place, guest } of placements) {
    if (rung === undefined || guest === true) continue;
    const node = ancestorAt(cohort, cohort.traits.home[cohort.indexOf(id)] ?? 0, rung);
    if (place !== undefined && fold(place) !== cohort.tree.folded[node]) continue;
    votes.set(node, (votes.get(node) ?? 0) + 1);
  }
  const best = [...votes].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0];
  return best?.[0] ?? lowestShared(cohort, people, min);
}

function ancestorAt(cohort: Cohort, home: number, rung: Rung): number {
  const level = RUNGS.indexOf(rung);
  let node = home;
  while (node !== 0 && (cohort.tree.level[node] ?? 0) < level) node = cohort.tree.parent[node] ?? 0;
  return node;
}

/** The lowest node with at least `min` of these people, or all of them where they are fewer. */
function lowestShared(cohort: Cohort, people: readonly number[], min: number): number {
  const needed = Math.min(min, people.length);
  let best = 0;
  for (const person of people) {
    let node = cohort.traits.home[person] ?? 0;
    while (
      node !== 0 &&
      people.filter((other) => isWithin(cohort.tree, cohort.traits.home[other] ?? 0, node)).length < needed
    ) {
      node = cohort.tree.parent[node] ?? 0;
    }
    const lower = (cohort.tree.level[node] ?? 0) < (cohort.tree.level[best] ?? 0);
    if (best === 0 || lower || (cohort.tree.level[node] === cohort.tree.level[best] && node < best))
      best = node;
  }
  return best;
}
