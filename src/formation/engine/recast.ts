import { admit, dissolve, fits, type Hall } from './hall.ts';
import { type KeptGroup, lowestShared } from './kept-groups.ts';
import { byIdentity } from './pairs.ts';
import { unitCost } from './pool.ts';
import { fewestMoves, resize, type Sized } from './resize.ts';
import { sit } from './seat.ts';

/**
 * The last resort of an update: gives groups other sizes, whatever the places, so that as few as possible stay without a seat
 * and pinned people keep theirs.
 * @returns units without a seat
 */
export function recast(hall: Hall, units: readonly number[]): number[] {
  const { plot } = hall;
  const groups = [...hall.groups];
  const isShort = (group: KeptGroup): boolean => group.people.length < plot.rules.min;
  if (units.length === 0 && !groups.some(isShort)) return [];
  const extra = units.filter((unit) => !plot.pairs.atoms.has(unit));
  const sized = groups.map(({ people }): Sized => ({
    size: people.length,
    fixed: people.filter((person) => !hall.isMovable(person)).length,
  }));
  releaseUntilFeasible(hall, groups, sized, extra.length);
  const plan = resize(sized, extra.length, plot.rules);
  const seated = [...plan.targets, ...plan.opened].reduce((sum, size) => sum + size, 0);
  const legal = groups.reduce((sum, group) => sum + (isShort(group) ? 0 : group.people.length), 0);
  if (seated <= legal) return [...units, ...groups.filter(isShort).flatMap((group) => dissolve(hall, group))];
  const free = [...extra];
  for (const [at, group] of groups.entries()) {
    const target = plan.targets[at] ?? 0;
    if (target === 0) free.push(...dissolve(hall, group));
    while (group.people.length > target) {
      const person = takeOut(hall, group);
      if (person === null) break;
      free.push(person);
    }
  }
  const opened: { group: KeptGroup; target: number }[] = groups.map((group, at) => ({
    group,
    target: plan.targets[at] ?? 0,
  }));
  for (const target of plan.opened)
    opened.push({ group: { name: null, track: hall.track, node: 0, people: [] }, target });
  let left = fill(hall, free.sort(byIdentity(plot.cohort)), opened);
  left = feedPinned(hall, groups.filter(isShort), left);
  for (const group of groups.filter(isShort)) left.push(...dissolve(hall, group));
  for (const { group } of opened.slice(groups.length)) {
    if (group.people.length < plot.rules.min) left.push(...group.people);
    else {
      group.node = lowestShared(plot, group.people, plot.rules.min);
      admit(hall, group);
    }
  }
  return [...units.filter((unit) => plot.pairs.atoms.has(unit)), ...left];
}

/**
 * Where people who must stay are in more groups than there are people for, the smallest of these groups may end; those with pinned
 * people last.
 */
function releaseUntilFeasible(hall: Hall, groups: readonly KeptGroup[], sized: Sized[], extra: number): void {
  const isPinned = (at: number): number =>
    groups[at]?.people.some((person) => hall.plot.cohort.pinned[person] === 1) === true ? 1 : 0;
  const held = [...sized.keys()].filter((at) => (sized[at]?.fixed ?? 0) > 0);
  held.sort((a, b) => isPinned(a) - isPinned(b) || (sized[a]?.size ?? 0) - (sized[b]?.size ?? 0));
  for (const at of held) {
    if (fewestMoves(sized, extra, hall.plot.rules).seated > 0) return;
    sized[at] = { size: sized[at]?.size ?? 0, fixed: 0 };
  }
}

/** Groups with pinned people that pair rules kept from being filled take from others, the smallest of which end. */
function feedPinned(hall: Hall, short: readonly KeptGroup[], units: readonly number[]): number[] {
  const { pinned } = hall.plot.cohort;
  const isPinned = (group: KeptGroup): boolean => group.people.some((person) => pinned[person] === 1);
  let left = [...units];
  for (const group of short.filter(isPinned)) {
    const others = [...hall.groups]
      .filter((other) => !isPinned(other))
      .sort((a, b) => a.people.length - b.people.length);
    for (const other of others) {
      if (group.people.length >= hall.plot.rules.min) break;
      left = fill(hall, [...left, ...dissolve(hall, other)], [{ group, target: hall.plot.rules.min }]);
    }
  }
  return left;
}

/** Takes out somebody who may go: who has just come, if there is one. */
function takeOut(hall: Hall, group: KeptGroup): number | null {
  const movable = group.people.filter((person) => hall.isMovable(person));
  const person = movable.find((other) => hall.isNew(other, group)) ?? movable[0] ?? null;
  group.people = group.people.filter((other) => other !== person);
  return person;
}

/** Fills groups to their sizes with the people who live nearest. */
function fill(
  hall: Hall,
  free: readonly number[],
  groups: readonly { group: KeptGroup; target: number }[],
): number[] {
  let rest = [...free];
  for (const { group, target } of groups) {
    while (group.people.length < target) {
      const [unit] = rest
        .filter((other) => fits(hall, group, other))
        .sort((a, b) => unitCost(hall.plot, a, group.node) - unitCost(hall.plot, b, group.node));
      if (unit === undefined) break;
      sit(hall.plot, group, unit);
      rest = rest.filter((other) => other !== unit);
    }
  }
  return rest;
}
