import { fold } from '../../course/fold.ts';
import { measurePool } from './measure.ts';
import { areFoes } from './pairs.ts';
import { isWithin } from './places.ts';
import type { Plot } from './pool.ts';
import type { Solution, SolvedPool } from './solution.ts';
import { mixers } from './tracks.ts';
import { type FormedGroup, RUNGS } from './types.ts';

/** A group as it stands when people are moved by hand. */
export type HandGroup = Omit<FormedGroup, 'name'> & { readonly ordinal: number };

/**
 * What can be said of one group by itself, in counts. Not who is alone of their gender: what one move changes of it tells
 * the gender of whoever moves.
 */
export type GroupFigures = Readonly<Record<(typeof GROUP_FIGURES)[number], number>>;
export const GROUP_FIGURES = [
  'size',
  'guests',
  'no_lead',
  'short_availability',
  'no_common_language',
  'together_before',
] as const;

/** Hard rules that a move by hand may break, and by how much a group breaks each; 0 where it keeps it. */
export type Breaches = Readonly<Record<(typeof HARD_RULES)[number], number>>;
export const HARD_RULES = ['size', 'track', 'together', 'apart'] as const;

/**
 * Where a group stands: at the rung of one who lives there, or where nobody does any more, at the place of its name.
 * @returns a node of the tree; the root where there is none
 */
export function nodeOf({ cohort }: Plot, { rung, place, memberIds, guestIds }: HandGroup): number {
  const { tree, traits } = cohort;
  const level = RUNGS.indexOf(rung);
  for (const id of memberIds) {
    const person = cohort.indexOf(id);
    if (person < 0 || guestIds.includes(id)) continue;
    let node = traits.home[person] ?? 0;
    while (node !== 0 && (tree.level[node] ?? 0) < level) node = tree.parent[node] ?? 0;
    if (tree.level[node] === level) return node;
  }
  const called = fold(place);
  for (let node = 1; node < tree.size; node++)
    if (tree.level[node] === level && tree.folded[node] === called) return node;
  return 0;
}

/** People of a group, by index; who is not in the plot is left out. */
export function peopleOf({ cohort }: Plot, ids: readonly string[]): number[] {
  return ids.map((id) => cohort.indexOf(id)).filter((person) => person >= 0);
}

/**
 * Groups as a solution that can be measured.
 * @param nodes where each group stands, by its ordinal
 * @param left ids of those who are in no group
 */
export function solutionOf(
  plot: Plot,
  groups: readonly HandGroup[],
  nodes: ReadonlyMap<number, number>,
  left: readonly string[],
): Solution {
  const { cohort } = plot;
  const byPool = new Map<string, { track: number; node: number; of: number[][] }>();
  for (const group of groups) {
    const people = peopleOf(plot, group.memberIds);
    if (people.length === 0) continue;
    const track = cohort.trackNames.indexOf(group.track.trim());
    const node = nodes.get(group.ordinal) ?? 0;
    const key = `${track} ${node}`;
    const pool = byPool.get(key) ?? { track, node, of: [] };
    pool.of.push(people);
    byPool.set(key, pool);
  }
  const groupOf = new Int32Array(cohort.size).fill(-1);
  const pools: SolvedPool[] = [];
  let groupCount = 0;
  for (const { track, node, of } of byPool.values()) {
    for (const [at, people] of of.entries()) for (const person of people) groupOf[person] = groupCount + at;
    const members = Int32Array.from(of.flat());
    pools.push({ track, node, members, groups: of.length, firstGroup: groupCount });
    groupCount += of.length;
  }
  // Why somebody is in none is no part of any figure.
  const unplaced = new Map(peopleOf(plot, left).map((person) => [person, 'no_feasible_size' as const]));
  return { pools, unplaced, proven: new Set(), groupOf, groupCount };
}

/** The figures of one group. */
export function figuresOf(plot: Plot, people: readonly number[], node: number): GroupFigures {
  const size = people.length;
  if (size === 0)
    return Object.fromEntries(GROUP_FIGURES.map((name) => [name, 0])) as Record<keyof GroupFigures, number>;
  const members = Int32Array.from(people);
  const track = plot.cohort.traits.track[people[0] ?? 0] ?? 0;
  const { tree, traits } = plot.cohort;
  const guests = people.filter((person) => !isWithin(tree, traits.home[person] ?? 0, node)).length;
  const pool = { track, node, members, groups: 1, firstGroup: 0 };
  const groupOf = new Int32Array(plot.cohort.size);
  const found = measurePool(
    plot,
    { pools: [pool], unplaced: new Map(), proven: new Set(), groupOf, groupCount: 1 },
    pool,
  );
  return {
    size,
    guests,
    no_lead: found.no_lead.value,
    short_availability: found.short_availability.value,
    no_common_language: found.no_common_language.value,
    together_before: found.together_before.value,
  };
}

/** By how much a group breaks each hard rule. An empty group breaks none. */
export function breachesOf(plot: Plot, track: string, people: readonly number[]): Breaches {
  const { cohort, pairs, rules } = plot;
  const size = people.length;
  const own = cohort.trackNames.indexOf(track.trim());
  const others = people.filter((person) => cohort.traits.track[person] !== own).length;
  const mayMix = others > 0 && rules.crossTrack && people.some(mixers(plot));
  const here = new Set(people);
  let together = 0;
  let apart = 0;
  for (const person of people) {
    const set = pairs.atoms.get(pairs.atomOf[person] ?? person) ?? [];
    together += set.filter((other) => !here.has(other)).length;
    for (const other of people) if (person < other && areFoes(pairs, person, other)) apart++;
  }
  return {
    size: size === 0 ? 0 : Math.max(0, rules.min - size) + Math.max(0, size - rules.max),
    track: mayMix ? 0 : others,
    together,
    apart,
  };
}

/** Which members do not live where the group stands. */
export function guestsOf({ cohort }: Plot, ids: readonly string[], node: number): string[] {
  const { tree, traits } = cohort;
  return ids.filter((id) => {
    const person = cohort.indexOf(id);
    return person >= 0 && !isWithin(tree, traits.home[person] ?? 0, node);
  });
}
