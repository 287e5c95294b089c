import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { form } from '../../../src/formation/engine/form.ts';
import type { FormationResult } from '../../../src/formation/engine/types.ts';
import { bestByForce } from './support/brute-force.ts';
import { type Case, cases, readCohort, rules } from './support/people.ts';
import { recount } from './support/recount.ts';

const RUNS = { numRuns: 150 };

function checked({ people, rules }: Case): FormationResult {
  const result = form({ people, rules });
  expect(recount(people, rules, result.placements).problems).toEqual([]);
  return result;
}

/** Groups by their members: a country that a track does not name takes its name from the others, which is no matter here. */
function divisionOf(result: FormationResult, track?: string): string[] {
  const groups = result.groups.filter((group) => track === undefined || group.track === track);
  return groups.map(({ memberIds, rung }) => `${[...memberIds].sort().join(' ')} ${rung}`).sort();
}

describe('a first run', () => {
  it.each([
    ['without pair rules', {}],
    ['with pair rules', { pairs: true }],
    ['with several countries', { countries: true }],
    ['where tracks may mix', { pairs: true, crossTrack: true, countries: true }],
  ])('puts everybody into one legal group or says why not, %s', (_, shape) => {
    fc.assert(
      fc.property(cases(shape), (drawn) => void checked(drawn)),
      RUNS,
    );
  });

  it('counts every term as the specification does, and proves no more than is so', () => {
    fc.assert(
      fc.property(cases({ pairs: true }), (drawn) => {
        const result = checked(drawn);
        const { values, bounds } = recount(drawn.people, drawn.rules, result.placements);
        for (const { name, value, bound, random } of result.terms) {
          if (name === 'moves') continue;
          expect({ name, value }).toEqual({ name, value: expect.closeTo(values[name], 6) });
          expect([value, bound, random].every(Number.isFinite)).toBe(true);
          expect(bound).toBeLessThanOrEqual(value + 1e-9);
          if (name !== 'location') expect(bound).toBeGreaterThanOrEqual(bounds[name] - 1e-9);
        }
      }),
      RUNS,
    );
  });

  it('leaves out exactly those whom no sizes hold, where there are no pair rules', () => {
    fc.assert(
      fc.property(cases(), (drawn) => {
        const result = form(drawn);
        expect(result.unplaced).toHaveLength(
          recount(drawn.people, drawn.rules, result.placements).bounds.unplaced,
        );
      }),
      RUNS,
    );
  });

  it('leaves out as few, at as little location cost, as trying everything does', () => {
    const few = cases({ pairs: true, countries: true, most: 7 });
    fc.assert(
      fc.property(few, ({ people: drawn, rules: own }) => {
        const people = drawn.map((one) => ({ ...one, track: 't0' }));
        const result = form({ people, rules: own });
        fc.pre(!result.unplaced.some(({ reason }) => reason.startsWith('must_')));
        const best = bestByForce(people, own);
        const location = result.terms.find(({ name }) => name === 'location');
        expect({ unplaced: result.unplaced.length, location: location?.value }).toEqual(best);
        expect(location?.bound).toBeLessThanOrEqual(best.location);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the result does not depend', () => {
  it('on the order of the roster', () => {
    const shuffled = cases({ pairs: true, countries: true }).chain((drawn) =>
      fc.record({
        drawn: fc.constant(drawn),
        order: fc.shuffledSubarray(drawn.people, { minLength: drawn.people.length }),
      }),
    );
    fc.assert(
      fc.property(shuffled, ({ drawn, order }) => {
        const [one, other] = [form(drawn), form({ ...drawn, people: order })];
        const byId = (result: FormationResult) =>
          [...result.placements].sort((a, b) => (a.id < b.id ? -1 : 1));
        expect(byId(other)).toEqual(byId(one));
        expect(other.terms).toEqual(one.terms);
      }),
      RUNS,
    );
  });

  it('on anything but the input: the same again is the same', () => {
    fc.assert(
      fc.property(cases({ pairs: true }), (drawn) => expect(form(drawn)).toEqual(form(drawn))),
      RUNS,
    );
  });

  it("on other tracks' people, in a large cohort too", () => {
    const people = readCohort(3000);
    const together = form({ people, rules: rules() });
    for (const track of ['Data Science', 'Software Development']) {
      const alone = form({ people: people.filter((one) => one.track === track), rules: rules() });
      expect(divisionOf(together, track)).toEqual(divisionOf(alone));
    }
  });

  it("on other tracks' people", () => {
    fc.assert(
      fc.property(cases({ pairs: true, countries: true }), ({ people, rules }) => {
        const own = people.filter(({ track }) => track === 't0');
        const alone = form({ people: own, rules });
        const together = form({ people, rules });
        expect(divisionOf(together, 't0')).toEqual(divisionOf(alone));
      }),
      RUNS,
    );
  });
});
