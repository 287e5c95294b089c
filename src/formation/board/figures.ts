import { replaceSums, sumsBehind, type Sums, termsFrom } from '../engine/terms.ts';
import type { Term } from '../engine/types.ts';
import type { EditedFigures, NewProposedGroup, Proposal } from '../proposals/proposals.store.ts';

/** The figures of a proposal as they stand. */
export function figuresNow(proposal: Proposal): EditedFigures {
  const { run, groups, unplaced, byRung, bySize, terms, board } = proposal;
  return { run, groups, unplaced, byRung, bySize, terms, board };
}

/** The figures with some groups in the place of others. */
export function figuresAfter(
  now: EditedFigures,
  rows: { readonly before: readonly NewProposedGroup[]; readonly after: readonly NewProposedGroup[] },
  sums: { readonly before: Sums; readonly after: Sums },
  known: Sums['known'],
): EditedFigures {
  const byRung = { ...now.byRung };
  const bySize = { ...now.bySize };
  let groups = now.groups;
  let placed = 0;
  for (const [sign, list] of [
    [-1, rows.before],
    [1, rows.after],
  ] as const) {
    for (const { rung, memberIds } of list) {
      const size = memberIds.length;
      placed += sign * size;
      if (size === 0) continue;
      groups += sign;
      count(byRung, rung, sign * size);
      count(bySize, String(size), sign);
    }
  }
  const all = replaceSums(sumsBehind(now.terms, known), sums.before, sums.after);
  return {
    ...now,
    byRung,
    bySize,
    groups,
    unplaced: now.unplaced - placed,
    terms: now.terms.length === 0 ? [] : termsFrom(all).map(sound),
    board: { ...now.board, known: all.known },
  };
}

/** Differences of what was measured at different times may fall below what can be. */
function sound({ name, value, bound, random }: Term): Term {
  const least = Math.max(0, value);
  return { name, value: least, bound: Math.min(Math.max(0, bound), least), random: Math.max(0, random) };
}

function count(counts: Record<string, number>, key: string, by: number): void {
  const now = (counts[key] ?? 0) + by;
  if (now > 0) counts[key] = now;
  // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- A size that no group has is none to speak of.
  else delete counts[key];
}
