import { ALL_SLOTS, MAN, WOMAN } from './cohort.ts';
import { say, sayToStaff, type Statement } from './explanation.ts';
import { createPoolState, type PoolState } from './pool-state.ts';
import type { Plot } from './pool.ts';
import { Random } from './random.ts';
import type { SeatedPool } from './seating.ts';
import { maySwap, recount, swapDelta } from './swap.ts';
import type { RuleName } from './types.ts';
import { weightsFor } from './weights.ts';

/** How many exchanges are looked at for each person. */
const LOOKED_AT = 48;
/** Terms whose change tells nothing of a single person. */
const PUBLIC: ReadonlySet<RuleName> = new Set([
  'no_lead',
  'short_availability',
  'no_common_language',
  'together_before',
]);

/** Looks for exchanges within one pool. */
export type SwapFinder = (at: number) => Statement[];

/** @returns for a member of the pool, by place in it, the best exchange with another group and what it would worsen */
export function swapFinder(plot: Plot, pool: SeatedPool, seed: number): SwapFinder {
  const { cohort, pairs, rules } = plot;
  const groups = pool.names.length;
  if (groups < 2) return () => [say('swap_none')];
  const { atomOf, bound, foeStart, foes } = pairs;
  const state = createPoolState(
    {
      traits: cohort.traits,
      pairs: { atomOf, bound, foeStart, foes, frozen: null },
      members: pool.members,
      track: pool.track,
      groups,
      weights: weightsFor(rules),
      seed,
    },
    pool.groupOf.slice(),
  );
  recount(state);
  return (at) => {
    const partner = bestPartner(state, at, new Random(seed + at));
    if (partner < 0) return [say('swap_none')];
    const worsens = worsened(plot, pool, state, at, partner);
    const group = pool.names[state.groupOf[partner] ?? 0] ?? '';
    const shown = worsens.filter((term) => PUBLIC.has(term));
    const person = cohort.ids[pool.members[partner] ?? 0] ?? '';
    return [say('swap', { group, worsens: shown }), sayToStaff('swap', { group, worsens, person })];
  };
}

function bestPartner(state: PoolState, at: number, random: Random): number {
  const all = state.people <= LOOKED_AT;
  let best = -1;
  let bestDelta = Infinity;
  for (let look = 0; look < Math.min(LOOKED_AT, state.people); look++) {
    const other = all ? look : random.below(state.people);
    if (state.groupOf[other] === state.groupOf[at] || !maySwap(state, at, other)) continue;
    const delta = swapDelta(state, at, other);
    if (delta < bestDelta) [best, bestDelta] = [other, delta];
  }
  return best;
}

type Members = Pick<SeatedPool, 'members'>;
type Counts = Readonly<Record<RuleName, number>>;

/** The terms that two groups would be worse in after the exchange. */
export function worsened(plot: Plot, pool: Members, state: PoolState, a: number, b: number): RuleName[] {
  const first = seatsOf(state, state.groupOf[a] ?? 0);
  const second = seatsOf(state, state.groupOf[b] ?? 0);
  const before = sum(count(plot, pool, state, first), count(plot, pool, state, second));
  const exchange = (seats: readonly number[]): number[] =>
    seats.map((at) => (at === a ? b : at === b ? a : at));
  const after = sum(count(plot, pool, state, exchange(first)), count(plot, pool, state, exchange(second)));
  return (Object.keys(before) as RuleName[]).filter((term) => after[term] > before[term] + 1e-9);
}

function seatsOf(state: PoolState, group: number): number[] {
  const from = group * state.stride;
  return [...state.seats.subarray(from, from + (state.size[group] ?? 0))];
}

function count(plot: Plot, pool: Members, state: PoolState, seats: readonly number[]): Counts {
  const { lead, gender, slots, prior } = plot.cohort.traits;
  const people = seats.map((at) => pool.members[at] ?? 0);
  const free = people.reduce((shared, person) => shared & (slots[person] ?? 0), ALL_SLOTS);
  const alone = (which: number): number =>
    people.filter((person) => gender[person] === which).length === 1 ? 1 : 0;
  let together = 0;
  for (const [at, person] of people.entries()) {
    for (const other of people.slice(at + 1))
      if ((prior[person] ?? -1) >= 0 && prior[person] === prior[other]) together++;
  }
  const tongues = seats.reduce((shared, at) => shared & (state.tongues[at] ?? -1), -1);
  return {
    no_lead: people.some((person) => lead[person] === 1) ? 0 : 1,
    isolated: alone(WOMAN) + alone(MAN),
    short_availability: (free & (free - 1)) === 0 ? 1 : 0,
    no_common_language: state.hasTongues && tongues === 0 ? 1 : 0,
    together_before: together,
    balance_skill: unevenness(seats, state.skill),
    balance_activity: unevenness(seats, state.activity),
  };
}

function unevenness(seats: readonly number[], { values, known }: PoolState['skill']): number {
  const people = seats.reduce((total, at) => total + (known[at] ?? 0), 0);
  const total = seats.reduce((part, at) => part + (values[at] ?? 0), 0);
  return people === 0 ? 0 : total ** 2 / people;
}

function sum(a: Counts, b: Counts): Record<RuleName, number> {
  const total = { ...a };
  for (const term of Object.keys(b) as RuleName[]) total[term] += b[term];
  return total;
}
