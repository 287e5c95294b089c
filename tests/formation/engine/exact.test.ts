import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { form } from '../../../src/formation/engine/form.ts';
import { createHighsOracle } from './support/best-by-highs.ts';
import { bestByForce } from './support/brute-force.ts';
import { cases } from './support/people.ts';

let bestByHighs: Awaited<ReturnType<typeof createHighsOracle>>;
beforeAll(async () => {
  bestByHighs = await createHighsOracle();
});

describe('the plan of one track without pair rules', () => {
  it('is as good as an integer programme can be, wherever it calls itself proven', () => {
    let proven = 0;
    fc.assert(
      fc.property(cases({ countries: true, most: 60 }), ({ people: drawn, rules }) => {
        const people = drawn.map((one) => ({ ...one, track: 't0' }));
        const best = bestByHighs(people, rules);
        const { unplaced, terms, unproven } = form({ people, rules });
        const location = terms.find(({ name }) => name === 'location');
        const own = { unplaced: unplaced.length, location: location?.value };
        if (unproven?.includes('t0') === true) {
          expect(own.unplaced).toBeGreaterThanOrEqual(best.unplaced);
          return;
        }
        proven += 1;
        expect(own).toEqual(best);
        expect(location?.bound).toBeLessThanOrEqual(best.location);
      }),
      { numRuns: 150 },
    );
    expect(proven).toBeGreaterThan(100);
  });
});

describe('the two judges', () => {
  it('agree with each other', () => {
    fc.assert(
      fc.property(cases({ countries: true, most: 7 }), ({ people: drawn, rules }) => {
        const people = drawn.map((one) => ({ ...one, track: 't0' }));
        expect(bestByHighs(people, rules)).toEqual(bestByForce(people, rules));
      }),
      { numRuns: 100 },
    );
  });
});
