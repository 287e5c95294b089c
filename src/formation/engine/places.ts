import { fold } from '../../course/fold.ts';
import { type FormationPlace, RUNG_COST, RUNGS } from './types.ts';

/** Rungs of nodes: 0 LGA, 1 state, 2 zone, 3 country; 4 is the root above the countries, where no group can stand. */
export const WORLD = 4;
const COSTS = [...RUNGS.map((rung) => RUNG_COST[rung]), RUNG_COST.country];

/** The tree of places. A parent's index is below its children's; node 0 is the root. */
export type PlaceTree = {
  readonly parent: Int32Array;
  readonly level: Int32Array;
  /** The roster's own spelling; among several, the first in code order. */
  readonly name: readonly string[];
  readonly size: number;
};

/** The cost of a level of the tree; above the countries it is the widest there is. */
export function levelCost(level: number): number {
  return COSTS[level] ?? 0;
}

/** The lowest node that two nodes share. */
export function meetingNode(tree: PlaceTree, a: number, b: number): number {
  let left = a;
  let right = b;
  while (left !== right) {
    if (left > right) left = tree.parent[left] ?? 0;
    else right = tree.parent[right] ?? 0;
  }
  return left;
}

/** Whether `ancestor` is `node` or above it. */
export function isWithin(tree: PlaceTree, node: number, ancestor: number): boolean {
  let at = node;
  while (at > ancestor) at = tree.parent[at] ?? 0;
  return at === ancestor;
}

type Path = { readonly key: string; readonly steps: readonly Step[]; readonly index: number };
type Step = { readonly level: number; readonly folded: string; readonly name: string };

/**
 * Builds the tree from the distinct places of a roster. Blank rungs are no nodes; a blank country is the only one named,
 * where there is only one. The indices follow the names, so the order of the roster does not matter.
 * @returns the tree, and for each place the node of its lowest known rung
 */
export function buildPlaces(places: readonly FormationPlace[]): { tree: PlaceTree; nodeOf: Int32Array } {
  const only = onlyCountry(places);
  const paths = places
    .map((place, index) => pathOf(place, index, only))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.index - b.index));
  const building = {
    parent: [0],
    level: [only === null ? WORLD : 3],
    name: [only ?? ''],
    known: new Map<string, number>(),
  };
  const nodeOf = new Int32Array(places.length);
  for (const path of paths) nodeOf[path.index] = descend(building, path.steps);
  const tree = {
    parent: Int32Array.from(building.parent),
    level: Int32Array.from(building.level),
    name: building.name,
    size: building.parent.length,
  };
  return { tree, nodeOf };
}

type Building = { parent: number[]; level: number[]; name: string[]; known: Map<string, number> };

function descend(building: Building, steps: readonly Step[]): number {
  let node = 0;
  for (const step of steps) {
    const key = `${node} ${step.level} ${step.folded}`;
    const known = building.known.get(key);
    if (known === undefined) {
      building.parent.push(node);
      building.level.push(step.level);
      node = building.name.push(step.name) - 1;
      building.known.set(key, node);
    } else {
      node = known;
      if (step.name < (building.name[node] ?? '')) building.name[node] = step.name;
    }
  }
  return node;
}

/** The one country of the roster ('' where none is named), which is then the root; null where there are several. */
function onlyCountry(places: readonly FormationPlace[]): string | null {
  const named = new Map<string, string>();
  for (const { country } of places) {
    const text = clean(country);
    if (text === null) continue;
    const known = named.get(fold(text));
    if (known === undefined || text < known) named.set(fold(text), text);
  }
  if (named.size > 1) return null;
  return [...named.values()][0] ?? '';
}

function pathOf(place: FormationPlace, index: number, only: string | null): Path {
  const steps: Step[] = [];
  for (let level = only === null ? 3 : 2; level >= 0; level--) {
    const rung = RUNGS[level];
    const name = rung === undefined ? null : clean(place[rung]);
    if (name !== null) steps.push({ level, folded: fold(name), name });
  }
  return { key: steps.map((step) => `${3 - step.level}${step.folded}`).join('\u0000'), steps, index };
}

function clean(text: string | null): string | null {
  const trimmed = text?.trim() ?? '';
  return trimmed === '' ? null : trimmed;
}
