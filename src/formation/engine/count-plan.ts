import {
  costAt,
  emptyTable,
  guestCost,
  join,
  matchHere,
  offer,
  openHere,
  OutOfSteps,
  poolCost,
  type Reach,
  statesOf,
  type Table,
} from './count-tables.ts';
import { byIdentity } from './pairs.ts';
import { WORLD } from './places.ts';
import { formPool, type Plot, type Pool } from './pool.ts';

/** How much work a track may be before its plan is left unproven. */
const MOST_STEPS = 4e7;
/** How many people tables can reach in full, and how far they reach where there are more. */
const FULL_REACH = 60;
const SHORT_REACH = 24;

/** What is decided at a node: who opens a pool there, and how many are seated below. */
type Choice = { locals: number; guests: number; seated: number };
type Layer = { joined: Table[]; children: number[]; before: Table; matched: Table; opened: Table };

/**
 * The best plan of a track without pair rules, by counting: the fewest unplaced, then the least location cost, then sizes. Tables
 * from the leaves of the tree to its root hold what each part can come to.
 * @param units single people
 * @returns the plan, and whether it is proven to be the best; null where no table reaches far enough
 */
export function planByCounts(
  plot: Plot,
  track: number,
  units: readonly number[],
): { pools: Pool[]; left: number[]; proven: boolean } | null {
  for (const reach of units.length > FULL_REACH ? [SHORT_REACH] : [units.length, SHORT_REACH]) {
    try {
      const counts = new Counts(plot, units, { up: reach, seats: reach, steps: MOST_STEPS });
      const outcome = counts.plan(track);
      return outcome === null ? null : { ...outcome, proven: reach >= units.length };
    } catch (error) {
      if (!(error instanceof OutOfSteps)) throw error;
    }
  }
  return null;
}

class Counts {
  readonly #plot: Plot;
  readonly #reach: Reach;
  readonly #homes = new Map<number, number[]>();
  readonly #children = new Map<number, number[]>();
  readonly #order: number[];
  readonly #layers = new Map<number, Layer>();

