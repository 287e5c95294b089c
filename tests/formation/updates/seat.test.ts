import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { FormationPerson } from '../../../src/formation/engine/types.ts';
import { livesIn, meetingRung, pathOf } from '../../../src/formation/updates/ladder.ts';
import { type OpenGroup, seatFor } from '../../../src/formation/updates/seat.ts';
import { effectsOf } from '../../../src/formation/updates/effects.ts';
import { movedIn } from '../../../src/formation/updates/facts.ts';

const SIZES = { min: 4, max: 10 };
const LAGOS = { lga: 'Ikeja', state: 'Lagos', zone: 'South West', country: 'Nigeria' };
let number = 0;
const person = (over: Partial<FormationPerson> = {}): FormationPerson => ({
  ...{ id: `p${(number += 1)}`, track: 'Data', place: LAGOS, skill: null, activity: null, gender: null },
  ...{ canLead: false, availability: null, languages: [], mustWith: [], mustNotWith: [], pinned: false },
  ...{ previousGroup: null, ...over },
});
const group = (size: number, over: Partial<OpenGroup> = {}): OpenGroup => ({
  ...{ id: `g${(number += 1)}`, name: 'G', track: 'Data', place: 'Ikeja', rung: 'lga' as const, promised: 0 },
  ...{ people: Array.from({ length: size }, () => person()), guestIds: new Set<string>(), ...over },
});

describe('the seat of a late joiner', () => {
  it('is never in a full group, counting seats that are promised', () => {
    expect(seatFor(person(), [group(10)], SIZES)).toBe('no_room');
    expect(seatFor(person(), [group(9, { promised: 1 })], SIZES)).toBe('no_room');
    expect(seatFor(person(), [group(9)], SIZES)).toMatchObject({ guest: false, meets: 'lga' });
  });

  it('is never in a group of another track', () => {
    expect(seatFor(person({ track: 'Art' }), [group(5)], SIZES)).toBe('no_group_of_track');
  });

  it('is in the nearest group of the ladder, though a farther one is smaller', () => {
    const surulere = { ...LAGOS, lga: 'Surulere' };
    const oyo = { ...LAGOS, lga: 'Egbeda', state: 'Oyo' };
    const near = group(9, {
      place: 'Surulere',
      people: Array.from({ length: 9 }, () => person({ place: surulere })),
    });
    const far = group(4, {
      place: 'Egbeda',
      people: Array.from({ length: 4 }, () => person({ place: oyo })),
    });
    expect(seatFor(person(), [far, near], SIZES)).toMatchObject({
      groupId: near.id,
      guest: true,
      meets: 'state',
    });
  });

  it('tells equal names in two states apart', () => {
    const oyo = { ...LAGOS, state: 'Oyo' };
    const there = group(5, { people: Array.from({ length: 5 }, () => person({ place: oyo })) });
    expect(seatFor(person(), [there], SIZES)).toMatchObject({ guest: true, meets: 'zone' });
  });

  it('is as a guest only where the place has locals enough for its groups', () => {
    const elsewhere = { ...LAGOS, lga: 'Epe' };
    expect(seatFor(person({ place: elsewhere }), [group(3)], SIZES)).toBe('no_room');
    expect(seatFor(person({ place: elsewhere }), [group(4)], SIZES)).toMatchObject({ guest: true });
  });

  it('is where a rule is mended, else in the smaller group', () => {
    const [small, large] = [group(4), group(6)];
    expect(seatFor(person(), [large, small], SIZES)).toMatchObject({ groupId: small.id });
    const led = group(4, { people: Array.from({ length: 4 }, () => person({ canLead: true })) });
    expect(seatFor(person({ canLead: true }), [led, large], SIZES)).toMatchObject({ groupId: large.id });
  });

  it('keeps every rule of size, track and pairs, whoever comes in whatever order', () => {
    const joiner = fc.record({
      track: fc.constantFrom('Data', 'Art'),
      lga: fc.constantFrom('Ikeja', 'Epe', null),
      foe: fc.boolean(),
    });
    fc.assert(
      fc.property(
        fc.array(joiner, { maxLength: 30 }),
        fc.array(fc.integer({ min: 4, max: 10 }), { maxLength: 4 }),
        (all, sizes) => {
          const groups = sizes.map((size) => group(size)).map((one) => ({ ...one, people: [...one.people] }));
          for (const { track, lga, foe } of all) {
            const foes = foe ? groups.flatMap(({ people }) => people[0]?.id ?? []).slice(0, 1) : [];
            const late = person({ track, place: { ...LAGOS, lga }, mustNotWith: foes });
            const seat = seatFor(late, groups, SIZES);
            if (typeof seat === 'string') continue;
            const home = groups.find(({ id }) => id === seat.groupId);
            expect(home?.track).toBe(track);
            expect(home?.people.some(({ id }) => foes.includes(id))).toBe(false);
            home?.people.push(late);
          }
          for (const { people } of groups) expect(people.length).toBeLessThanOrEqual(10);
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('places on the ladder', () => {
  it('are the path of most locals, and meet on the lowest rung that is one', () => {
    const path = pathOf({ place: 'IKEJA', rung: 'lga' }, [person(), person()]);
    expect(livesIn(LAGOS, path, 'lga')).toBe(true);
    expect(livesIn({ ...LAGOS, state: 'Oyo' }, path, 'lga')).toBe(false);
    expect(meetingRung({ ...LAGOS, lga: null }, path)).toBe('state');
    expect(meetingRung({ lga: null, state: null, zone: null, country: 'Ghana' }, path)).toBeNull();
    expect(meetingRung({ lga: null, state: null, zone: null, country: null }, path)).toBe('country');
  });
});

describe('what a move by hand does', () => {
  it('names each rule that it breaks, and nothing from which a gender can be told', () => {
    const foe = person();
    const mover = person({ canLead: true, mustNotWith: [foe.id] });
    const from = group(0, { people: [mover, person(), person(), person()] });
    const to = group(0, {
      track: 'Art',
      people: [foe, ...Array.from({ length: 9 }, () => person({ gender: 'F' }))],
    });
    const { warnings, from: sizes } = effectsOf({ ...mover, gender: 'M' }, from, to, SIZES);
    expect(warnings.toSorted()).toEqual(['lead_lost', 'must_not', 'other_track', 'too_large', 'too_small']);
    expect(sizes).toEqual({ before: 4, after: 3 });
  });
});

describe('how many have moved', () => {
  it('counts those who are not with most of their group of before', () => {
    const placed = new Map(
      ['a', 'b', 'c', 'd'].map((id) => [id, { groupId: id < 'c' ? 'x' : 'y', guest: false }]),
    );
    const made = (...lists: string[][]) =>
      lists.map((memberIds) => ({
        name: '',
        track: '',
        place: '',
        rung: 'lga' as const,
        memberIds,
        guestIds: [],
      }));
    expect(movedIn(made(['a', 'b'], ['c', 'd']), placed)).toBe(0);
    expect(movedIn(made(['a', 'b', 'c'], ['d']), placed)).toBe(1);
    expect(movedIn(made(['a', 'b', 'c', 'd', 'new']), placed)).toBe(2);
  });
});
