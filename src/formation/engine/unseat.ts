import { membersOf } from './arrange.ts';
import type { KeptGroup } from './kept-groups.ts';
import { areFoes } from './pairs.ts';
import type { Plot } from './pool.ts';

/**
 * Takes out of kept groups whoever may not stay: sets that are torn apart gather where most of them are, foes part, and groups
 * over the largest size shrink. Pinned people go last, and only where a pair rule leaves nothing else.
 * @returns units without a seat, each with the group it must go to where its set is there
 */
export function unseatTheIllegal(plot: Plot, groups: readonly KeptGroup[]): Set<number> {
  const homeless = new Set<number>();
  for (const group of groups) dropRefused(plot, group);
  gatherSets(plot, groups, homeless);
  for (const group of groups) {
    partFoes(plot, group, homeless);
    shrink(plot, group, homeless);
  }
  return homeless;
}

function dropRefused(plot: Plot, group: KeptGroup): void {
  if (plot.pairs.refused.size === 0) return;
  group.people = group.people.filter((person) => !plot.pairs.refused.has(person));
}

function gatherSets(plot: Plot, groups: readonly KeptGroup[], homeless: Set<number>): void {
  if (plot.pairs.atoms.size === 0) return;
  const seatOf = new Map<number, KeptGroup>();
  for (const group of groups) for (const person of group.people) seatOf.set(person, group);
  for (const [unit, members] of plot.pairs.atoms) {
    if (plot.pairs.refused.has(unit)) continue;
    const votes = new Map<KeptGroup, number>();
    for (const member of members) {
      const group = seatOf.get(member);
      if (group !== undefined)
        votes.set(group, (votes.get(group) ?? 0) + (plot.cohort.pinned[member] === 1 ? 100 : 1));
    }
    const ranked = [...votes].sort((a, b) => b[1] - a[1] || ((a[0].name ?? '') < (b[0].name ?? '') ? -1 : 1));
    const home = ranked[0]?.[0];
    if (home === undefined || (ranked.length === 1 && members.every((member) => seatOf.get(member) === home)))
      continue;
    const set = new Set(members);
    for (const group of votes.keys()) group.people = group.people.filter((person) => !set.has(person));
    const fits = home.people.length + members.length <= plot.rules.max;
    const parted = home.people.some((other) => members.some((member) => areFoes(plot.pairs, member, other)));
    if (fits && !parted) home.people.push(...members);
    else homeless.add(unit);
  }
}

function partFoes(plot: Plot, group: KeptGroup, homeless: Set<number>): void {
  for (;;) {
    let worst = -1;
    let worstScore = 0;
    for (const person of group.people) {
      let foes = 0;
      for (const other of group.people) if (areFoes(plot.pairs, person, other)) foes++;
      if (foes === 0) continue;
      const unit = plot.pairs.atomOf[person] ?? person;
      const pins = membersOf(unit, plot.pairs).some((member) => plot.cohort.pinned[member] === 1) ? 1 : 0;
      const score = foes * 10 + 5 - pins * 1000 - membersOf(unit, plot.pairs).length / 100;
      if (worst < 0 || score > worstScore) [worst, worstScore] = [unit, score];
    }
    if (worst < 0) return;
    unseat(plot, group, worst, homeless);
  }
}

function shrink(plot: Plot, group: KeptGroup, homeless: Set<number>): void {
  while (group.people.length > plot.rules.max) {
    const movable = group.people.filter((person) => isMovable(plot, person));
    const person = movable[movable.length - 1] ?? group.people[group.people.length - 1] ?? 0;
    unseat(plot, group, plot.pairs.atomOf[person] ?? person, homeless);
  }
}

function unseat(plot: Plot, group: KeptGroup, unit: number, homeless: Set<number>): void {
  const members = new Set(membersOf(unit, plot.pairs));
  group.people = group.people.filter((person) => !members.has(person));
  homeless.add(unit);
}

/** Whether somebody may be moved alone: not pinned and in no set. */
export function isMovable(plot: Plot, person: number): boolean {
  return plot.cohort.pinned[person] !== 1 && !plot.pairs.atoms.has(plot.pairs.atomOf[person] ?? person);
}
