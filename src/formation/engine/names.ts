import { fold } from '../../course/fold.ts';
import type { Cohort } from './cohort.ts';
import type { Solution } from './solution.ts';

/**
 * Names for all groups, unique and readable: "Ibadan North · Data Science 2". Where a track has two places of one name, the
 * place above tells them apart.
 * @param kept names that groups already have, by group; the others get new ones
 */
export function nameGroups(
  cohort: Cohort,
  solution: Solution,
  kept: ReadonlyMap<number, string> = new Map(),
): string[] {
  const names = Array.from<string>({ length: solution.groupCount }).fill('');
  const used = new Set(kept.values());
  for (const [group, name] of kept) names[group] = name;
  const labels = placeLabels(cohort, solution);
  for (const [at, pool] of solution.pools.entries()) {
    const label = labels[at] ?? '';
    const track = cohort.trackNames[pool.track] ?? '';
    const stem = label === '' ? track : `${label} · ${track}`;
    let number = 1;
    for (let group = pool.firstGroup; group < pool.firstGroup + pool.groups; group++) {
      if (names[group] !== '') continue;
      while (used.has(`${stem} ${number}`)) number++;
      const name = `${stem} ${number}`;
      names[group] = name;
      used.add(name);
    }
  }
  return names;
}

function placeLabels(cohort: Cohort, solution: Solution): string[] {
  const seen = new Map<string, Set<number>>();
  const keyOf = (track: number, node: number): string => `${track} ${fold(cohort.places.name[node] ?? '')}`;
  for (const { track, node } of solution.pools) {
    const key = keyOf(track, node);
    const nodes = seen.get(key);
    if (nodes === undefined) seen.set(key, new Set([node]));
    else nodes.add(node);
  }
  return solution.pools.map(({ track, node }) => {
    const name = cohort.places.name[node] ?? '';
    if ((seen.get(keyOf(track, node))?.size ?? 0) < 2 || node === 0) return name;
    const above = cohort.places.name[cohort.places.parent[node] ?? 0] ?? '';
    return above === '' ? name : `${name} (${above})`;
  });
}
