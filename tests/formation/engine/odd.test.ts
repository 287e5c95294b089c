import { describe, expect, it } from '@jest/globals';
import { form } from '../../../src/formation/engine/form.ts';
import {
  type FormationPerson,
  FormationRefused,
  type FormationRules,
} from '../../../src/formation/engine/types.ts';
import { crowd, person, placementsOf, readCohort, rules } from './support/people.ts';
import { recount } from './support/recount.ts';

/** Forms groups, looks whether they are legal, and gives the result with its terms by name. */
function formed(people: readonly FormationPerson[], fields: Partial<FormationRules> = {}) {
  const result = form({ people, rules: rules(fields) });
  const { problems, values, bounds } = recount(people, rules(fields), result.placements);
  expect(problems).toEqual([]);
  const sizes = result.groups.map(({ memberIds }) => memberIds.length).sort((a, b) => a - b);
  return { ...result, sizes, values, bounds };
}

const place = (lga: string | null, state: string | null, zone: string | null = 'South West') => ({
  lga,
  state,
  zone,
  country: null,
});

describe('odd rosters', () => {
  it('nobody at all', () => {
    expect(formed([]).groups).toEqual([]);
  });

  it.each([
    [1, []],
    [3, []],
    [4, [4]],
    [11, [5, 6]],
    [13, [6, 7]],
    [23, [5, 6, 6, 6]],
  ])('%i people', (people, sizes) => {
    expect(formed(crowd(people)).sizes).toEqual(sizes);
  });

  it('three people of a track are in no group, and told why', () => {
    const { unplaced } = formed([...crowd(8), ...crowd(3, (at) => ({ id: `a${at}`, track: 'Animation' }))]);
    expect(unplaced).toEqual([0, 1, 2].map((at) => ({ id: `a${at}`, reason: 'too_few_in_track' })));
  });

  it('eleven people in groups of exactly five leave one out', () => {
    const { sizes, unplaced } = formed(crowd(11), { min: 5, ideal: 5, max: 5 });
    expect({ sizes, reasons: unplaced.map(({ reason }) => reason) }).toEqual({
      sizes: [5, 5],
      reasons: ['no_feasible_size'],
    });
  });

  it('sizes that leave gaps: 7 and 8 people in groups of 5 or 6', () => {
    for (const people of [7, 8])
      expect(formed(crowd(people), { min: 5, ideal: 5, max: 6 }).sizes).toEqual([6]);
  });

  it('one giant city', () => {
    const { groups, sizes, values } = formed(
      crowd(1200, (at) => ({ skill: at % 97, canLead: at % 6 === 0 })),
    );
    expect(groups.every(({ rung, place: text }) => rung === 'lga' && text === 'Ikeja')).toBe(true);
    expect(new Set(sizes)).toEqual(new Set([6]));
    expect(values).toMatchObject({ location: 0, no_lead: 0, size: 0 });
  });

  it('all alone in their place meet where the next rung holds enough', () => {
    const { groups } = formed(crowd(12, (at) => ({ place: place(`LGA ${at}`, at < 6 ? 'Oyo' : 'Osun') })));
    expect(groups.map(({ place: text, rung }) => `${rung} ${text}`).sort()).toEqual([
      'state Osun',
      'state Oyo',
    ]);
  });

  it('one alone in their state is a guest where others are enough', () => {
    const { placements } = formed([...crowd(5), person('far', { place: place('Ede', 'Osun') })]);
    expect(placements.find(({ id }) => id === 'far')).toMatchObject({
      rung: 'lga',
      place: 'Ikeja',
      guest: true,
    });
  });

  it('places of one name in two states are two places', () => {
    const { groups } = formed(crowd(8, (at) => ({ place: place('Surulere', at < 4 ? 'Lagos' : 'Oyo') })));
    expect(groups.map(({ name }) => name).sort()).toEqual([
      'Surulere (Lagos) · Data Science 1',
      'Surulere (Oyo) · Data Science 1',
    ]);
  });

  it('a place written in several ways is one', () => {
    const spellings = ['Ìbàdàn  North', 'ibadan north', 'IBADAN NORTH', 'Ibadan North'];
    const { groups } = formed(crowd(4, (at) => ({ place: place(spellings[at]!, 'Oyo') })));
    expect(groups).toMatchObject([{ rung: 'lga', place: 'IBADAN NORTH' }]);
  });

  it('unknown places count where they are known again', () => {
    const { placements } = formed([
      ...crowd(4),
      person('no lga', { place: place(null, 'Lagos') }),
      person('nothing', { place: place(null, null, null) }),
    ]);
    expect(placements.map(({ rung }) => rung)).toEqual(Array.from({ length: 6 }, () => 'lga'));
    const seats = new Map(placements.map((placement) => [placement.id, placement]));
    expect([seats.get('no lga')?.guest, seats.get('nothing')?.guest]).toEqual([true, true]);
  });

  it('all unknown places are one country', () => {
    const { groups } = formed(crowd(6, () => ({ place: place(null, null, null) })));
    expect(groups).toMatchObject([{ rung: 'country', place: '', name: 'Data Science 1' }]);
  });

  it('all women, one woman, one man', () => {
    const isolated = (women: number): number =>
      formed(crowd(24, (at) => ({ gender: at < women ? 'F' : 'M' }))).values.isolated;
    expect([isolated(24), isolated(1), isolated(23)]).toEqual([0, 1, 1]);
  });

  it('two women of many men are together', () => {
    expect(formed(crowd(24, (at) => ({ gender: at < 2 ? 'F' : 'M' }))).values.isolated).toBe(0);
  });

  it('no lead, all leads, one lead a group', () => {
    const without = (leads: number): number =>
      formed(crowd(24, (at) => ({ canLead: at < leads }))).values.no_lead;
    expect([without(0), without(24), without(4)]).toEqual([4, 0, 0]);
  });

  it('identical people', () => {
    const { sizes, values } = formed(
      crowd(60, () => ({ skill: 50, activity: 1, gender: 'F', canLead: true })),
    );
    expect(sizes).toEqual(Array.from({ length: 10 }, () => 6));
    expect(values).toMatchObject({ balance_skill: 0, balance_activity: 0 });
  });

  it('an outlier of 1e9 does not make every split look balanced', () => {
    const people = crowd(60, (at) => ({
      skill: at === 7 ? 1e9 : 30 + (at % 40),
      activity: at === 9 ? 1e9 : at % 11,
    }));
    const result = form({ people, rules: rules() });
    for (const name of ['balance_skill', 'balance_activity'] as const) {
      const term = result.terms.find((one) => one.name === name)!;
      expect(term.value).toBeLessThan(0.01);
      expect(term.random).toBeCloseTo(9 / 59, 6);
    }
  });

  it('blank availability is unknown, not busy; busy throughout is short', () => {
    const short = (availability: string | null): number =>
      formed(crowd(12, () => ({ availability }))).values.short_availability;
    expect([
      short(null),
      short('0'.repeat(21)),
      short(`1${'0'.repeat(20)}`),
      short(`11${'0'.repeat(19)}`),
    ]).toEqual([0, 2, 2, 0]);
  });

  it('people of two languages are parted by language where they can be', () => {
    const { values } = formed(crowd(24, (at) => ({ languages: at < 12 ? ['Hausa'] : ['hausa ', 'Yorùbá'] })));
    expect(values.no_common_language).toBe(0);
    for (const seed of [1, 2, 3, 4, 5]) {
      const parted = crowd(48, (at) => ({ languages: [at % 2 === 0 ? 'Hausa' : 'Igbo'] }));
      expect(formed(parted, { seed }).values.no_common_language).toBe(0);
    }
  });

  it('earlier groups are spread', () => {
    expect(
      formed(crowd(36, (at) => ({ previousGroup: `g${Math.floor(at / 6)}` }))).values.together_before,
    ).toBe(0);
  });

  it('a track that is blank has no group', () => {
    expect(formed([...crowd(6), person('x', { track: ' ' })]).unplaced).toEqual([
      { id: 'x', reason: 'no_track' },
    ]);
  });
});

