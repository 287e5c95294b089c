import { membersOf } from './arrange.ts';
import type { KeptGroup } from './kept-groups.ts';
import { areFoes } from './pairs.ts';
import { isWithin, levelCost, meetingNode } from './places.ts';
import { unitCost } from './pool.ts';
import { fits, type Hall } from './seat.ts';
import { isMovable } from './unseat.ts';

/**
 * How many of the smallest groups to dissolve so that the fewest people move: dissolving one of s people ends its own need of
 * min - s and gives s people to others, so it lowers what must be borrowed by min, at s moves.
 * @param short sizes of the groups under the least size, in rising order
 * @param free people who fill needs without a move
 */
export function leastMoves(
  short: readonly number[],
  free: number,
  min: number,
): { dissolve: number; moves: number } {
  let need = -free;
  for (const size of short) need += min - size;
  let dissolve = 0;
  let moves = 0;
  for (const size of short) {
    if (need <= 0 || size > need) break;
    need -= min;
    moves += size;
    dissolve++;
  }
  return { dissolve, moves: moves + Math.max(0, need) };
}

/** What a move weighs against location while groups are mended: more than a step from zone to country. */
const MOVE = 7;

type Loan = { readonly from: KeptGroup; readonly person: number };

/**
 * Brings every group to the least size. For each that is short, the smallest first, either its people move to seats near by,
 * or others are borrowed, newcomers and neighbours first: whichever costs less in moves and location together.
 * @param isNew whether somebody's seat was not theirs before the update
 * @returns units without a seat
 */
export function mend(hall: Hall, isNew: (person: number) => boolean): number[] {
  const { min } = hall.plot.rules;
  const short = hall.groups.filter((group) => group.people.length < min && group.people.length > 0);
  const left: number[] = [];
  while (short.length > 0) {
    short.sort((a, b) => a.people.length - b.people.length);
    const group = short.shift();
    if (group === undefined || group.people.length >= min || group.people.length === 0) continue;
    const loans = findLoans(hall, group, isNew);
    const leaving = canDissolve(hall, group) || loans === null ? dissolveCost(hall, group, isNew) : Infinity;
    if (loans !== null && loanCost(hall, group, loans, isNew) < leaving) {
      for (const { from, person } of loans) {
        from.people = from.people.filter((other) => other !== person);
        group.people.push(person);
      }
    } else {
      left.push(...seatNear(hall, group, empty(hall, group)));
    }
  }
  return left;
}

function canDissolve(hall: Hall, group: KeptGroup): boolean {
  return group.people.every((person) => hall.plot.cohort.pinned[person] !== 1);
}

function empty(hall: Hall, group: KeptGroup): number[] {
  const units = new Set(group.people.map((person) => hall.plot.pairs.atomOf[person] ?? person));
  group.people = [];
  return [...units];
}

/** Groups around a node, the near ones first: those under it, then those under each node above. */
function* around(hall: Hall, node: number): Generator<readonly KeptGroup[]> {
  for (let at = node; ; at = hall.plot.cohort.tree.parent[at] ?? 0) {
    yield hall.under.get(at) ?? [];
    if (at === 0) return;
  }
}

/** People who can be spared and bring a group to the least size; null where there are not enough. */
function findLoans(hall: Hall, group: KeptGroup, isNew: (person: number) => boolean): Loan[] | null {
  const loans: Loan[] = [];
  const { min } = hall.plot.rules;
  const spared = new Map<KeptGroup, number>();
  const taken = new Set<number>();
  for (const ring of around(hall, group.node)) {
    for (;;) {
      if (group.people.length + loans.length >= min) return loans;
      let best: Loan | null = null;
      let bestCost = Infinity;
      for (const from of ring) {
        const spare = from.people.length - min - (spared.get(from) ?? 0);
        if (from === group || spare <= 0) continue;
        for (const person of from.people) {
          if (taken.has(person)) continue;
          const cost = lendCost(hall, group, { from, person }, isNew) - spare / 100;
          if (cost >= bestCost || !isMovable(hall.plot, person) || !fits(hall, group, person)) continue;
          if (loans.some((loan) => areFoes(hall.plot.pairs, loan.person, person))) continue;
          [best, bestCost] = [{ from, person }, cost];
        }
      }
      if (best === null) break;
      loans.push(best);
      taken.add(best.person);
      spared.set(best.from, (spared.get(best.from) ?? 0) + 1);
    }
  }
  return null;
}

