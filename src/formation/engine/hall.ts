import { meetFoes, membersOf } from './arrange.ts';
import { MAN, WOMAN } from './cohort.ts';
import type { KeptGroup } from './kept-groups.ts';
import { isWithin } from './places.ts';
import type { Plot } from './pool.ts';
import { type Weights, weightsFor } from './weights.ts';

/** The groups of one track in an update, found by place. */
export type Hall = {
  readonly plot: Plot;
  readonly track: number;
  readonly weights: Weights;
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
  before: ReadonlyMap<number, string>,
): Hall {
  const { cohort, pairs } = plot;
  const mixed = new Set<number>();
  for (const group of groups) if (isMixed(plot, group)) for (const person of group.people) mixed.add(person);
  const hall: Hall = {
    plot,
    track,
    weights: weightsFor(plot.rules),
    groups: new Set(),
    at: new Map(),
    under: new Map(),
    isNew: (person, group) => group.name === null || before.get(person) !== group.name,
    isMovable: (person) =>
      cohort.pinned[person] !== 1 && !pairs.atoms.has(pairs.atomOf[person] ?? person) && !mixed.has(person),
  };
  for (const group of groups) admit(hall, group);
  return hall;
}

/** Whether a group holds people of several tracks. */
export function isMixed({ cohort }: Plot, group: KeptGroup): boolean {
  const [first = 0] = group.people;
  const { track } = cohort.traits;
  return group.people.some((person) => track[person] !== track[first]);
}

/** How many of a group live where it stands. */
export function localsOf({ cohort: { tree, traits } }: Plot, { people, node }: KeptGroup): number {
  return people.filter((person) => isWithin(tree, traits.home[person] ?? 0, node)).length;
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

/** What one more unit would add to a group's cost in rules and size. */
export function costOfSeating(hall: Hall, group: KeptGroup, unit: number): number {
  const { ideal } = hall.plot.rules;
  let cost = 0;
  let size = group.people.length;
  for (const person of membersOf(unit, hall.plot.pairs)) {
    cost += ruleChange(hall, group.people, person) + 2 * (size - ideal) + 1;
    size++;
  }
  return cost;
}

/** How a person changes what the rules cost a group: whether it has a lead, who is alone, when they can meet, who met before. */
export function ruleChange({ plot, weights }: Hall, people: readonly number[], person: number): number {
  const { lead, gender, slots, prior } = plot.cohort.traits;
  let leads = 0;
  let women = 0;
  let men = 0;
  let shared = -1;
  let together = 0;
  for (const other of people) {
    leads += lead[other] ?? 0;
    if (gender[other] === WOMAN) women++;
    else if (gender[other] === MAN) men++;
    shared &= slots[other] ?? 0;
    if (prior[other] === prior[person] && (prior[person] ?? -1) >= 0) together++;
  }
  let change = together * weights.together;
  if (lead[person] === 1 && leads === 0) change -= weights.noLead;
  const alike = gender[person] === WOMAN ? women : gender[person] === MAN ? men : -1;
  if (alike === 0) change += weights.isolated;
  else if (alike === 1) change -= weights.isolated;
  if (people.length > 0 && !isShort(shared) && isShort(shared & (slots[person] ?? 0)))
    change += weights.short + 2 * weights.missing;
  return change;
}

function isShort(slots: number): boolean {
  return (slots & (slots - 1)) === 0;
}
