import { fits, type Hall } from './hall.ts';
import type { KeptGroup } from './kept-groups.ts';
import { areFoes } from './pairs.ts';
import { unitCost } from './pool.ts';

/** Somebody who goes from a group that can spare them to one that is too small. */
export type Loan = { readonly from: KeptGroup; readonly person: number };

/** What taking somebody from their own seat weighs: more than any location of one person. */
const MOVE = 1e6;
const LOCATION = 1e4;

/**
 * People who can be spared and bring a group up by so many: newcomers first, then those whom location and rules cost least.
 * @returns null where there are not enough
 */
export function findLoans(
  hall: Hall,
  group: KeptGroup,
  lenders: readonly KeptGroup[],
  wanted: number,
): Loan[] | null {
  const loans: Loan[] = [];
  const spared = new Map<KeptGroup, number>();
  const taken = new Set<number>();
  while (loans.length < wanted) {
    let best: Loan | null = null;
    let bestCost = Infinity;
    for (const from of lenders) {
      const spare = from.people.length - hall.plot.rules.min - (spared.get(from) ?? 0);
      if (from === group || spare <= 0) continue;
      for (const person of from.people) {
        if (taken.has(person) || !hall.isMovable(person)) continue;
        const cost = lendCost(hall, group, { from, person }) - (spared.get(from) ?? 0);
        if (cost >= bestCost || !fits(hall, group, person)) continue;
        if (loans.some((loan) => areFoes(hall.plot.pairs, loan.person, person))) continue;
        [best, bestCost] = [{ from, person }, cost];
      }
    }
    if (best === null) return null;
    loans.push(best);
    taken.add(best.person);
    spared.set(best.from, (spared.get(best.from) ?? 0) + 1);
  }
  return loans;
}

function lendCost(hall: Hall, group: KeptGroup, { from, person }: Loan): number {
  return (
    (hall.isNew(person, from) ? 0 : MOVE) +
    LOCATION * (unitCost(hall.plot, person, group.node) - unitCost(hall.plot, person, from.node)) +
    hall.scale.ruleChange(group, person) -
    hall.scale.costOfHaving(from, person)
  );
}

export function applyLoans(group: KeptGroup, loans: readonly Loan[]): void {
  for (const { from, person } of loans) {
    from.people = from.people.filter((other) => other !== person);
    group.people.push(person);
  }
}
