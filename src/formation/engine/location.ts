import type { Cohort } from './cohort.ts';
import { levelCost, meetingNode } from './places.ts';
import type { Plot } from './pool.ts';
import { isFeasible } from './sizes.ts';
import type { Solution } from './solution.ts';

/** What location costs everybody who is placed. */
export function locationOf({ cohort }: Plot, solution: Solution): number {
  let cost = 0;
  for (const pool of solution.pools) {
    for (const person of pool.members) cost += personCost(cohort, person, pool.node);
  }
  return cost;
}

/** The rung of a group at `node` for locals; for guests the level where their place and the group's meet. */
export function personCost(cohort: Cohort, person: number, node: number): number {
  const { places, traits } = cohort;
  return levelCost(places.level[meetingNode(places, traits.home[person] ?? 0, node)] ?? 0);
}

/**
 * What location must cost at least: everybody at the lowest place above theirs that holds enough people of their track.
 * Whoever is unplaced pays nothing, so as many of the dearest are left out. Where tracks may mix, those who can complete
 * any group count in every track.
 */
export function locationBound(plot: Plot, solution: Solution): number {
  const { cohort, rules } = plot;
  const { track, home } = cohort.traits;
  const sizes = cohort.trackNames.map(() => 0);
  for (const code of track) sizes[code] = (sizes[code] ?? 0) + 1;
  const mixes = sizes.map((size) => rules.crossTrack && !hasFeasible(size, plot));
  const mixed = mixersByPerson(plot, mixes);
  const counts = countByNode(cohort, mixed);
  let bound = 0;
  const dearest: number[][] = cohort.trackNames.map(() => []);
  for (let i = 0; i < cohort.size; i++) {
    if (mixed?.[i] === 1) continue;
    let node = home[i] ?? 0;
    const row = (track[i] ?? 0) * cohort.places.size;
    const common = cohort.trackNames.length * cohort.places.size;
    while (node !== 0 && (counts[row + node] ?? 0) + (counts[common + node] ?? 0) < rules.min) {
      node = cohort.places.parent[node] ?? 0;
    }
    const cost = levelCost(cohort.places.level[node] ?? 0);
    bound += cost;
    if (solution.unplaced.size > 0) dearest[track[i] ?? 0]?.push(cost);
  }
  return bound - freed(solution, track, dearest);
}

function hasFeasible(size: number, { rules }: Plot): boolean {
  for (let people = size; people >= rules.min; people--) if (isFeasible(people, rules)) return true;
  return false;
}

/** Who may be in a group of any track: those whose own is too small, and sets across tracks. */
function mixersByPerson(plot: Plot, mixes: readonly boolean[]): Uint8Array | null {
  const { cohort, pairs, rules } = plot;
  if (!rules.crossTrack) return null;
  const mixed = Uint8Array.from(cohort.traits.track, (code) => (mixes[code] === true ? 1 : 0));
  for (const members of pairs.atoms.values()) {
    const first = cohort.traits.track[members[0] ?? 0];
    if (members.some((member) => cohort.traits.track[member] !== first))
      for (const member of members) mixed[member] = 1;
  }
  return mixed;
}

/** People by track and node, with those below; a last row for those who may be anywhere. */
function countByNode(cohort: Cohort, mixed: Uint8Array | null): Int32Array {
  const { places, traits } = cohort;
  const counts = new Int32Array((cohort.trackNames.length + 1) * places.size);
  for (let i = 0; i < cohort.size; i++) {
    const row = (mixed?.[i] === 1 ? cohort.trackNames.length : (traits.track[i] ?? 0)) * places.size;
    for (let node = traits.home[i] ?? 0; ; node = places.parent[node] ?? 0) {
      counts[row + node] = (counts[row + node] ?? 0) + 1;
      if (node === 0) break;
    }
  }
  return counts;
}

function freed(solution: Solution, track: Int32Array, costs: readonly number[][]): number {
  const gone = costs.map(() => 0);
  for (const person of solution.unplaced.keys())
    gone[track[person] ?? 0] = (gone[track[person] ?? 0] ?? 0) + 1;
  let sum = 0;
  for (const [code, count] of gone.entries()) {
    const dearest = [...(costs[code] ?? [])].sort((a, b) => b - a).slice(0, count);
    for (const cost of dearest) sum += cost;
  }
  return sum;
}
