import { membersOf } from './arrange.ts';
import { newBytes, newInts } from './growing.ts';
import { type Kept, type KeptGroup, readKept } from './kept-groups.ts';
import { leastMoves, mend, seatAnywhere } from './mend.ts';
import { byIdentity } from './pairs.ts';
import { isWithin, WORLD } from './places.ts';
import type { Plot } from './pool.ts';
import { openHall, seatJoiners } from './seat.ts';
import { type Plan, type PlannedPool, poolSeed, type Solution } from './solution.ts';
import { unitsByTrack } from './tracks.ts';
import type { CurrentPlacement, MoveReason, Term, UnplacedReason } from './types.ts';
import { unseatTheIllegal } from './unseat.ts';

/** An update between planning and the search, which only exchanges people whose group is new to them. */
export type Update = {
  readonly plan: Plan;
  readonly kept: Kept;
  /** Names of the groups of each planned pool; null for new ones. */
  readonly names: readonly (readonly (string | null)[])[];
  /** 1 for those whom the search must leave. */
  readonly frozen: Uint8Array;
  readonly movesBound: number;
};

/** Keeps the groups of before with as few moves as can be; who joins is seated first. */
export function planUpdate(plot: Plot, previous: readonly CurrentPlacement[]): Update {
  const { pairs } = plot;
  const kept = readKept(plot, previous);
  const movesBound = boundMoves(plot, kept);
  const unplaced = new Map<number, UnplacedReason>(pairs.refused);
  const units = unitsByTrack(plot, unplaced);
  const homeless = unseatTheIllegal(plot, kept.groups);
  const seated = new Set<number>();
  for (const group of kept.groups)
    for (const person of group.people) seated.add(pairs.atomOf[person] ?? person);
  const groups: KeptGroup[] = [];
  for (const [track, own] of units.entries()) {
    const mine = kept.groups.filter((group) => group.track === track && group.people.length > 0);
    const joiners = own.filter((unit) => !seated.has(unit) || homeless.has(unit));
    const outcome = updateTrack(plot, track, mine, joiners, kept);
    for (const unit of outcome.left) {
      for (const member of membersOf(unit, pairs)) unplaced.set(member, outcome.reason);
    }
    groups.push(...outcome.groups);
  }
  for (const group of groups) for (const person of group.people) unplaced.delete(person);
  return { ...freezeGroups(plot, groups, kept, unplaced), kept, movesBound };
}

type TrackOutcome = { groups: KeptGroup[]; left: number[]; reason: UnplacedReason };

function updateTrack(
  plot: Plot,
  track: number,
  mine: KeptGroup[],
  joiners: number[],
  kept: Kept,
): TrackOutcome {
  const hall = openHall(plot, track, mine);
  let left = seatJoiners(hall, joiners);
  const isNew = (person: number): boolean =>
    !kept.before.has(person) || !mine.some((group) => group.name === kept.before.get(person));
  left = seatAnywhere(hall, [...left, ...mend(hall, isNew)]);
  const groups = hall.groups.filter((group) => group.people.length > 0);
  settlePlaces(plot, groups);
  let people = 0;
  for (const group of groups) people += group.people.length;
  for (const unit of left) people += membersOf(unit, plot.pairs).length;
  return { groups, left, reason: people < plot.rules.min ? 'too_few_in_track' : 'no_feasible_size' };
}

/** A pool that hosts guests needs enough locals for each of its groups; the group with the fewest goes up until it has. */
function settlePlaces(plot: Plot, groups: readonly KeptGroup[]): void {
  const { tree: places, traits } = plot.cohort;
  const localsOf = (group: KeptGroup): number =>
    group.people.filter((person) => isWithin(places, traits.home[person] ?? 0, group.node)).length;
  for (;;) {
    const pools = new Map<number, KeptGroup[]>();
    for (const group of groups) pools.set(group.node, [...(pools.get(group.node) ?? []), group]);
    let raised = false;
    for (const [node, pool] of pools) {
      const locals = pool.map(localsOf);
      const total = locals.reduce((sum, count) => sum + count, 0);
      const guests = pool.some((group, at) => group.people.length > (locals[at] ?? 0));
      const above = places.parent[node] ?? 0;
      if (!guests || total >= plot.rules.min * pool.length || node === 0 || places.level[above] === WORLD)
        continue;
      const fewest = pool[locals.indexOf(Math.min(...locals))];
      if (fewest !== undefined) fewest.node = above;
      raised = true;
    }
    if (!raised) return;
  }
}

