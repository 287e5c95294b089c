import { fold } from '../../course/fold.ts';
import type { Cohort } from './cohort.ts';
import { cleanText, COUNTRY, isWithin, WORLD } from './places.ts';
import type { Solution } from './solution.ts';
import { RUNGS } from './types.ts';

/**
 * What each pool's place is called: as its own people write it, and among several spellings the first in code order.
 * @returns by pool the text at its rung, and at the rung above, which tells places of one name apart
 */
export function poolTexts(cohort: Cohort, solution: Solution): { text: string; above: string }[] {
  return solution.pools.map(({ node, members }) => {
    const { parent, level } = cohort.tree;
    const locals = members.filter((person) => isWithin(cohort.tree, cohort.traits.home[person] ?? 0, node));
    return {
      text: spelling(cohort, locals, level[node] ?? WORLD),
      above: spelling(cohort, locals, level[parent[node] ?? 0] ?? WORLD),
    };
  });
}

/** How people write the place of a level; among several spellings the first in code order. */
export function spelling(cohort: Cohort, people: Int32Array, level: number): string {
  const rung = RUNGS[level];
  if (rung === undefined) return '';
  let least: string | null = null;
  for (const person of people) {
    const text = cleanText(cohort.places[cohort.placeOf[person] ?? 0]?.[rung] ?? null);
    if (text !== null && (least === null || text < least)) least = text;
  }
  return least ?? (level === COUNTRY ? cohort.onlyCountry : '');
}

/**
 * Names for all groups, unique and readable: "Ibadan North · Data Science 2". Where a track has two places of one name, the
 * place above tells them apart.
 * @param kept names that groups already have, by group; the others get new ones
 * @param known names that there were, which nobody else gets
 */
export function nameGroups(
  cohort: Cohort,
  solution: Solution,
  kept: ReadonlyMap<number, string> = new Map(),
  known: Iterable<string> = kept.values(),
): string[] {
  const names = Array.from<string>({ length: solution.groupCount }).fill('');
  const used = new Set(known);
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
  const texts = poolTexts(cohort, solution);
  const nodes = new Map<string, Set<number>>();
  const keys = solution.pools.map(({ track }, at) => `${track} ${fold(texts[at]?.text ?? '')}`);
  for (const [at, { node }] of solution.pools.entries()) {
    const key = keys[at] ?? '';
    const known = nodes.get(key);
    if (known === undefined) nodes.set(key, new Set([node]));
    else known.add(node);
  }
  return solution.pools.map((_, at) => {
    const { text = '', above = '' } = texts[at] ?? {};
    return (nodes.get(keys[at] ?? '')?.size ?? 0) < 2 || above === '' ? text : `${text} (${above})`;
  });
}
