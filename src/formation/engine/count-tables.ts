import { levelCost, WORLD } from './places.ts';
import { bestGroupCount, evenSizeCost, type SizeRules } from './sizes.ts';

/** Location comes before sizes: a unit of it outweighs any size cost of a track that is planned so. */
const LOCATION = 2 ** 26;

/**
 * What a part of the tree can come to: `cost[up * (seats + 1) + held]` is the least cost with `up` people sent further up and
 * `held` seats kept for guests from outside. `up` is counted from `least`.
 */
export type Table = {
  readonly least: number;
  readonly cost: Float64Array;
};

/** How far the tables reach, and how many steps are left before they give up. */
export type Reach = { readonly up: number; readonly seats: number; steps: number };

export class OutOfSteps extends Error {}

export function emptyTable(least: number, reach: Reach): Table {
  return { least, cost: new Float64Array((reach.up + 1) * (reach.seats + 1)).fill(Infinity) };
}

export function costAt(table: Table, reach: Reach, up: number, held: number): number {
  const from = up - table.least;
  if (from < 0 || from > reach.up || held < 0 || held > reach.seats) return Infinity;
  return table.cost[from * (reach.seats + 1) + held] ?? Infinity;
}

export function offer(table: Table, reach: Reach, up: number, held: number, cost: number): void {
  const from = up - table.least;
  if (from < 0 || from > reach.up || held < 0 || held > reach.seats) return;
  const at = from * (reach.seats + 1) + held;
  if (cost < (table.cost[at] ?? Infinity)) table.cost[at] = cost;
}

/** Every state that can be reached. */
export function* statesOf(table: Table, reach: Reach): Generator<[up: number, held: number, cost: number]> {
  for (let from = 0; from <= reach.up; from++) {
    for (let held = 0; held <= reach.seats; held++) {
      const cost = table.cost[from * (reach.seats + 1) + held] ?? Infinity;
      if (cost < Infinity) yield [table.least + from, held, cost];
    }
  }
}

/** Both parts together. @throws OutOfSteps */
export function join(a: Table, b: Table, reach: Reach): Table {
  const joined = emptyTable(a.least + b.least, reach);
  const others = [...statesOf(b, reach)];
  for (const [up, held, cost] of statesOf(a, reach)) {
    reach.steps -= others.length;
    if (reach.steps < 0) throw new OutOfSteps();
    for (const [up2, held2, cost2] of others) offer(joined, reach, up + up2, held + held2, cost + cost2);
  }
  return joined;
}

/** Seats people who meet here in seats held below. */
export function matchHere(table: Table, reach: Reach, level: number): Table {
  const matched = emptyTable(Math.max(0, table.least - reach.seats), reach);
  const each = levelCost(level) * LOCATION;
  for (const [up, held, cost] of statesOf(table, reach)) {
    for (let seated = 0; seated <= Math.min(up, held); seated++)
      offer(matched, reach, up - seated, held - seated, cost + seated * each);
  }
  return matched;
}

/** Opens a pool here for some who wait, with seats for guests, or none. */
export function openHere(table: Table, reach: Reach, level: number, rules: SizeRules): Table {
  const opened = emptyTable(0, reach);
  for (const [up, held, cost] of statesOf(table, reach)) {
    offer(opened, reach, up, held, cost);
    if (level >= WORLD) continue;
    for (let locals = Math.max(rules.min, up - reach.up); locals <= up; locals++) {
      reach.steps -= reach.seats - held + 1;
      if (reach.steps < 0) throw new OutOfSteps();
      for (let guests = 0; held + guests <= reach.seats; guests++) {
        const own = poolCost(level, locals, guests, rules);
        if (own < Infinity) offer(opened, reach, up - locals, held + guests, cost + own);
        else if (guests > locals * rules.max) break;
      }
    }
  }
  return opened;
}

/** The cost of a pool with so many of its own people and so many guests; infinite where there is none. */
export function poolCost(level: number, locals: number, guests: number, rules: SizeRules): number {
  const people = locals + guests;
  const groups = bestGroupCount(people, rules, Math.floor(locals / rules.min));
  if (groups === 0) return Infinity;
  return locals * levelCost(level) * LOCATION + evenSizeCost(people, groups, rules);
}

/** What seating so many guests where they meet costs. */
export function guestCost(level: number, guests: number): number {
  return guests * levelCost(level) * LOCATION;
}
