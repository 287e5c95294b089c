import { newInts } from './growing.ts';
import { createPoolState, type PoolState, type PoolTask } from './pool-state.ts';
import { Random } from './random.ts';
import { maySwap, recount, swap, swapDelta } from './swap.ts';

/** Proposals per person; the temperature falls over them. */
const EFFORT = 160;
/** The same where most people stay where they are. */
const LESS_EFFORT = 60;
const HOT = 3;
const COLD = 0.5;

/**
 * Divides a pool into even groups: dealt out in blocks by skill, then people exchanged until rules and balance are as good as
 * the search can make them.
 * @param given where pair rules have settled the start: the group of each member
 * @returns the group of each member
 */
export function solvePool(task: PoolTask, given: Int32Array | null): Int32Array {
  const random = new Random(task.seed);
  const start = given ?? deal(task, random);
  if (task.groups === 1 || isSettled(task)) return start;
  const state = createPoolState(task, start);
  improve(state, random, task.pairs.frozen === null ? EFFORT : LESS_EFFORT);
  return state.groupOf;
}

/** Whether fewer than two people may be exchanged, as in most pools of an update. */
function isSettled({ members, pairs: { frozen } }: PoolTask): boolean {
  if (frozen === null) return false;
  let free = 0;
  for (const person of members) if (frozen[person] === 0 && ++free > 1) return false;
  return true;
}

/** Deals people out in blocks of one per group, those of like skill in one block. */
function deal(task: PoolTask, random: Random): Int32Array {
  const { members, groups, traits } = task;
  const groupOf = newInts(members.length);
  if (groups === 1) return groupOf;
  const order = Int32Array.from(members, (_, index) => index);
  const skill = Float64Array.from(members, (person) => traits.skill[person] ?? NaN);
  for (let i = 0; i < skill.length; i++) if (Number.isNaN(skill[i])) skill[i] = Infinity;
  order.sort((a, b) => (skill[a] === skill[b] ? a - b : (skill[a] ?? 0) - (skill[b] ?? 0)));
  const block = Array.from({ length: groups }, (_, group) => group);
  for (let start = 0; start < order.length; start += groups) {
    const length = Math.min(groups, order.length - start);
    random.shuffle(block, groups);
    for (let i = 0; i < length; i++) groupOf[order[start + i] ?? 0] = block[i] ?? 0;
  }
  return groupOf;
}

/**
 * Exchanges people of different groups by annealing, and never ends with a worse division than the one at the start.
 No clock: the number of proposals follows from the number of people.
 */
export function improve(state: PoolState, random: Random, effort = EFFORT): void {
  const started = recount(state);
  const before = Int32Array.from(state.groupOf);
  const free = freePeople(state);
  if (free.length < 2 || started === 0) return;
  const sweeps = effort;
  const cooling = (COLD / HOT) ** (1 / sweeps);
  let heat = HOT;
  for (let sweep = 0; sweep < sweeps; sweep++) {
    for (let at = 0; at < free.length; at++) {
      const a = free[at] ?? 0;
      const b = free[random.below(free.length)] ?? 0;
      if (state.groupOf[a] === state.groupOf[b] || !maySwap(state, a, b)) continue;
      const delta = swapDelta(state, a, b);
      if (delta > 0 && (delta > 12 * heat || random.below(1e9) / 1e9 >= Math.exp(-delta / heat))) continue;
      swap(state, a, b);
    }
    heat *= cooling;
  }
  descend(state, free, random, effort === LESS_EFFORT ? 16 : 48);
  let ended = 0;
  for (const cost of state.cost) ended += cost;
  if (ended > started) {
    state.groupOf.set(before);
    recount(state);
  }
}

/** Takes every exchange that helps, until a sweep finds none. */
function descend(state: PoolState, free: Int32Array, random: Random, tried: number): void {
  const tries = Math.min(free.length, tried);
  for (let sweep = 0; sweep < 8; sweep++) {
    let found = false;
    for (const a of free) {
      const from = random.below(free.length);
      for (let i = 0; i < tries; i++) {
        const b = free[(from + i) % free.length] ?? 0;
        if (state.groupOf[a] === state.groupOf[b] || !maySwap(state, a, b)) continue;
        if (swapDelta(state, a, b) > -1e-9) continue;
        swap(state, a, b);
        found = true;
      }
    }
    if (!found) return;
  }
}

function freePeople(state: PoolState): Int32Array {
  const free: number[] = [];
  for (let i = 0; i < state.people; i++) if (state.fixed[i] === 0) free.push(i);
  return Int32Array.from(free);
}