  constructor(plot: Plot, units: readonly number[], reach: Reach) {
    this.#plot = plot;
    this.#reach = reach;
    const { home } = plot.cohort.traits;
    const { parent } = plot.cohort.tree;
    const seen = new Set<number>([0]);
    for (const unit of [...units].sort(byIdentity(plot.cohort))) {
      const at = home[unit] ?? 0;
      add(this.#homes, at, unit);
      for (let node = at; !seen.has(node); node = parent[node] ?? 0) {
        seen.add(node);
        add(this.#children, parent[node] ?? 0, node);
      }
    }
    this.#order = [...seen].sort((a, b) => b - a);
  }

  plan(track: number): { pools: Pool[]; left: number[] } | null {
    for (const node of this.#order) this.#layers.set(node, this.#layer(node));
    const root = this.#layers.get(0)?.opened;
    if (root === undefined) return null;
    const [best] = [...statesOf(root, this.#reach)]
      .filter(([, held]) => held === 0)
      .sort(([upA, , costA], [upB, , costB]) => upA - upB || costA - costB);
    if (best === undefined) return null;
    const choices = new Map<number, Choice>();
    this.#choose(0, best[0], 0, choices);
    return this.#seat(track, choices);
  }

  #layer(node: number): Layer {
    const reach = this.#reach;
    const level = this.#plot.cohort.tree.level[node] ?? WORLD;
    const own = this.#homes.get(node)?.length ?? 0;
    const start = emptyTable(own, reach);
    offer(start, reach, own, 0, 0);
    const children = (this.#children.get(node) ?? []).sort((a, b) => a - b);
    const joined = [start];
    let before = start;
    for (const child of children) {
      before = join(before, this.#layers.get(child)?.opened ?? start, reach);
      joined.push(before);
    }
    const matched = matchHere(before, reach, level);
    return { joined, children, before, matched, opened: openHere(matched, reach, level, this.#plot.rules) };
  }

  /** Goes back down from a state of a node to the choices that led there. */
  #choose(node: number, up: number, held: number, choices: Map<number, Choice>): void {
    const layer = this.#layers.get(node);
    if (layer === undefined) return;
    const choice = this.#choiceAt(node, layer, up, held);
    choices.set(node, choice);
    let wantedUp = up + choice.locals + choice.seated;
    let wantedHeld = held - choice.guests + choice.seated;
    for (let at = layer.children.length - 1; at >= 0; at--) {
      const child = layer.children[at] ?? 0;
      const table = this.#layers.get(child)?.opened;
      const rest = layer.joined[at];
      const total = costAt(layer.joined[at + 1] ?? layer.before, this.#reach, wantedUp, wantedHeld);
      if (table === undefined || rest === undefined) return;
      for (const [up2, held2, cost] of statesOf(table, this.#reach)) {
        if (!isSame(cost + costAt(rest, this.#reach, wantedUp - up2, wantedHeld - held2), total)) continue;
        this.#choose(child, up2, held2, choices);
        wantedUp -= up2;
        wantedHeld -= held2;
        break;
      }
    }
  }

  #choiceAt(node: number, { before, matched, opened }: Layer, up: number, held: number): Choice {
    const { tree } = this.#plot.cohort;
    const level = tree.level[node] ?? WORLD;
    const total = costAt(opened, this.#reach, up, held);
    const pool = isSame(costAt(matched, this.#reach, up, held), total)
      ? { locals: 0, guests: 0, cost: total }
      : this.#poolAt(level, matched, up, held, total);
    for (let seated = 0; seated <= this.#reach.seats; seated++) {
      const from = costAt(before, this.#reach, up + pool.locals + seated, held - pool.guests + seated);
      if (isSame(from + guestCost(level, seated), pool.cost)) return { ...pool, seated };
    }
    return { ...pool, seated: 0 };
  }

  #poolAt(level: number, matched: Table, up: number, held: number, total: number) {
    for (let guests = 0; guests <= held; guests++) {
      for (let locals = 1; locals <= matched.least + this.#reach.up; locals++) {
        const rest = costAt(matched, this.#reach, up + locals, held - guests);
        if (rest === Infinity) continue;
        if (isSame(rest + poolCost(level, locals, guests, this.#plot.rules), total))
          return { locals, guests, cost: rest };
      }
    }
    return { locals: 0, guests: 0, cost: total };
  }

  /** Puts people where the choices say, children before parents. */
  #seat(track: number, choices: ReadonlyMap<number, Choice>): { pools: Pool[]; left: number[] } | null {
    const going = new Map<number, number[]>();
    const open = new Map<number, number[]>();
    const members: { node: number; units: number[] }[] = [];
    for (const node of this.#order) {
      const { locals, guests, seated } = choices.get(node) ?? { locals: 0, guests: 0, seated: 0 };
      const waiting = [...(this.#homes.get(node) ?? [])];
      const seats: number[] = [];
      for (const child of this.#children.get(node) ?? []) {
        waiting.push(...(going.get(child) ?? []));
        seats.push(...(open.get(child) ?? []));
      }
      for (const seat of seats.splice(0, seated)) members[seat]?.units.push(...waiting.splice(0, 1));
      if (locals > 0) {
        const pool = members.push({ node, units: waiting.splice(0, locals) }) - 1;
        for (let seat = 0; seat < guests; seat++) seats.push(pool);
      }
      going.set(node, waiting);
      open.set(node, seats);
    }
    const pools: Pool[] = [];
    for (const { node, units } of members) {
      const pool = formPool(this.#plot, track, node, units);
      if (pool === null) return null;
      pools.push(pool);
    }
    return { pools, left: going.get(0) ?? [] };
  }
}

function add(map: Map<number, number[]>, key: number, value: number): void {
  const known = map.get(key);
  if (known === undefined) map.set(key, [value]);
  else known.push(value);
}

/** Sums of whole numbers below 2^53 are exact. */
function isSame(a: number, b: number): boolean {
  return a === b && a < Infinity;
}
