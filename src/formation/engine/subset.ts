import { membersOf } from './arrange.ts';
import { formPool, type Plot, type Pool, countLocals, weigh } from './pool.ts';
import { bestGroupCount } from './sizes.ts';

/**
 * The largest legal pool among units waiting at a node. Who spoils a size goes first by the order given; who cannot be
 * seated for pair rules goes first by the number of foes.
 */
export function keepFeasible(
  plot: Plot,
  track: number,
  node: number,
  units: readonly number[],
): { pool: Pool | null; dropped: number[] } {
  const dropped: number[] = [];
  let kept = [...units];
  while (kept.length > 0) {
    const surplus = surplusOf(plot, node, kept);
    if (surplus === null) break;
    if (surplus > 0) {
      const away = pickWeight(plot, kept, surplus);
      if (away.size === 0) break;
      for (const unit of kept) if (away.has(unit)) dropped.push(unit);
      kept = kept.filter((unit) => !away.has(unit));
      continue;
    }
    const pool = formPool(plot, track, node, kept);
    if (pool !== null) return { pool, dropped };
    const worst = mostBound(plot, kept);
    dropped.push(worst);
    kept = kept.filter((unit) => unit !== worst);
  }
  return { pool: null, dropped: [...units] };
}

/** How many people must go before the rest can be split; null where no number of people can. */
function surplusOf(plot: Plot, node: number, units: readonly number[]): number | null {
  const people = weigh(plot, units);
  const locals = countLocals(plot, units, node);
  for (let size = people; size >= plot.rules.min; size--) {
    const limit = Math.floor(Math.min(locals, size) / plot.rules.min);
    if (bestGroupCount(size, plot.rules, limit) > 0) return people - size;
  }
  return null;
}

/** Units that weigh so much together; where none do, the lightest of those that weigh more. */
function pickWeight(plot: Plot, units: readonly number[], weight: number): Set<number> {
  const reach: (number[] | undefined)[] = [[]];
  const most = weight + plot.rules.max;
  for (const unit of [...units].sort((a, b) => weigh(plot, [a]) - weigh(plot, [b]))) {
    const own = weigh(plot, [unit]);
    for (let sum = most; sum >= own; sum--) {
      const before = reach[sum - own];
      if (reach[sum] === undefined && before !== undefined) reach[sum] = [...before, unit];
    }
    if (reach[weight] !== undefined) break;
  }
  for (let sum = weight; sum <= most; sum++) {
    const found = reach[sum];
    if (found !== undefined) return new Set(found);
  }
  return new Set();
}

/** The unit with the most foes among the others; the heaviest set where foes are not the matter. */
function mostBound(plot: Plot, units: readonly number[]): number {
  const { pairs } = plot;
  const present = new Set(units.flatMap((unit) => [...membersOf(unit, pairs)]));
  let worst = units[0] ?? 0;
  let worstScore = -1;
  for (const unit of units) {
    if (pairs.bound[unit] !== 1) continue;
    let foes = 0;
    for (const member of membersOf(unit, pairs)) {
      for (let at = pairs.foeStart[member] ?? 0; at < (pairs.foeStart[member + 1] ?? 0); at++) {
        if (present.has(pairs.foes[at] ?? -1)) foes++;
      }
    }
    const score = foes * 100 + (foes === 0 ? membersOf(unit, pairs).length : 0);
    if (score > worstScore) [worst, worstScore] = [unit, score];
  }
  return worst;
}