function freezeGroups(
  plot: Plot,
  groups: readonly KeptGroup[],
  kept: Kept,
  unplaced: Map<number, UnplacedReason>,
): Pick<Update, 'plan' | 'names' | 'frozen'> {
  const { cohort, rules } = plot;
  const frozen = newBytes(cohort.size).fill(1);
  const byPool = new Map<string, KeptGroup[]>();
  for (const group of groups) {
    const key = `${group.track} ${group.node}`;
    byPool.set(key, [...(byPool.get(key) ?? []), group]);
    for (const person of group.people) if (kept.before.get(person) !== group.name) frozen[person] = 0;
  }
  const pools: PlannedPool[] = [];
  const names: (string | null)[][] = [];
  for (const own of byPool.values()) {
    const { track, node } = own[0] ?? { track: 0, node: 0 };
    const seatOf = new Map<number, number>();
    for (const [at, group] of own.entries()) for (const person of group.people) seatOf.set(person, at);
    const members = Int32Array.from(seatOf.keys()).sort(byIdentity(cohort));
    const start = newInts(members.length);
    for (let i = 0; i < members.length; i++) start[i] = seatOf.get(members[i] ?? 0) ?? 0;
    pools.push({
      track,
      node,
      groups: own.length,
      members,
      start,
      seed: poolSeed(cohort, rules, track, node),
    });
    names.push(own.map((group) => group.name));
  }
  return { plan: { pools, unplaced, proven: new Set() }, names, frozen };
}

/** What an update did: the names that groups keep, why people are where they are, and the moves beside their bound. */
export type Concluded = {
  readonly kept: ReadonlyMap<number, string>;
  readonly reasons: ReadonlyMap<number, MoveReason>;
  readonly moves: Term;
};

export function concludeUpdate(plot: Plot, update: Update, solution: Solution): Concluded {
  const kept = new Map<number, string>();
  for (const [at, pool] of solution.pools.entries()) {
    for (const [group, name] of (update.names[at] ?? []).entries()) {
      if (name !== null) kept.set(pool.firstGroup + group, name);
    }
  }
  const alive = new Set(kept.values());
  const reasons = new Map<number, MoveReason>();
  let moves = 0;
  for (let person = 0; person < plot.cohort.size; person++) {
    const before = update.kept.before.get(person);
    const now = kept.get(solution.groupOf[person] ?? -1);
    if (before !== undefined && before !== now) moves++;
    const reason = reasonOf(plot, update, person, before, now, alive);
    if (reason !== '') reasons.set(person, reason);
  }
  const bound = Math.min(moves, update.movesBound);
  return {
    kept,
    reasons,
    moves: { name: 'moves', value: moves, bound, random: Math.max(moves, chanceMoves(update, solution)) },
  };
}

function reasonOf(
  plot: Plot,
  update: Update,
  person: number,
  before: string | undefined,
  now: string | undefined,
  alive: ReadonlySet<string>,
): MoveReason {
  if (before === undefined) return 'joined';
  if (before === now) return plot.cohort.pinned[person] === 1 ? 'pinned' : '';
  const home = update.kept.groups.find((group) => group.name === before);
  if (home !== undefined && home.track !== plot.cohort.traits.track[person] && !plot.rules.crossTrack)
    return 'joined';
  return alive.has(before) ? 'borrowed' : 'dissolved';
}

/** Moves where the same seats are filled by chance: all but one in so many groups move. */
function chanceMoves(update: Update, solution: Solution): number {
  return Math.round(update.kept.before.size * (1 - 1 / Math.max(1, solution.groupCount)));
}

/** Per track, the moves that sizes alone call for, and everybody who changed track. */
function boundMoves(plot: Plot, kept: Kept): number {
  const { track } = plot.cohort.traits;
  const placed = new Set<number>();
  let bound = 0;
  const sizes = plot.cohort.trackNames.map((): number[] => []);
  for (const group of kept.groups) {
    for (const person of group.people) placed.add(person);
    sizes[group.track]?.push(group.people.length);
  }
  const joiners = plot.cohort.trackNames.map(() => 0);
  for (let person = 0; person < track.length; person++) {
    if (placed.has(person)) continue;
    joiners[track[person] ?? 0] = (joiners[track[person] ?? 0] ?? 0) + 1;
    if (kept.before.has(person)) bound++;
  }
  const { min, max } = plot.rules;
  for (const [code, own] of sizes.entries()) {
    let over = 0;
    for (const size of own) over += Math.max(0, size - max);
    const short = own.filter((size) => size < min).sort((a, b) => a - b);
    bound += over + leastMoves(short, (joiners[code] ?? 0) + over, min).moves;
  }
  return bound;
}
