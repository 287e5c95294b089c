import { describe, expect, it } from '@jest/globals';
import {
  DEFAULT_RULES,
  type FormationPerson,
  type FormationResult,
} from '../../../src/formation/engine/types.ts';
import { outcomeOf } from '../../../src/formation/proposals/outcome.ts';
import { readSizes } from '../../../src/formation/proposals/rules-form.ts';
import { compareSnapshots, printOf, snapshotOf } from '../../../src/formation/proposals/snapshot.ts';
import { shownTerms } from '../../../src/formation/proposals/terms.ts';

const person = (id: string, over: Partial<FormationPerson> = {}): FormationPerson => ({
  id,
  track: 'Data Science',
  place: { lga: 'Ikeja', state: 'Lagos', zone: 'South West', country: 'Nigeria' },
  skill: null,
  activity: null,
  gender: null,
  canLead: false,
  availability: null,
  languages: [],
  mustWith: [],
  mustNotWith: [],
  pinned: false,
  previousGroup: null,
  ...over,
});
const inEpe = { place: { lga: 'Epe', state: 'Lagos', zone: 'South West', country: 'Nigeria' } };
const TYPED_DEFAULTS = { min: '4', ideal: '6', max: '10' };
const resultOf = (
  groups: readonly { name?: string; rung?: 'lga' | 'state'; memberIds: string[]; guestIds?: string[] }[],
): FormationResult => ({
  placements: [],
  unplaced: [],
  terms: [],
  groups: groups.map(({ name = 'Lagos · Data Science 1', rung = 'state', memberIds, guestIds = [] }) => ({
    ...{ name, track: 'Data Science', place: 'Lagos', rung, memberIds, guestIds },
  })),
});
const outcome = (
  people: readonly FormationPerson[],
  result: FormationResult,
  taken: readonly string[] = [],
) => outcomeOf({ people, unready: [], leadUnknown: 0 }, DEFAULT_RULES, result, new Set(taken));

describe('the outcome of forming', () => {
  it('says of a group how many of its track there are in its place and in the places below it', () => {
    const people = [
      person('a'),
      person('b'),
      person('c'),
      person('d', inEpe),
      person('e', { ...inEpe, track: 'DevOps' }),
    ];
    const [group] = outcome(people, resultOf([{ memberIds: ['a', 'b', 'c', 'd'] }])).groups;
    expect(group?.why.needed).toBe(4);
    expect(group?.why.here).toBe(4);
    expect(group?.why.lower.toSorted((a, b) => b.count - a.count)).toEqual([
      { name: 'Ikeja', count: 3 },
      { name: 'Epe', count: 1 },
    ]);
  });

  it("leaves a guest's place out of the reasons, and equal names in two states apart", () => {
    const elsewhere = { place: { lga: 'Ikeja', state: 'Ogun', zone: 'South West', country: 'Nigeria' } };
    const people = [person('a'), person('b'), person('c'), person('d', elsewhere)];
    const groups = [{ memberIds: ['a', 'b', 'c', 'd'], guestIds: ['d'] }];
    const [group] = outcome(people, resultOf(groups)).groups;
    expect(group?.why).toMatchObject({ here: 3, lower: [{ name: 'Ikeja', count: 3 }] });
  });

  it('says how many can lead, and which times suit all who said theirs', () => {
    const people = [
      person('a', { canLead: true, availability: `110${'0'.repeat(18)}` }),
      person('b', { availability: `011${'0'.repeat(18)}` }),
      person('c'),
    ];
    const [group] = outcome(people, resultOf([{ memberIds: ['a', 'b', 'c'] }])).groups;
    expect(group?.facts).toEqual({ leads: 1, slots: `010${'0'.repeat(18)}` });
    const silent = outcome([person('a')], resultOf([{ memberIds: ['a'] }])).groups[0];
    expect(silent?.facts.slots).toBeNull();
  });

  it('counts people by rung and groups by size, and lists groups as people count', () => {
    const people = ['a', 'b', 'c', 'd', 'e'].map((id) => person(id));
    const { groups, byRung, bySize } = outcome(
      people,
      resultOf([
        { name: 'Lagos 10', memberIds: ['a', 'b'] },
        { name: 'Lagos 2', rung: 'lga', memberIds: ['c', 'd', 'e'] },
      ]),
    );
    expect(groups.map(({ name }) => name)).toEqual(['Lagos 2', 'Lagos 10']);
    expect(byRung).toEqual({ state: 2, lga: 3 });
    expect(bySize).toEqual({ '2': 1, '3': 1 });
  });

  it('gives no new group the name of a published one', () => {
    const groups = [
      { name: 'Lagos · Data Science 1', memberIds: ['a'] },
      { name: 'Lagos · Data Science 2', memberIds: ['b'] },
    ];
    const people = [person('a'), person('b')];
    const { groups: named } = outcome(people, resultOf(groups), ['lagos · data science 1']);
    expect(named.map(({ name }) => name)).toEqual(['Lagos · Data Science 2', 'Lagos · Data Science 3']);
  });

  it('keeps of everybody who has no place the reason, and the track where it is known', () => {
    const unready = [{ personId: 'x', reason: 'track_unknown' as const, person: person('x', { track: '' }) }];
    const result = { ...resultOf([]), unplaced: [{ id: 'a', reason: 'too_few_in_track' as const }] };
    const waiting = { people: [person('a')], unready, leadUnknown: 2 };
    const kept = outcomeOf(waiting, DEFAULT_RULES, result, new Set());
    expect(kept).toMatchObject({ people: 2, leadUnknown: 2 });
    expect(kept.unplaced).toMatchObject([
      { personId: 'x', reason: 'track_unknown', track: null },
      { personId: 'a', reason: 'too_few_in_track', track: 'Data Science' },
    ]);
  });
});

