import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { CohortBuilder } from '../../../src/formation/engine/cohort.ts';
import { resolvePairs } from '../../../src/formation/engine/pairs.ts';
import { createPoolState, type PoolState } from '../../../src/formation/engine/pool-state.ts';
import { Random } from '../../../src/formation/engine/random.ts';
import { improve } from '../../../src/formation/engine/search.ts';
import { maySwap, recount, swap, swapDelta } from '../../../src/formation/engine/swap.ts';
import { WEIGHTS } from '../../../src/formation/engine/weights.ts';
import { type Case, cases } from './support/people.ts';

/** A pool of everybody in so many groups, dealt out in turn. */
function poolOf({ people, rules }: Case, groups: number): PoolState {
  const builder = new CohortBuilder();
  for (const one of people) builder.add(one);
  const cohort = builder.build();
  const pairs = resolvePairs(cohort, rules);
  const members = Int32Array.from({ length: cohort.size }, (_, at) => at);
  return createPoolState(
    {
      traits: cohort.traits,
      pairs: { ...pairs, frozen: null },
      members,
      track: 0,
      groups,
      weights: WEIGHTS,
      seed: 1,
    },
    members.map((at) => at % groups),
  );
}

function costOf(state: PoolState): number {
  let cost = 0;
  for (const group of state.cost) cost += group;
  return cost;
}

const pools = fc
  .record({ drawn: cases({ pairs: true, most: 60 }), groups: fc.integer({ min: 2, max: 6 }) })
  .filter(({ drawn, groups }) => drawn.people.length >= 2 * groups);

describe('the search', () => {
  it('reckons an exchange from counters as it would from scratch', () => {
    fc.assert(
      fc.property(pools, fc.infiniteStream(fc.nat()), ({ drawn, groups }, draws) => {
        const state = poolOf(drawn, groups);
        recount(state);
        for (let step = 0; step < 40; step++) {
          const a = draws.next().value % state.people;
          const b = draws.next().value % state.people;
          if (state.groupOf[a] === state.groupOf[b]) continue;
          const before = costOf(state);
          const delta = swapDelta(state, a, b);
          swap(state, a, b);
          const counted = costOf(state);
          expect(counted).toBeCloseTo(before + delta, 6);
          expect(recount(state)).toBeCloseTo(counted, 6);
        }
      }),
    );
  });

  it('never ends worse than it began, and never parts a set or joins foes', () => {
    fc.assert(
      fc.property(pools, fc.nat(), ({ drawn, groups }, seed) => {
        const state = poolOf(drawn, groups);
        const started = recount(state);
        const foesBefore = foesTogether(state);
        const held = [...state.groupOf].map((group, at) => (state.fixed[at] === 1 ? group : -1));
        improve(state, new Random(seed), 20);
        expect(recount(state)).toBeLessThanOrEqual(started + 1e-6);
        expect(foesTogether(state)).toBeLessThanOrEqual(foesBefore);
        for (const [at, group] of held.entries()) if (group >= 0) expect(state.groupOf[at]).toBe(group);
      }),
    );
  });

  it('refuses an exchange that would join two who must be apart', () => {
    fc.assert(
      fc.property(pools, fc.nat(), fc.nat(), ({ drawn, groups }, one, other) => {
        const state = poolOf(drawn, groups);
        recount(state);
        const [a, b] = [one % state.people, other % state.people];
        fc.pre(state.groupOf[a] !== state.groupOf[b] && maySwap(state, a, b));
        const before = foesTogether(state);
        swap(state, a, b);
        expect(foesTogether(state)).toBeLessThanOrEqual(before);
      }),
    );
  });
});

function foesTogether({ foes, groupOf }: PoolState): number {
  let count = 0;
  for (const [at, own] of (foes ?? []).entries())
    for (const foe of own ?? []) if (groupOf[at] === groupOf[foe]) count++;
  return count;
}
