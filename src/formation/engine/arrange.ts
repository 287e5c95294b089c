import type { FormationRules } from './types.ts';
import { areFoes, type Pairs } from './pairs.ts';

/** Steps of the search before it gives up; small cases are decided exactly well below it. */
const MOST_STEPS = 20_000;

/**
 * Splits people into groups within the sizes so that sets stay whole and foes apart, as even as the pair rules allow.
 * People with pair rules are placed first, by depth-first search; the others fill up.
 * @param units sets by their first member, and single people
 * @returns people by group; null where it found no way
 */
export function arrange(
  units: readonly number[],
  groupCount: number,
  rules: FormationRules,
  pairs: Pairs,
): number[][] | null {
  const tied = units.filter((unit) => pairs.bound[unit] === 1).map((unit) => membersOf(unit, pairs));
  const free = units.filter((unit) => pairs.bound[unit] !== 1);
  tied.sort((a, b) => b.length - a.length || foeCount(b, pairs) - foeCount(a, pairs));
  const groups: number[][] = Array.from({ length: groupCount }, () => []);
  const state = { tied, groups, free: free.length, steps: 0, rules, pairs };
  if (!place(state, 0)) return null;
  const order = groups.map((group, index) => ({ group, index }));
  for (const person of free) {
    let least = order[0];
    for (const entry of order) if (entry.group.length < (least?.group.length ?? 0)) least = entry;
    least?.group.push(person);
  }
  return groups.every((group) => group.length <= rules.max) ? groups : null;
}

/** The people of a unit. */
export function membersOf(unit: number, pairs: Pick<Pairs, 'atoms'>): readonly number[] {
  return pairs.atoms.get(unit) ?? [unit];
}

function foeCount(members: readonly number[], pairs: Pairs): number {
  let count = 0;
  for (const member of members) count += (pairs.foeStart[member + 1] ?? 0) - (pairs.foeStart[member] ?? 0);
  return count;
}

type State = {
  readonly tied: readonly (readonly number[])[];
  readonly groups: number[][];
  readonly free: number;
  steps: number;
  readonly rules: FormationRules;
  readonly pairs: Pairs;
};

function place(state: State, depth: number): boolean {
  const unit = state.tied[depth];
  if (unit === undefined) return canFill(state);
  if (state.steps++ > MOST_STEPS) return false;
  const order = state.groups.map((group, index) => ({ group, index, size: group.length }));
  order.sort((a, b) => a.size - b.size || a.index - b.index);
  let triedEmpty = false;
  for (const { group, size } of order) {
    if (size === 0) {
      // Empty groups are alike; one try stands for all.
      if (triedEmpty) continue;
      triedEmpty = true;
    }
    if (size + unit.length > state.rules.max || meetFoes(unit, group, state.pairs)) continue;
    group.push(...unit);
    if (place(state, depth + 1)) return true;
    group.length = size;
  }
  return false;
}

/** Whether those without pair rules can bring every group to its least size. */
function canFill({ groups, free, rules }: State): boolean {
  let missing = 0;
  for (const group of groups) missing += Math.max(0, rules.min - group.length);
  return missing <= free;
}

/** Whether somebody of `unit` must not meet somebody of `group`. */
export function meetFoes(unit: readonly number[], group: readonly number[], pairs: Pairs): boolean {
  for (const member of unit) {
    if (pairs.foeStart[member] === pairs.foeStart[member + 1]) continue;
    for (const other of group) if (areFoes(pairs, member, other)) return true;
  }
  return false;
}
