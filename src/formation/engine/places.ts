import { fold } from '../../course/fold.ts';
import { hashText, mix } from './random.ts';
import { type FormationPlace, RUNG_COST, RUNGS } from './types.ts';

/** Rungs of nodes: 0 LGA, 1 state, 2 zone, 3 country; 4 is the root above the countries, where no group can stand. */
export const COUNTRY = 3;
export const WORLD = 4;
const COSTS = [...RUNGS.map((rung) => RUNG_COST[rung]), RUNG_COST.country];

/** The tree of places. A parent's index is below its children's; node 0 is the root above the countries. */
export type PlaceTree = {
  readonly parent: Int32Array;
  readonly level: Int32Array;
  /** A node's own name as it is compared. */
  readonly folded: readonly string[];
  /** The path below the country as a number: where the pool's chance comes from. */
  readonly pathHash: Int32Array;
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
type Step = { readonly level: number; readonly folded: string };
type Building = { parent: number[]; level: number[]; folded: string[]; known: Map<string, number> };

/**
 * Builds the tree from the distinct places of a roster. A blank rung is no node; a country of '' is one without a name. The
 * indices follow the names, so the order of the roster does not matter.
 * @returns the tree, and for each place the node of its lowest known rung
 */
export function buildPlaces(places: readonly FormationPlace[]): { tree: PlaceTree; nodeOf: Int32Array } {
  const paths = places
    .map((place, index) => pathOf(place, index))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.index - b.index));
  const building: Building = { parent: [0], level: [WORLD], folded: [''], known: new Map() };
  const nodeOf = new Int32Array(places.length);
  for (const path of paths) nodeOf[path.index] = descend(building, path.steps);
  const { parent, level, folded } = building;
  const tree = {
    parent: Int32Array.from(parent),
    level: Int32Array.from(level),
    folded,
    pathHash: new Int32Array(parent.length),
    size: parent.length,
  };
  for (let node = 1; node < tree.size; node++) {
    const above = tree.pathHash[tree.parent[node] ?? 0] ?? 0;
    const own = tree.level[node] ?? WORLD;
    tree.pathHash[node] = own >= COUNTRY ? 0 : mix(above ^ hashText(folded[node] ?? '', own));
  }
  return { tree, nodeOf };
}

function descend(building: Building, steps: readonly Step[]): number {
  let node = 0;
  for (const step of steps) {
    const key = `${node} ${step.level} ${step.folded}`;
    const known = building.known.get(key);
    if (known === undefined) {
      building.parent.push(node);
      building.level.push(step.level);
      node = building.folded.push(step.folded) - 1;
      building.known.set(key, node);
    } else {
      node = known;
    }
  }
  return node;
}

function pathOf(place: FormationPlace, index: number): Path {
  const steps: Step[] = [];
  for (let level = COUNTRY; level >= 0; level--) {
    const rung = RUNGS[level];
    const name = rung === undefined ? null : level === COUNTRY ? place[rung] : cleanText(place[rung]);
    if (name !== null) steps.push({ level, folded: fold(name) });
  }
  return { key: steps.map((step) => `${3 - step.level}${step.folded}`).join('\u0000'), steps, index };
}

/** A text without spaces around it, or null where nothing is left. */
export function cleanText(text: string | null): string | null {
  const trimmed = text?.trim() ?? '';
  return trimmed === '' ? null : trimmed;
}
