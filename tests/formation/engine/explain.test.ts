import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { explain } from '../../../src/formation/engine/explain.ts';
import type { Explanation, Statement, StatementCode } from '../../../src/formation/engine/explanation.ts';
import { form } from '../../../src/formation/engine/form.ts';
import type {
  FormationInput,
  FormationPerson,
  FormationResult,
} from '../../../src/formation/engine/types.ts';
import { cases, changes, crowd, person, placementsOf, rules } from './support/people.ts';
import { pathKeys } from './support/recount.ts';

const place = (lga: string, state: string) => ({ lga, state, zone: 'South West', country: null });

function explained(
  input: FormationInput,
  result: FormationResult = form(input),
): Map<string, readonly Statement[]> {
  return new Map([...explain(input, result)].map(({ id, statements }) => [id, statements]));
}

function find(statements: readonly Statement[] | undefined, code: StatementCode): Statement | undefined {
  return statements?.find((one) => one.code === code);
}

describe('an explanation', () => {
  it('climbs from the own place to the first with enough', () => {
    const people = [
      ...crowd(3, () => ({ place: place('Ede', 'Osun') })),
      ...crowd(5, (at) => ({ id: `q${at}`, place: place(`LGA ${at}`, 'Osun') })),
    ];
    const statements = explained({ people, rules: rules() }).get('p0');
    expect(statements?.slice(0, 3)).toEqual([
      { code: 'place_too_few', params: { rung: 'lga', place: 'Ede', people: 3, needed: 4 }, audience: 'all' },
      {
        code: 'place_group',
        params: { rung: 'state', place: 'Osun', people: 8, needed: 4 },
        audience: 'all',
      },
      { code: 'local', params: {}, audience: 'all' },
    ]);
  });

  it('tells a guest where the places meet', () => {
    const people = [...crowd(5), person('far', { place: place('Ede', 'Osun') })];
    const statements = explained({ people, rules: rules() }).get('far');
    expect(statements?.map(({ code }) => code).slice(0, 4)).toEqual([
      'place_too_few',
      'place_too_few',
      'place_group',
      'guest',
    ]);
    expect(find(statements, 'guest')?.params).toEqual({ place: 'Ede', meets: 'zone' });
  });

  it('counts leads and shared slots of the group, three slots a day', () => {
    const people = crowd(4, (at) => ({
      canLead: at < 2,
      availability: `1${at === 0 ? '1' : '0'}01${'0'.repeat(17)}`,
    }));
    const statements = explained({ people, rules: rules() }).get('p3');
    expect(find(statements, 'leads')?.params).toEqual({ count: 2 });
    expect(find(statements, 'slots')?.params).toEqual({ slots: [0, 3] });
  });

  it('tells an uneven size and the wanted one apart', () => {
    const size = (people: number): Statement | undefined =>
      explained({ people: crowd(people), rules: rules() })
        .get('p0')
        ?.find(({ code }) => code.startsWith('size'));
    expect(size(6)).toMatchObject({ code: 'size_ideal', params: { size: 6 } });
    expect(size(7)).toMatchObject({ code: 'size_even', params: { size: 7, ideal: 6, people: 7, groups: 1 } });
  });

  it('names the term that the best exchange would worsen', () => {
    const people = crowd(12, (at) => ({ canLead: at < 2 }));
    const input = { people, rules: rules() };
    const statements = explained(input)
      .get('p0')
      ?.filter(({ code }) => code === 'swap');
    expect(statements).toHaveLength(2);
    const lone = form(input);
    expect(lone.groups).toHaveLength(2);
    expect(statements?.[0]?.params['worsens']).toEqual([]);
    const single = crowd(12, (at) => ({ canLead: at < 1 }));
    expect(find(explained({ people: single, rules: rules() }).get('p0'), 'swap')?.params['worsens']).toEqual(
      [],
    );
  });

  it('keeps from fellows that an exchange would leave somebody alone', () => {
    const people = crowd(12, (at) => ({ gender: at < 2 ? 'F' : 'M' }));
    const swaps = explained({ people, rules: rules() })
      .get('p0')
      ?.filter(({ code }) => code === 'swap');
    const worsens = swaps?.map(({ audience, params }) => [audience, params['worsens']]);
    expect(worsens).toEqual([
      ['all', []],
      ['staff', expect.arrayContaining(['isolated'])],
    ]);
  });

  it('says who is in no group what their track lacks', () => {
    const people = [...crowd(6), person('solo', { track: 'Animation' })];
    expect(explained({ people, rules: rules() }).get('solo')).toEqual([
      { code: 'unplaced', params: { reason: 'too_few_in_track', people: 1, needed: 4 }, audience: 'all' },
    ]);
  });

  it('gives the reason of a move, and the group before', () => {
    const before = form({ people: crowd(12), rules: rules() });
    const gone = new Set(before.groups[0]!.memberIds.slice(0, 4));
    const people = [...crowd(12).filter(({ id }) => !gone.has(id)), person('new')];
    const input = { people, rules: rules(), previous: placementsOf(before) };
    const result = form(input);
    const all = explained(input, result);
    expect(find(all.get('new'), 'move_joined')?.params).toEqual({ from: '' });
    for (const { id, reason } of result.placements) {
      if (reason === 'dissolved' || reason === 'borrowed')
        expect(find(all.get(id), `move_${reason}`)?.params['from']).toBe(
          before.placements.find((placement) => placement.id === id)?.group,
        );
    }
  });

  it('follows people who were moved by hand', () => {
    const input = { people: crowd(13), rules: rules() };
    const result = form(input);
    const [one, other] = result.groups;
    const moved = one!.memberIds[0]!;
    const groups = [
      { ...one!, memberIds: one!.memberIds.slice(1) },
      { ...other!, memberIds: [...other!.memberIds, moved] },
    ];
    const statements = new Map(
      [...explain(input, { ...result, groups })].map(({ id, statements }) => [id, statements]),
    ).get(moved);
    const size = other!.memberIds.length + 1;
    expect(statements?.find(({ code }) => code.startsWith('size'))?.params['size']).toBe(size);
  });
});