describe('a snapshot', () => {
  const prints = (people: readonly FormationPerson[]) => new Map(people.map((one) => [one.id, printOf(one)]));
  it('is the same whatever the order, and another once a track or place is', () => {
    const [a, b] = [person('a'), person('b')];
    expect(snapshotOf(prints([a, b]))).toBe(snapshotOf(prints([b, a])));
    expect(snapshotOf(prints([a, b]))).not.toBe(snapshotOf(prints([a, person('b', inEpe)])));
    expect(snapshotOf(prints([a, person('b', { canLead: true })]))).toBe(snapshotOf(prints([a, b])));
  });
  it('compared tells who joined, who left, who is placed, and who has another track or place', () => {
    const before = prints([person('stays'), person('leaves'), person('placed'), person('moves')]);
    const now = prints([person('stays'), person('moves', inEpe), person('joins')]);
    expect(compareSnapshots(before, now, new Set(['placed']))).toEqual({
      joined: 1,
      gone: 1,
      placed: 1,
      moved: 1,
    });
  });
});

describe('sizes', () => {
  const read = (over: object) => readSizes({ ...TYPED_DEFAULTS, ...over });
  it('are 4 to 10, ideally 6, where nothing else is typed', () => {
    expect(readSizes({ min: '', ideal: '', max: '' })).toMatchObject({ min: 4, ideal: 6, max: 10 });
    expect(TYPED_DEFAULTS).toEqual({ min: '4', ideal: '6', max: '10' });
  });
  it.each([
    [{ min: 'four' }, 'min', 'size_unreadable'],
    [{ min: '-4' }, 'min', 'size_unreadable'],
    [{ ideal: '6.5' }, 'ideal', 'size_unreadable'],
    [{ min: '1' }, 'min', 'size_small'],
    [{ max: '51' }, 'max', 'size_large'],
    [{ ideal: '3' }, 'ideal', 'size_order'],
    [{ max: '5' }, 'max', 'size_order'],
  ])('%j are refused at the field', (over, field, reason) => {
    expect(read(over)).toEqual({ field, reason });
  });
});

describe('the figures of a proposal', () => {
  const shown = (value: number, bound: number, random: number) =>
    shownTerms([{ name: 'no_lead', value, bound, random }])[0];
  it.each([
    [6, 6, 13, 0, 'best'],
    [7, 6, 13, 14, 'near'],
    [10, 6, 13, 57, 'between'],
    [13, 6, 13, 100, 'chance'],
    [20, 6, 13, 100, 'chance'],
  ])('%d with best %d and chance %d stands at %d: %s', (value, bound, random, at, verdict) => {
    const term = shown(value, bound, random);
    expect(Math.round(term?.at ?? -1)).toBe(at);
    expect(term?.verdict).toBe(verdict);
  });
  it('say nothing of what nobody has, and have no place where best is chance', () => {
    expect(shown(0, 0, 0)).toBeUndefined();
    expect(shown(5, 5, 5)).toMatchObject({ at: null, verdict: 'only' });
  });
  it('say of distance how far it is from the best, for chance has no say in it', () => {
    const [term] = shownTerms([{ name: 'location', value: 12, bound: 10, random: 12 }]);
    expect(term).toMatchObject({ random: null, at: null, verdict: 'above' });
  });
});
