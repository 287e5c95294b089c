import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { form } from '../../../src/formation/engine/form.ts';
import type {
  CurrentPlacement,
  FormationPerson,
  FormationRules,
} from '../../../src/formation/engine/types.ts';
import { cases, changes, crowd, person, placementsOf, readCohort, rules } from './support/people.ts';
import { recount } from './support/recount.ts';
import { sufficientMoves } from './support/sufficient-moves.ts';

const RUNS = { numRuns: 150 };

/** A first run, and what became of its people. */
function changedCases(shape: Parameters<typeof cases>[0]) {
  return cases(shape).chain(({ people, rules }) =>
    changes(people).map((changed) => ({ rules, changed, previous: placementsOf(form({ people, rules })) })),
  );
}

/** Whether pinned people can stay at all: each of their groups needs so many people of its track. */
function canHold(
  people: readonly FormationPerson[],
  previous: readonly CurrentPlacement[],
  { min }: FormationRules,
) {
  const groupOf = new Map(previous.map(({ id, group }) => [id, group]));
  const pins = new Map<string, { track: string; count: number }>();
  for (const { id, track, pinned } of people) {
    const group = groupOf.get(id);
    if (!pinned || group === undefined) continue;
    pins.set(group, { track, count: (pins.get(group)?.count ?? 0) + 1 });
  }
  return people.every(({ track }) => {
    const held = [...pins.values()].filter((pin) => pin.track === track);
    const needed = held.reduce((sum, { count }) => sum + Math.max(min, count), 0);
    return needed <= people.filter((other) => other.track === track).length;
  });
}

