import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type HandGroup, nodeOf, solutionOf } from '../../../src/formation/engine/by-hand.ts';
import { CohortBuilder } from '../../../src/formation/engine/cohort.ts';
import { form } from '../../../src/formation/engine/form.ts';
import { improve } from '../../../src/formation/engine/improve.ts';
import { resolvePairs } from '../../../src/formation/engine/pairs.ts';
import { replaceSums, sumsBehind, sumsOf, termsFrom } from '../../../src/formation/engine/terms.ts';
import {
  type FormationPerson,
  type FormationRules,
  RULE_NAMES,
  type Term,
} from '../../../src/formation/engine/types.ts';
import { sumsAround } from '../../../src/formation/board/judge.ts';
import type { NewProposedGroup } from '../../../src/formation/proposals/proposals.store.ts';
import { cases, readCohort, rules } from '../engine/support/people.ts';

function plotOf(people: readonly FormationPerson[], of: FormationRules) {
  const builder = new CohortBuilder();
  for (const person of people) builder.add(person);
  const cohort = builder.build();
  return { cohort, rules: of, pairs: resolvePairs(cohort, { ...of, crossTrack: true }) };
}
const measured = (
  people: readonly FormationPerson[],
  of: FormationRules,
  groups: readonly HandGroup[],
  left: string[],
) => {
  const plot = plotOf(people, of);
  const nodes = new Map(groups.map((group) => [group.ordinal, nodeOf(plot, group)]));
  return sumsOf(plot, solutionOf(plot, groups, nodes, left));
};
const handGroups = (people: readonly FormationPerson[], of: FormationRules) => {
  const result = form({ people, rules: of });
  const groups = result.groups.map(
    (group, ordinal) =>
      ({
        ...{ ...group, ordinal, nameFolded: '', prints: [], why: { needed: 0, here: 0, lower: [] } },
        ...{
          memberIds: [...group.memberIds],
          guestIds: [...group.guestIds],
          facts: { leads: 0, slots: null },
        },
      }) satisfies NewProposedGroup,
  );
  return { groups, left: result.unplaced.map(({ id }) => id), terms: result.terms };
};
const values = (terms: readonly Term[]) => Object.fromEntries(terms.map(({ name, value }) => [name, value]));

describe('the figures after a move by hand', () => {
  it('are those of a full measure, although only the tracks concerned are measured', () => {
    const property = fc.property(
      cases(),
      fc.array(fc.tuple(fc.nat(), fc.nat(), fc.boolean()), { minLength: 1, maxLength: 4 }),
      ({ people, rules: of }, moves) => {
        const whole = handGroups(people, of);
        fc.pre(whole.groups.length > 1);
        let { groups, left } = whole;
        let sums = measured(people, of, groups, left);
        for (const [who, where, out] of moves) {
          const { id, track } = people[who % people.length]!;
          const from = groups.find(({ memberIds }) => memberIds.includes(id)) ?? null;
          const target = out && from !== null ? null : groups[where % groups.length]!;
          if (from === target) continue;
          const step = { personId: id, from: from?.ordinal ?? null, to: target?.ordinal ?? null };
          const tracks = new Set([track, from?.track, target?.track]);
          const near = groups.filter((group) => tracks.has(group.track));
          const inNear = new Set(near.flatMap(({ memberIds }) => memberIds));
          const some = people.filter((one) => inNear.has(one.id) || tracks.has(one.track));
          const plot = plotOf(some, of);
          const here = left.filter((one) => some.some((person) => person.id === one));
          const table = { plot, people: new Map(some.map((one) => [one.id, one])), groups: near, left: here };
          const around = sumsAround(table, [step]);
          sums = replaceSums(sums, around.before, around.after);
          const moved = groups.map((group) => ({
            ...group,
            memberIds: [
              ...group.memberIds.filter((one) => one !== id),
              ...(group.ordinal === step.to ? [id] : []),
            ],
          }));
          // A group is found again by those who live where it stands.
          const isAtHome = ({ ordinal, memberIds }: NewProposedGroup) =>
            whole.groups.some(
              (one) =>
                one.ordinal === ordinal &&
                one.memberIds.some((member) => memberIds.includes(member) && !one.guestIds.includes(member)),
            );
          const stands = (list: typeof groups) => list.map((group) => nodeOf(plotOf(people, of), group));
          const [before, after] = [stands(groups), stands(moved)];
          fc.pre(
            moved.every(
              (group, at) => group.memberIds.length === 0 || (isAtHome(group) && before[at] === after[at]),
            ),
          );
          groups = moved;
          left = [...left.filter((one) => one !== id), ...(step.to === null ? [id] : [])];
        }
        const full = values(termsFrom(measured(people, of, groups, left)));
        for (const [name, value] of Object.entries(values(termsFrom(sums))))
          expect([name, value]).toEqual([name, expect.closeTo(full[name]!, 9)]);
      },
    );
    fc.assert(property, { numRuns: 150 });
  });

  it('come back from terms as they went in', () => {
    const people = readCohort(300);
    const { groups, left } = handGroups(people, rules());
    const sums = measured(people, rules(), groups, left);
    const again = termsFrom(sumsBehind(termsFrom(sums), sums.known));
    for (const [at, term] of termsFrom(sums).entries()) expect(again[at]!.value).toBeCloseTo(term.value, 9);
  });
});