describe('pair rules', () => {
  const clique = (count: number): string[] => Array.from({ length: count }, (_, at) => `p${at}`);

  it('a clique of foes has more groups than sizes would like', () => {
    const { sizes } = formed(crowd(12, (at) => (at < 3 ? { mustNotWith: clique(3) } : {})));
    expect(sizes).toEqual([4, 4, 4]);
  });

  it('foes who are too many for their place become guests elsewhere, as few as can be', () => {
    const people = [
      ...crowd(6, (at) => (at < 2 ? { mustNotWith: clique(2) } : {})),
      ...crowd(6, (at) => ({ id: `q${at}`, place: place('Badagry', 'Lagos') })),
    ];
    const { placements } = formed(people);
    expect(placements.filter(({ guest }) => guest)).toHaveLength(1);
  });

  it('foes for whom no place is left are in no group, with the reason', () => {
    const { unplaced } = formed(crowd(6, (at) => (at < 3 ? { mustNotWith: clique(3) } : {})));
    expect(unplaced.map(({ reason }) => reason)).toEqual(['pair_rules', 'pair_rules']);
  });

  it('a set of ten is a group, a set of eleven is none', () => {
    const set = (count: number) => formed(crowd(24, (at) => (at === 0 ? { mustWith: clique(count) } : {})));
    expect(set(10).sizes).toContain(10);
    expect(set(11).unplaced.map(({ reason }) => reason)).toEqual(
      Array.from({ length: 11 }, () => 'must_set_too_large'),
    );
  });

  it('a set that contradicts is in no group, and nobody else is', () => {
    const { unplaced } = formed(
      crowd(10, (at) => (at === 0 ? { mustWith: ['p1'], mustNotWith: ['p1'] } : {})),
    );
    expect(unplaced).toEqual(['p0', 'p1'].map((id) => ({ id, reason: 'must_set_contradicts' })));
  });

  it('a set across places stays together, one of them a guest', () => {
    const people = [
      ...crowd(6, (at) => (at === 0 ? { mustWith: ['q0'] } : {})),
      ...crowd(6, (at) => ({ id: `q${at}`, place: place('Badagry', 'Lagos') })),
    ];
    const { placements, values } = formed(people);
    expect(placements.filter(({ guest }) => guest)).toHaveLength(1);
    expect(values.location).toBe(1);
  });

  it('a set across tracks needs tracks to mix', () => {
    const people = [
      ...crowd(6, (at) => (at === 0 ? { mustWith: ['a0'] } : {})),
      ...crowd(6, (at) => ({ id: `a${at}`, track: 'Animation' })),
    ];
    expect(formed(people).unplaced.map(({ reason }) => reason)).toEqual([
      'must_set_across_tracks',
      'must_set_across_tracks',
    ]);
    expect(formed(people, { crossTrack: true }).unplaced).toEqual([]);
  });

  it('names of people who are not here mean nobody', () => {
    expect(formed(crowd(6, () => ({ mustWith: ['gone'], mustNotWith: ['gone', ''] }))).sizes).toEqual([6]);
  });
});

