import type { SizeRules } from './sizes.ts';

/** Sizes of groups, and how many of each group's people must stay; a group with none may end. */
export type Sized = { readonly size: number; readonly fixed: number };

/** How many of the smallest groups end, how many are opened, and how many people have a seat. */
export type Resizing = {
  readonly ended: readonly number[];
  readonly opened: number;
  readonly seated: number;
  /** How many leave their group. */
  readonly moves: number;
};

/**
 * The fewest moves that give as many as possible of all people a seat, by sizes alone: each group comes to 0 or min..max. Ending a
 * group of s < min costs s moves and lowers what the others must give up by min; so the smallest end first, and only as many as
 * need to.
 * @param extra people without a seat
 */
export function fewestMoves(groups: readonly Sized[], extra: number, rules: SizeRules): Resizing {
  const people = groups.reduce((sum, { size }) => sum + size, extra);
  const endable = [...groups.keys()]
    .filter((at) => groups[at]?.fixed === 0)
    .sort((a, b) => (groups[a]?.size ?? 0) - (groups[b]?.size ?? 0) || a - b);
  for (let seated = people; seated > 0; seated--) {
    const best = bestEnding(groups, endable, seated, rules);
    if (best !== null) return { ...best, ended: endable.slice(0, best.ended), seated };
  }
  return { ended: endable, opened: 0, seated: 0, moves: people - extra };
}

type Ending = { readonly ended: number; readonly opened: number; readonly moves: number };

/** How many of the smallest groups to end, and how many to open, for so many seats; null where no number works. */
function bestEnding(
  groups: readonly Sized[],
  endable: readonly number[],
  seated: number,
  { min, max }: SizeRules,
): Ending | null {
  let least = 0;
  let base = 0;
  let over = 0;
  for (const { size, fixed } of groups) {
    const low = Math.min(max, Math.max(min, fixed));
    least += low;
    base += Math.min(max, Math.max(low, size));
    over += Math.max(0, size - max);
  }
  let best: Ending | null = null;
  let fewest = Infinity;
  let given = 0;
  for (let ended = 0; ended <= endable.length; ended++) {
    const opened = Math.max(0, Math.ceil(seated / max) - (groups.length - ended));
    const moves = given + over + Math.max(0, base + opened * min - seated);
    if (least + opened * min <= seated && moves < fewest) [best, fewest] = [{ ended, opened, moves }, moves];
    if (given >= fewest) break;
    const next = groups[endable[ended] ?? -1];
    if (next === undefined) break;
    given += Math.min(max, next.size);
    least -= min;
    base -= Math.min(max, Math.max(min, next.size));
  }
  return best;
}

/**
 * The sizes themselves: the largest groups give what others need, and the smallest take whoever is left.
 * @returns sizes by group, and those of new groups
 */
export function resize(
  groups: readonly Sized[],
  extra: number,
  rules: SizeRules,
): { targets: number[]; opened: number[] } {
  const { min, max } = rules;
  const { ended, opened, seated } = fewestMoves(groups, extra, rules);
  const gone = new Set(ended);
  const lows = groups.map(({ fixed }) => Math.min(max, Math.max(min, fixed)));
  for (let at = 0; at < opened; at++) lows.push(min);
  const targets = lows.map((low, at) =>
    gone.has(at) ? 0 : Math.min(max, Math.max(low, groups[at]?.size ?? min)),
  );
  let surplus = seated - targets.reduce((sum, size) => sum + size, 0);
  while (surplus !== 0) {
    const step = Math.sign(surplus);
    let chosen = -1;
    for (const [at, size] of targets.entries()) {
      if (gone.has(at) || (step > 0 ? size >= max : size <= (lows[at] ?? min))) continue;
      if (chosen < 0 || (size - (targets[chosen] ?? 0)) * step < 0) chosen = at;
    }
    if (chosen < 0) break;
    targets[chosen] = (targets[chosen] ?? 0) + step;
    surplus -= step;
  }
  return { targets: targets.slice(0, groups.length), opened: targets.slice(groups.length) };
}