function lendCost(
  hall: Hall,
  group: KeptGroup,
  { from, person }: Loan,
  isNew: (person: number) => boolean,
): number {
  const location = unitCost(hall.plot, person, group.node) - unitCost(hall.plot, person, from.node);
  return location + (isNew(person) ? 0 : MOVE);
}

/** What loans cost; where they leave a group too few locals, everybody's rung goes up to where they meet. */
function loanCost(
  hall: Hall,
  group: KeptGroup,
  loans: readonly Loan[],
  isNew: (person: number) => boolean,
): number {
  const { tree: places, traits } = hall.plot.cohort;
  let cost = 0;
  let meeting = group.node;
  let locals = 0;
  for (const person of group.people) if (isWithin(places, traits.home[person] ?? 0, group.node)) locals++;
  for (const loan of loans) {
    cost += lendCost(hall, group, loan, isNew);
    const node = meetingNode(places, group.node, traits.home[loan.person] ?? 0);
    if (node === group.node) locals++;
    if ((places.level[node] ?? 0) > (places.level[meeting] ?? 0)) meeting = node;
  }
  if (locals >= hall.plot.rules.min) return cost;
  return cost + locals * (levelCost(places.level[meeting] ?? 0) - levelCost(places.level[group.node] ?? 0));
}

/** What it costs to seat a group's people elsewhere; a seat in another short group saves a loan there. */
function dissolveCost(hall: Hall, group: KeptGroup, isNew: (person: number) => boolean): number {
  const room = new Map<KeptGroup, number>();
  let cost = 0;
  for (const person of group.people) {
    const seat = nearestSeat(hall, group, person, room);
    if (seat === null) return Infinity;
    room.set(seat, (room.get(seat) ?? 0) + 1);
    cost +=
      unitCost(hall.plot, person, seat.node) -
      unitCost(hall.plot, person, group.node) +
      (isNew(person) ? 0 : MOVE);
    if (seat.people.length + (room.get(seat) ?? 0) <= hall.plot.rules.min) cost -= MOVE;
  }
  return cost;
}

function nearestSeat(
  hall: Hall,
  own: KeptGroup,
  unit: number,
  room: ReadonlyMap<KeptGroup, number>,
): KeptGroup | null {
  const { min, max } = hall.plot.rules;
  for (const ring of around(hall, own.node)) {
    let best: KeptGroup | null = null;
    let bestCost = Infinity;
    for (const group of ring) {
      const size = group.people.length + (room.get(group) ?? 0);
      if (group === own || group.people.length === 0 || size >= max || !fits(hall, group, unit)) continue;
      const cost = unitCost(hall.plot, unit, group.node) - (size < min ? MOVE : 0) + size / 100;
      if (cost < bestCost) [best, bestCost] = [group, cost];
    }
    if (best !== null) return best;
  }
  return null;
}

function seatNear(hall: Hall, own: KeptGroup, units: readonly number[]): number[] {
  return units.filter((unit) => {
    const seat = nearestSeat(hall, own, unit, new Map());
    seat?.people.push(...membersOf(unit, hall.plot.pairs));
    return seat === null;
  });
}

/** Seats units in any group with room, the nearest first. @returns those for whom there is none */
export function seatAnywhere(hall: Hall, units: readonly number[]): number[] {
  return units.filter((unit) => {
    let best: KeptGroup | null = null;
    let bestCost = Infinity;
    for (const group of hall.groups) {
      if (group.people.length < hall.plot.rules.min || !fits(hall, group, unit)) continue;
      const cost = unitCost(hall.plot, unit, group.node) * 1e3 + group.people.length;
      if (cost < bestCost) [best, bestCost] = [group, cost];
    }
    best?.people.push(...membersOf(unit, hall.plot.pairs));
    return best === null;
  });
}