const CODES_FOR_ALL: readonly StatementCode[] = [
  'place_too_few',
  'place_others',
  'place_group',
  'local',
  'guest',
  'size_ideal',
  'size_even',
  'size_locals',
  'size_kept',
  'leads',
  'slots',
  'slots_short',
  'languages',
  'met_before',
  'together',
  'swap',
  'swap_none',
  'move_joined',
  'move_dissolved',
  'move_borrowed',
  'move_pinned',
  'unplaced',
];

describe('explanations', () => {
  const changed = cases({ pairs: true, countries: true }).chain(({ people, rules: own }) =>
    changes(people).map((later): FormationInput => ({
      people: later,
      rules: own,
      previous: placementsOf(form({ people, rules: own })),
    })),
  );

  it('can be reckoned again from roster and groups alone', () => {
    fc.assert(
      fc.property(changed, (input) => {
        const result = form(input);
        const all = [...explain(input, result)];
        expect(all.map(({ id }) => id).sort()).toEqual(input.people.map(({ id }) => id).sort());
        for (const explanation of all) checkFacts(input, result, explanation);
      }),
      { numRuns: 100 },
    );
  });

  it('are the same where they come with the run', () => {
    fc.assert(
      fc.property(changed, (input) => {
        const told: Explanation[] = [];
        const result = form(input, { onExplained: (some) => void told.push(...some) });
        const byId = (some: Iterable<Explanation>) => [...some].sort((a, b) => (a.id < b.id ? -1 : 1));
        const place = (all: Explanation[]) =>
          all.map(({ id, statements }) => [id, statements.filter(({ code }) => !code.startsWith('swap'))]);
        expect(place(byId(told))).toEqual(place(byId(explain(input, result))));
      }),
      { numRuns: 50 },
    );
  });

  it('tell nobody what gender, skill, activity or wishes of others are', () => {
    fc.assert(
      fc.property(cases({ pairs: true }), (input) => {
        const shown = [...explain(input, form(input))].map(({ id, statements }) => ({
          id,
          statements: statements.filter(({ audience }) => audience === 'all'),
        }));
        for (const { statements } of shown) {
          for (const { code, params } of statements) {
            expect(CODES_FOR_ALL).toContain(code);
            if (code !== 'swap') continue;
            expect(params['person']).toBeUndefined();
            const known = ['no_lead', 'short_availability', 'no_common_language', 'together_before'];
            expect(known).toEqual(expect.arrayContaining([...(params['worsens'] as string[])]));
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  it('are the same to fellows where all genders are changed, and the groups are not', () => {
    fc.assert(
      fc.property(cases({}), (input) => {
        const result = form(input);
        const other = { F: 'M', M: 'F' } as const;
        const people = input.people.map((one): FormationPerson => ({
          ...one,
          gender: one.gender === null ? null : other[one.gender],
        }));
        const forFellows = (all: Iterable<Explanation>) =>
          [...all].map(({ statements }) => statements.filter(({ code }) => code !== 'swap'));
        expect(forFellows(explain({ ...input, people }, result))).toEqual(forFellows(explain(input, result)));
      }),
      { numRuns: 50 },
    );
  });
});

/** Counts what an explanation says anew. */
function checkFacts(input: FormationInput, result: FormationResult, { id, statements }: Explanation): void {
  const byId = new Map(input.people.map((one) => [one.id, one]));
  const own = byId.get(id)!;
  const group = result.groups.find(({ memberIds }) => memberIds.includes(id));
  const members = (group?.memberIds ?? []).map((member) => byId.get(member)!);
  const sameTrack = input.people.filter(({ track }) => track === own.track);
  const keys = pathKeys(input.people);
  for (const { code, params } of statements) {
    if (code === 'unplaced') expect(params['people']).toBe(sameTrack.length);
    if (code === 'leads') expect(params['count']).toBe(members.filter(({ canLead }) => canLead).length);
    if (code === 'size_ideal' || code === 'size_even') expect(params['size']).toBe(members.length);
    if (code === 'guest') expect(group?.guestIds).toContain(id);
    if (code === 'local') expect(group?.guestIds).not.toContain(id);
    if (code === 'slots' || code === 'slots_short') {
      const shared = Array.from({ length: 21 }, (_, slot) => slot).filter((slot) =>
        members.every(({ availability }) => availability === null || availability[slot] === '1'),
      );
      expect(params['slots']).toEqual(shared);
    }
    if (code === 'met_before') {
      const met = members.filter((other) => other.id !== id && other.previousGroup === own.previousGroup);
      expect(params['count']).toBe(met.length);
    }
    if (code === 'place_too_few') {
      const rung = ['lga', 'state', 'zone', 'country'].indexOf(String(params['rung']));
      const key = keys.get(id)![rung];
      expect(params['people']).toBe(sameTrack.filter((other) => keys.get(other.id)![rung] === key).length);
      expect(params['people']).toBeLessThan(input.rules.min);
    }
  }
}