describe('an update', () => {
  it('of nothing moves nobody', () => {
    fc.assert(
      fc.property(cases({ pairs: true, countries: true }), ({ people, rules }) => {
        const before = form({ people, rules });
        const after = form({ people, rules, previous: placementsOf(before) });
        const seats = (placements: typeof before.placements) =>
          placements.map(({ id, group }) => [id, group]);
        expect(seats(after.placements)).toEqual(seats(before.placements));
        expect(after.terms.find(({ name }) => name === 'moves')).toMatchObject({ value: 0, bound: 0 });
      }),
      RUNS,
    );
  });

  it.each([
    ['without pair rules', { pairs: false }],
    ['with pair rules', { pairs: true }],
  ])('keeps sizes, pairs, places and pins, and gives each move its reason, %s', (_, shape) => {
    fc.assert(
      fc.property(changedCases(shape), ({ changed, rules, previous }) => {
        const result = form({ people: changed, rules, previous });
        const { problems } = recount(changed, rules, result.placements, previous);
        const pinsHold = canHold(changed, previous, rules) && !shape.pairs;
        expect(problems.filter((problem) => pinsHold || !problem.startsWith('pinned'))).toEqual([]);
      }),
      RUNS,
    );
  });

  it('counts moves as the specification does, and proves no more than is so', () => {
    fc.assert(
      fc.property(changedCases({ pairs: true }), ({ changed, rules, previous }) => {
        const result = form({ people: changed, rules, previous });
        const moves = result.terms.find(({ name }) => name === 'moves');
        expect(moves?.value).toBe(recount(changed, rules, result.placements, previous).values.moves);
        expect(moves?.bound).toBeLessThanOrEqual(moves?.value ?? 0);
      }),
      RUNS,
    );
  });

  it('does not depend on the order of the roster, nor of the groups to keep', () => {
    const shuffled = changedCases({ pairs: true }).chain((drawn) =>
      fc.record({
        drawn: fc.constant(drawn),
        people: fc.shuffledSubarray(drawn.changed, { minLength: drawn.changed.length }),
        previous: fc.shuffledSubarray(drawn.previous, { minLength: drawn.previous.length }),
      }),
    );
    fc.assert(
      fc.property(shuffled, ({ drawn: { changed, rules, previous }, ...other }) => {
        const one = form({ people: changed, rules, previous });
        const two = form({ rules, ...other });
        const byId = (placements: typeof one.placements) =>
          [...placements].sort((a, b) => (a.id < b.id ? -1 : 1));
        expect(byId(two.placements)).toEqual(byId(one.placements));
        expect(two.terms).toEqual(one.terms);
      }),
      RUNS,
    );
  });

  it('leaves out no more than sizes must, without pair rules and pins', () => {
    fc.assert(
      fc.property(changedCases({}), ({ changed, rules, previous }) => {
        const people = changed.map((one) => ({ ...one, pinned: false }));
        const result = form({ people, rules, previous });
        expect(result.unplaced).toHaveLength(recount(people, rules, result.placements).bounds.unplaced);
      }),
      RUNS,
    );
  });

  it('seats somebody who joins, and lets them leave again, without moving others', () => {
    const before = form({ people: crowd(12), rules: rules() });
    const joined = form({
      people: [...crowd(12), person('new')],
      rules: rules(),
      previous: placementsOf(before),
    });
    expect(joined.placements.find(({ id }) => id === 'new')).toMatchObject({ rung: 'lga', reason: 'joined' });
    const left = form({ people: crowd(12), rules: rules(), previous: placementsOf(joined) });
    expect(left.placements).toEqual(before.placements);
  });

  it('borrows nobody who is pinned', () => {
    const before = form({ people: crowd(11), rules: rules() });
    const [large, small] = [...before.groups].sort((a, b) => b.memberIds.length - a.memberIds.length);
    const gone = new Set(small!.memberIds.slice(0, 2));
    for (const free of large!.memberIds) {
      const people = crowd(11)
        .filter(({ id }) => !gone.has(id))
        .map((one) => ({ ...one, pinned: one.id !== free }));
      const after = form({ people, rules: rules(), previous: placementsOf(before) });
      const moved = after.placements.filter(({ reason }) => reason !== 'pinned').map(({ id }) => id);
      expect(moved).toEqual([free]);
    }
  });

  it('names new groups as no group of before was named', () => {
    const before = form({ people: crowd(12), rules: rules() });
    const people = [
      ...crowd(12).filter((_, at) => at >= 6),
      ...Array.from({ length: 9 }, (_, at) => person(`n${at}`)),
    ];
    const after = form({ people, rules: rules(), previous: placementsOf(before) });
    const seat = new Map(before.placements.map(({ id, group }) => [id, group]));
    for (const { id, group, reason } of after.placements)
      if (reason === 'dissolved') expect(group).not.toBe(seat.get(id));
  });

  it('takes a changed track for a leave and a join', () => {
    const before = form({
      people: [...crowd(8), ...crowd(8, (at) => ({ id: `a${at}`, track: 'Animation' }))],
      rules: rules(),
    });
    const people = [
      ...crowd(8, (at) => (at === 0 ? { track: 'Animation' } : {})),
      ...crowd(8, (at) => ({ id: `a${at}`, track: 'Animation' })),
    ];
    const after = form({ people, rules: rules(), previous: placementsOf(before) });
    expect(after.placements.find(({ id }) => id === 'p0')).toMatchObject({ reason: 'joined' });
    expect(after.terms.find(({ name }) => name === 'moves')).toMatchObject({ value: 1, bound: 1 });
  });
});

describe('an update of 3,000 people', () => {
  const cohort = readCohort(3000);
  const first = form({ people: cohort.slice(0, 2700), rules: rules() });
  const previous = placementsOf(first);

  it.each([
    ['1 % leave and as many join', 27, 27],
    ['10 % leave and as many join', 270, 270],
    ['10 % leave', 270, 0],
    ['30 % leave', 810, 0],
    ['10 % join', 0, 270],
  ])('needs no more moves than suffice, where %s', (_, leaving, joining) => {
    const staying = cohort.slice(0, 2700).filter((__, at) => (at * 7919) % 2700 >= leaving);
    const people = [...staying, ...cohort.slice(2700, 2700 + joining)];
    const result = form({ people, rules: rules(), previous });
    const { problems, values } = recount(people, rules(), result.placements, previous);
    expect(problems).toEqual([]);
    expect(values.unplaced).toBe(0);
    expect(values.moves).toBeLessThanOrEqual(sufficientMoves(people, previous, rules()));
  });
});
