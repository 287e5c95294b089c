import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fewestMoves, resize } from '../../../src/formation/engine/resize.ts';
import {
  bestGroupCount,
  evenSizeCost,
  isFeasible,
  largestFeasible,
} from '../../../src/formation/engine/sizes.ts';
import { canSplit } from './support/recount.ts';

const sizes = fc
  .record({ min: fc.integer({ min: 1, max: 6 }), wider: fc.nat({ max: 6 }), ideal: fc.nat({ max: 6 }) })
  .map(({ min, wider, ideal }) => ({ min, max: min + wider, ideal: min + Math.min(ideal, wider) }));

describe('sizes', () => {
  it('can be split where a table of sums says so', () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 60 }), (rules, people) => {
        expect(isFeasible(people, rules)).toBe(canSplit(people, rules));
      }),
    );
  });

  it('leave out no more than they must', () => {
    fc.assert(
      fc.property(sizes, fc.nat({ max: 60 }), (rules, people) => {
        let most = people;
        while (most > 0 && !canSplit(most, rules)) most--;
        expect(largestFeasible(people, rules)).toBe(most);
      }),
    );
  });

  it('come to the number of groups that costs least', () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 60 }), (rules, people) => {
        const costs: number[] = [];
        for (let groups = 1; groups <= people; groups++) {
          const isLegal = Math.floor(people / groups) >= rules.min && Math.ceil(people / groups) <= rules.max;
          costs.push(isLegal ? evenSizeCost(people, groups, rules) : Infinity);
        }
        const best = bestGroupCount(people, rules);
        expect(best === 0 ? Infinity : costs[best - 1]).toBe(Math.min(...costs));
      }),
    );
  });
});

/** Fewest moves by a table over groups and sums: f in {0} or min..max for each, new groups from nothing. */
function movesByTable(
  groups: readonly { size: number; fixed: number }[],
  extra: number,
  { min, max }: { min: number; max: number },
): number {
  const people = groups.reduce((sum, { size }) => sum + size, extra);
  const all = [...groups, ...Array.from({ length: Math.ceil(people / min) }, () => ({ size: 0, fixed: 0 }))];
  let table = Array.from({ length: people + 1 }, (_, sum) => (sum === 0 ? 0 : Infinity));
  for (const { size, fixed } of all) {
    const next = table.map(() => Infinity);
    for (const [sum, cost] of table.entries()) {
      for (let target = 0; target <= max && sum + target <= people; target++) {
        if (target === 0 ? fixed > 0 : target < Math.max(min, fixed)) continue;
        next[sum + target] = Math.min(next[sum + target]!, cost + Math.max(0, size - target));
      }
    }
    table = next;
  }
  for (let seated = people; seated >= 0; seated--) if (table[seated]! < Infinity) return table[seated]!;
  return people - extra;
}

describe('new sizes for groups', () => {
  const groups = fc.array(fc.record({ size: fc.integer({ min: 1, max: 8 }), pins: fc.nat({ max: 12 }) }), {
    maxLength: 6,
  });
  const kept = (drawn: readonly { size: number; pins: number }[], max: number) =>
    drawn.map(({ size, pins }) => ({ size, fixed: pins > 9 ? Math.min(size, max, pins - 9) : 0 }));

  it('need as few moves as a table over all of them', () => {
    fc.assert(
      fc.property(sizes, groups, fc.nat({ max: 15 }), (rules, drawn, extra) => {
        const own = kept(drawn, rules.max);
        const { moves, seated } = fewestMoves(own, extra, rules);
        fc.pre(seated > 0);
        expect(moves).toBe(movesByTable(own, extra, rules));
      }),
      { numRuns: 500 },
    );
  });

  it('are legal and hold as many as they say', () => {
    fc.assert(
      fc.property(sizes, groups, fc.nat({ max: 15 }), (rules, drawn, extra) => {
        const own = kept(drawn, rules.max);
        const { targets, opened } = resize(own, extra, rules);
        const { seated } = fewestMoves(own, extra, rules);
        fc.pre(seated > 0);
        expect([...targets, ...opened].reduce((sum, size) => sum + size, 0)).toBe(seated);
        for (const size of [...targets, ...opened])
          expect(size === 0 || (size >= rules.min && size <= rules.max)).toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});
