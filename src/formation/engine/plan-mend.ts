import type { Hall } from './hall.ts';
import type { KeptGroup } from './kept-groups.ts';
import { evenSizeCost } from './sizes.ts';

/** How a pool gets rid of groups that are too small. */
export type MendPlan = {
  /** Groups to end; their people go to the others. */
  readonly doomed: readonly KeptGroup[];
  /** How many people who had another seat must move. */
  readonly moves: number;
};

type Candidate = { readonly group: KeptGroup; readonly size: number; readonly moves: number };

/**
 * The fewest moves that bring every group of a pool to the least size. Ending one of s people ends its own need of min - s and
 * gives s people to others, so it lowers what must be borrowed by min, at s moves: the smallest go first.
 * @param free how many people fill needs without a move
 * @returns null where the pool cannot help itself
 */
export function planMend(hall: Hall, node: number, free: number): MendPlan | null {
  const { rules } = hall.plot;
  const pool = [...(hall.at.get(node) ?? [])];
  if (pool.every((group) => group.people.length >= rules.min)) return { doomed: [], moves: 0 };
  const people = pool.reduce((sum, group) => sum + group.people.length, free);
  const candidates = pool
    .filter((group) => isEndable(hall, group))
    .map((group): Candidate => ({ group, size: group.people.length, moves: movesOf(hall, group) }))
    .sort((a, b) => a.moves - b.moves || a.size - b.size || compare(a.group, b.group));
  let best: MendPlan | null = null;
  let bestCost = Infinity;
  for (let count = 0; count <= candidates.length; count++) {
    const doomed = candidates.slice(0, count);
    const moves = movesAfter(hall, pool, doomed, free);
    if (moves === null) continue;
    const cost = moves + Math.min(0.9, evenSizeCost(people, Math.max(1, pool.length - count), rules) / 1e6);
    if (cost < bestCost) [best, bestCost] = [{ doomed: doomed.map(({ group }) => group), moves }, cost];
    else if (moves > (best?.moves ?? Infinity) + rules.max) break;
  }
  return best;
}

/** Moves where these groups end and the others are filled; null where that does not work out. */
function movesAfter(
  hall: Hall,
  pool: readonly KeptGroup[],
  doomed: readonly Candidate[],
  free: number,
): number | null {
  const { min, max } = hall.plot.rules;
  const gone = new Set(doomed.map(({ group }) => group));
  let given = free;
  let moves = 0;
  for (const { size, moves: own } of doomed) {
    given += size;
    moves += own;
  }
  let need = 0;
  let spare = 0;
  let spareNew = 0;
  let room = 0;
  for (const group of pool) {
    if (gone.has(group)) continue;
    const size = group.people.length;
    need += Math.max(0, min - size);
    room += Math.max(0, max - size);
    const lent = Math.min(
      Math.max(0, size - min),
      group.people.filter((person) => hall.isMovable(person)).length,
    );
    spare += lent;
    spareNew += Math.min(
      lent,
      group.people.filter((person) => hall.isMovable(person) && hall.isNew(person, group)).length,
    );
  }
  if (pool.length === gone.size || need > given + spare) return null;
  // Whoever is not needed to fill a group must find a seat, or open one; those who only just came may also go elsewhere.
  const seatless = given - free - room;
  if (seatless > 0) return null;
  return moves + Math.max(0, need - given - spareNew);
}

function isEndable(hall: Hall, group: KeptGroup): boolean {
  return (
    group.people.every(
      (person) => hall.isMovable(person) || hall.plot.pairs.atoms.has(hall.plot.pairs.atomOf[person] ?? -1),
    ) && group.people.every((person) => hall.plot.cohort.pinned[person] !== 1)
  );
}

function movesOf(hall: Hall, group: KeptGroup): number {
  return group.people.filter((person) => !hall.isNew(person, group)).length;
}

/** New groups end before those that have a name. */
function compare(a: KeptGroup, b: KeptGroup): number {
  return (a.name ?? '') < (b.name ?? '') ? -1 : 1;
}
