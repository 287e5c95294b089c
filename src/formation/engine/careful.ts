import { worsened } from './explain-swap.ts';
import { measurePool } from './measure.ts';
import { createPoolState } from './pool-state.ts';
import type { Plot } from './pool.ts';
import { Random } from './random.ts';
import type { PlannedPool, SolvedPool, Solution } from './solution.ts';
import { maySwap, recount, swap, swapDelta } from './swap.ts';
import { RULE_NAMES, type RuleName } from './types.ts';
import { weightsFor } from './weights.ts';

/** How many partners are looked at for each person, and how often everybody is. */
const TRIED = 48;
const SWEEPS = 8;

/** Rules that are counted in groups; balance comes after them. */
function countedRules({ rules }: Plot): RuleName[] {
  const ignored = rules.ignore ?? [];
  return RULE_NAMES.filter((name) => !name.startsWith('balance_') && !ignored.includes(name));
}

/** Whether a division of a pool meets any rule that counts in fewer groups than the one it began with. */
export function costsARule(
  plot: Plot,
  start: Solution,
  pool: SolvedPool,
  division: Readonly<Int32Array>,
): boolean {
  const groupOf = start.groupOf.slice();
  for (const [at, person] of pool.members.entries()) groupOf[person] = pool.firstGroup + (division[at] ?? 0);
  const before = measurePool(plot, start, pool);
  const after = measurePool(plot, { ...start, groupOf }, pool);
  return countedRules(plot).some((rule) => after[rule].value > before[rule].value);
}

/**
 * Takes every exchange that helps and costs no rule, until a sweep finds none: slower to see far than annealing, but no rule
 * pays for another.
 * @returns the group of each member
 */
export function exchangeCarefully(plot: Plot, pool: PlannedPool, frozen: Uint8Array): Int32Array {
  const { cohort, pairs, rules } = plot;
  const { members, track, groups, seed } = pool;
  const start = pool.start ?? new Int32Array(members.length);
  const weights = weightsFor(rules);
  const state = createPoolState(
    { traits: cohort.traits, pairs: { ...pairs, frozen }, members, track, groups, weights, seed },
    start,
  );
  recount(state);
  const random = new Random(seed);
  const counted = new Set(countedRules(plot));
  const free = [...members.keys()].filter((at) => state.fixed[at] === 0);
  const helps = (a: number, b: number): boolean =>
    state.groupOf[a] !== state.groupOf[b] &&
    maySwap(state, a, b) &&
    swapDelta(state, a, b) < -1e-9 &&
    !worsened(plot, pool, state, a, b).some((rule) => counted.has(rule));
  for (let sweep = 0, found = true; found && sweep < SWEEPS; sweep++) {
    found = false;
    for (const a of free) {
      const from = random.below(free.length);
      for (let look = 0; look < Math.min(TRIED, free.length); look++) {
        const b = free[(from + look) % free.length] ?? 0;
        if (!helps(a, b)) continue;
        swap(state, a, b);
        found = true;
      }
    }
  }
  return state.groupOf;
}
