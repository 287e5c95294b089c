import { dissolve, type Hall, localsOf, raise } from './hall.ts';
import type { KeptGroup } from './kept-groups.ts';
import { WORLD } from './places.ts';

/**
 * A pool that hosts guests needs enough locals for each of its groups: the group with the fewest goes up a level until it has.
 * Where there is no level left, it ends.
 * @returns units without a seat
 */
export function settlePlaces(hall: Hall): number[] {
  const { tree } = hall.plot.cohort;
  const left: number[] = [];
  for (const group of [...(hall.at.get(0) ?? [])]) left.push(...dissolve(hall, group));
  const nodes = new Set<number>(hall.under.keys());
  for (const node of [...nodes].sort((a, b) => b - a)) {
    for (let group = weakest(hall, node); group !== null; group = weakest(hall, node)) {
      const above = tree.parent[node] ?? 0;
      if ((tree.level[above] ?? WORLD) < WORLD) raise(hall, group, above);
      else left.push(...dissolve(hall, group));
    }
  }
  return left;
}

/** The group with the fewest locals of a pool that hosts more than it may, or with none; null where all is well. */
function weakest({ plot, at }: Hall, node: number): KeptGroup | null {
  const pool = [...(at.get(node) ?? [])];
  let locals = 0;
  let people = 0;
  let fewest = Infinity;
  let weak: KeptGroup | null = null;
  for (const group of pool) {
    const own = localsOf(plot, group);
    locals += own;
    people += group.people.length;
    if (own < fewest) [weak, fewest] = [group, own];
  }
  if (fewest > 0 && (locals === people || locals >= plot.rules.min * pool.length)) return null;
  return weak;
}
