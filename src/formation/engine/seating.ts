import { byIdentity } from './pairs.ts';
import { isWithin } from './places.ts';
import type { Plot } from './pool.ts';
import type { Solution } from './solution.ts';
import { tracksOf } from './tracks.ts';
import { type FormationResult, type MoveReason, type Rung, RUNGS, type UnplacedReason } from './types.ts';

/** Who sits where, as explanations read it. */
export type Seating = {
  readonly pools: readonly SeatedPool[];
  readonly unplaced: ReadonlyMap<number, UnplacedReason>;
  /** Of an update. */
  readonly reasons: ReadonlyMap<number, MoveReason>;
};

export type SeatedPool = {
  readonly track: number;
  readonly node: number;
  readonly members: Int32Array;
  /** Group of each member, 0..n-1, and the groups' names. */
  readonly groupOf: Int32Array;
  readonly names: readonly string[];
};

/** The seating of a run, straight from its columns. */
export function seatingOf(
  solution: Solution,
  names: readonly string[],
  reasons: ReadonlyMap<number, MoveReason>,
): Seating {
  const pools = solution.pools.map(({ track, node, members, groups, firstGroup }) => ({
    track,
    node,
    members,
    groupOf: members.map((person) => (solution.groupOf[person] ?? 0) - firstGroup),
    names: names.slice(firstGroup, firstGroup + groups),
  }));
  return { pools, unplaced: solution.unplaced, reasons };
}

type Group = { readonly name: string; readonly people: number[] };

/** The seating of groups as they are now, also after people were moved by hand. */
export function seatingOfGroups(
  plot: Plot,
  { groups, placements }: Pick<FormationResult, 'groups' | 'placements'>,
): Seating {
  const { cohort } = plot;
  const byPool = new Map<string, { track: number; node: number; groups: Group[] }>();
  for (const { name, rung, memberIds, guestIds } of groups) {
    const people = memberIds.map((id) => cohort.indexOf(id)).filter((person) => person >= 0);
    if (people.length === 0) continue;
    const guests = new Set(guestIds.map((id) => cohort.indexOf(id)));
    const local = people.find((person) => !guests.has(person)) ?? people[0] ?? 0;
    const node = standingAt(plot, local, rung);
    const [track = 0] = tracksOf(cohort, people);
    const key = `${track} ${node}`;
    const pool = byPool.get(key) ?? { track, node, groups: [] };
    pool.groups.push({ name, people });
    byPool.set(key, pool);
  }
  const reasons = new Map<number, MoveReason>();
  const unplaced = new Map<number, UnplacedReason>();
  for (const { id, group, reason } of placements) {
    const person = cohort.indexOf(id);
    if (person < 0) continue;
    if (group === '') unplaced.set(person, reason as UnplacedReason);
    else if (reason !== '') reasons.set(person, reason as MoveReason);
  }
  return { pools: [...byPool.values()].map((pool) => seatedPool(plot, pool)), unplaced, reasons };
}

function standingAt({ cohort: { tree, traits } }: Plot, local: number, rung: Rung): number {
  const level = RUNGS.indexOf(rung);
  let node = traits.home[local] ?? 0;
  while (node !== 0 && (tree.level[node] ?? 0) < level) node = tree.parent[node] ?? 0;
  return node;
}

function seatedPool(
  plot: Plot,
  { track, node, groups }: { track: number; node: number; groups: Group[] },
): SeatedPool {
  const sorted = groups.sort((a, b) => (a.name < b.name ? -1 : 1));
  const seat = new Map<number, number>();
  for (const [at, group] of sorted.entries()) for (const person of group.people) seat.set(person, at);
  const members = Int32Array.from(seat.keys()).sort(byIdentity(plot.cohort));
  return {
    track,
    node,
    members,
    groupOf: members.map((person) => seat.get(person) ?? 0),
    names: sorted.map(({ name }) => name),
  };
}

/** Whether somebody lives where a pool stands. */
export function isLocal({ cohort: { tree, traits } }: Plot, person: number, node: number): boolean {
  return isWithin(tree, traits.home[person] ?? 0, node);
}