describe('improving the rest', () => {
  const people = readCohort(300);
  const { groups, left } = handGroups(people, rules());
  /** The same groups, in each track and place people dealt anew. */
  const shuffled = groups.map((group) => {
    const pool = groups.filter(
      ({ track, place, rung }) => track === group.track && place === group.place && rung === group.rung,
    );
    const all = pool.flatMap(({ memberIds }) => memberIds).sort();
    const start = pool
      .slice(0, pool.indexOf(group))
      .reduce((sum, { memberIds }) => sum + memberIds.length, 0);
    const memberIds = all.slice(start, start + group.memberIds.length);
    return { ...group, memberIds, guestIds: group.guestIds.filter((id) => memberIds.includes(id)) };
  });
  const input = { people, rules: rules(), groups: shuffled, left };

  it('meets rules better, and keeps every size, track and place', () => {
    const improved = improve({ ...input, locked: [] });
    const before = values(termsFrom(improved.before));
    const after = values(termsFrom(improved.after));
    expect(after['no_lead']! + after['isolated']!).toBeLessThan(before['no_lead']! + before['isolated']!);
    expect(after['location']).toBe(before['location']);
    expect(after['size']).toBe(before['size']);
    expect(improved.groups.map(({ memberIds }) => memberIds.length)).toEqual(
      shuffled.map(({ memberIds }) => memberIds.length),
    );
    expect(improved.groups.flatMap(({ memberIds }) => memberIds).sort()).toEqual(
      shuffled.flatMap(({ memberIds }) => memberIds).sort(),
    );
  });

  it('lets no rule pay for another', () => {
    const counted = RULE_NAMES.filter((name) => !name.startsWith('balance_'));
    let better = 0;
    for (let round = 0; round < 12; round += 1) {
      const locked = people.filter((_, at) => (at * 7 + round) % 3 > 0).map(({ id }) => id);
      const improved = improve({ ...input, groups: round % 2 === 0 ? groups : shuffled, locked });
      const [before, after] = [improved.before, improved.after].map((sums) => values(termsFrom(sums)));
      for (const name of counted)
        expect([round, name, Math.max(before![name]!, after![name]!)]).toEqual([round, name, before![name]!]);
      if (counted.some((name) => after![name]! < before![name]!)) better += 1;
    }
    expect(better).toBeGreaterThan(3);
  });

  it('leaves the locked where they are', () => {
    const locked = shuffled.flatMap(({ memberIds }, at) =>
      at % 2 === 0 ? memberIds : memberIds.slice(0, 2),
    );
    const improved = improve({ ...input, locked });
    for (const [at, { memberIds }] of improved.groups.entries())
      for (const id of shuffled[at]!.memberIds) if (locked.includes(id)) expect(memberIds).toContain(id);
    const all = improve({ ...input, locked: people.map(({ id }) => id) });
    expect(all.groups.map(({ memberIds }) => [...memberIds].sort())).toEqual(
      shuffled.map(({ memberIds }) => [...memberIds].sort()),
    );
  });

  it('gives the same groups whatever the order of people and groups', () => {
    const sorted = (one: ReturnType<typeof improve>) =>
      one.groups.toSorted((a, b) => a.ordinal - b.ordinal).map(({ memberIds }) => [...memberIds].sort());
    const again = improve({ ...input, people: people.toReversed(), locked: [] });
    expect(sorted(again)).toEqual(sorted(improve({ ...input, locked: [] })));
  });
});
