import { meetFoes, membersOf } from './arrange.ts';
import type { Kept, KeptGroup } from './kept-groups.ts';
import { isWithin } from './places.ts';
import type { Plot } from './pool.ts';
import { createScale, type Scale } from './tally.ts';
import { weightsFor } from './weights.ts';

/** The groups of one track in an update, found by place. */
export type Hall = {
  readonly plot: Plot;
  readonly track: number;
  readonly scale: Scale;
  readonly groups: Set<KeptGroup>;
  /** Groups that stand at a node: a pool. */
  readonly at: Map<number, Set<KeptGroup>>;
  /** Groups at a node or below it. */
  readonly under: Map<number, Set<KeptGroup>>;
  /** Whether somebody's seat in a group is new to them, so that another costs no move. */
  readonly isNew: (person: number, group: KeptGroup) => boolean;
  /** Whether somebody may be moved alone: not pinned, in no set, and not needed for a group of several tracks. */
  readonly isMovable: (person: number) => boolean;
};

export function openHall(
  plot: Plot,
  track: number,
  groups: readonly KeptGroup[],
  before: Kept['before'],
): Hall {
  const { cohort, pairs } = plot;
  const mixed = new Set<number>();
  for (const group of groups) if (isMixed(plot, group)) for (const person of group.people) mixed.add(person);
  const hall: Hall = {
    plot,
    track,
    scale: createScale(plot, weightsFor(plot.rules)),
    groups: new Set(),
    at: new Map(),
    under: new Map(),
    isNew: (person, group) => group.name === null || before(person) !== group.name,
    isMovable: (person) =>
      cohort.pinned[person] !== 1 && !pairs.atoms.has(pairs.atomOf[person] ?? person) && !mixed.has(person),
  };
  for (const group of groups) admit(hall, group);
  return hall;
}

/** Whether a group holds people of several tracks. */
export function isMixed({ cohort }: Plot, group: KeptGroup): boolean {
  const { track } = cohort.traits;
  const first = track[group.people[0] ?? 0];
  for (const person of group.people) if (track[person] !== first) return true;
  return false;
}

/** How many of a group live where it stands. */
export function localsOf({ cohort: { tree, traits } }: Plot, { people, node }: KeptGroup): number {
  let locals = 0;
  for (const person of people) if (isWithin(tree, traits.home[person] ?? 0, node)) locals++;
  return locals;
}

export function admit(hall: Hall, group: KeptGroup): void {
  hall.groups.add(group);
  put(hall.at, group.node, group);
  for (const node of upwards(hall, group.node)) put(hall.under, node, group);
}

/** Ends a group. @returns its people, as units */
export function dissolve(hall: Hall, group: KeptGroup): number[] {
  remove(hall, group);
  const units = new Set(group.people.map((person) => hall.plot.pairs.atomOf[person] ?? person));
  group.people = [];
  return [...units];
}

/** Lets a group stand at a node above. */
export function raise(hall: Hall, group: KeptGroup, node: number): void {
  remove(hall, group);
  group.node = node;
  admit(hall, group);
}

function remove(hall: Hall, group: KeptGroup): void {
  hall.groups.delete(group);
  hall.at.get(group.node)?.delete(group);
  for (const node of upwards(hall, group.node)) hall.under.get(node)?.delete(group);
}

/** Remembers who sits where. @returns a way back to it */
export function snapshot(hall: Hall): () => void {
  const saved = [...hall.groups].map((group) => ({ group, node: group.node, people: [...group.people] }));
  return () => {
    for (const group of [...hall.groups]) remove(hall, group);
    for (const { group, node, people } of saved) {
      group.node = node;
      group.people = people;
      admit(hall, group);
    }
  };
}

/** A node and those above it, to the root. */
export function* upwards({ plot }: Hall, from: number): Generator<number> {
  for (let node = from; ; node = plot.cohort.tree.parent[node] ?? 0) {
    yield node;
    if (node === 0) return;
  }
}

function put(map: Map<number, Set<KeptGroup>>, node: number, group: KeptGroup): void {
  const known = map.get(node);
  if (known === undefined) map.set(node, new Set([group]));
  else known.add(group);
}

/** Whether a unit can sit in a group by size and pair rules. */
export function fits({ plot }: Hall, group: KeptGroup, unit: number): boolean {
  const members = membersOf(unit, plot.pairs);
  return (
    group.people.length + members.length <= plot.rules.max && !meetFoes(members, group.people, plot.pairs)
  );
}

/** Whether a pool has enough people of its own for each of its groups, so that it may host others. */
export function hosts({ plot, at }: Hall, node: number): boolean {
  const pool = at.get(node) ?? new Set();
  let locals = 0;
  for (const group of pool) locals += localsOf(plot, group);
  return pool.size > 0 && locals >= plot.rules.min * pool.size;
}