describe('where tracks may mix', () => {
  it('people of tracks too small for a group find a place', () => {
    const people = [
      ...crowd(6),
      ...crowd(2, (at) => ({ id: `a${at}`, track: 'Animation' })),
      ...crowd(2, (at) => ({ id: `b${at}`, track: 'DevOps' })),
    ];
    expect(formed(people, { crossTrack: true }).unplaced).toEqual([]);
    expect(formed(people).unplaced).toHaveLength(4);
  });

  it('small tracks make a group of their own where there is no other', () => {
    const people = ['A', 'B', 'C'].flatMap((track) => crowd(2, (at) => ({ id: `${track}${at}`, track })));
    expect(formed(people, { crossTrack: true }).sizes).toEqual([6]);
  });

  it('groups stay as they are when they are kept', () => {
    const people = [...crowd(6), ...crowd(2, (at) => ({ id: `a${at}`, track: 'Animation' }))];
    const first = formed(people, { crossTrack: true });
    const second = form({ people, rules: rules({ crossTrack: true }), previous: placementsOf(first) });
    expect(second.placements).toEqual(first.placements);
  });
});

describe('what is no roster', () => {
  const refusal = (people: readonly FormationPerson[], fields: Partial<FormationRules> = {}): unknown => {
    try {
      return form({ people, rules: rules(fields) });
    } catch (error) {
      return error instanceof FormationRefused ? [error.code, error.at] : error;
    }
  };

  it.each([
    ['an id twice', [...crowd(2), person('p0')], {}, ['duplicate_id', 2]],
    ['a blank id', [person(' ')], {}, ['blank_id', 0]],
    ['slots that are none', [...crowd(1), person('x', { availability: '01' })], {}, ['bad_availability', 1]],
    ['min above ideal', crowd(4), { min: 7 }, ['bad_sizes', null]],
    ['ideal above max', crowd(4), { max: 5 }, ['bad_sizes', null]],
    ['half a person', crowd(4), { ideal: 5.5 }, ['bad_sizes', null]],
  ])('%s is refused with a code', (_, people, fields, expected) => {
    expect(refusal(people, fields)).toEqual(expected);
  });

  it('numbers that are none count as blank', () => {
    const people = crowd(12, (at) => ({ skill: at === 0 ? NaN : at === 1 ? Infinity : at }));
    const { terms } = form({ people, rules: rules() });
    expect(terms.every(({ value, bound, random }) => [value, bound, random].every(Number.isFinite))).toBe(
      true,
    );
  });
});

describe('the cohorts', () => {
  it.each([300, 3000] as const)('of %i meet what can be proven of places and leads', (people) => {
    const { values, bounds, terms } = formed(readCohort(people));
    expect(values).toMatchObject({ unplaced: 0, location: bounds.location, no_lead: bounds.no_lead });
    expect(terms.find(({ name }) => name === 'location')?.bound).toBe(bounds.location);
  });

  it('of 3,000 are far from chance where that is possible', () => {
    const { terms } = formed(readCohort(3000));
    for (const [name, share] of [
      ['isolated', 0.03],
      ['together_before', 0.1],
      ['balance_skill', 0.25],
      ['balance_activity', 0.3],
    ] as const) {
      const { value, bound, random } = terms.find((one) => one.name === name)!;
      expect((value - bound) / (random - bound)).toBeLessThan(share);
    }
  });
});
