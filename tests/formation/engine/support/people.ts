import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import {
  type CurrentPlacement,
  DEFAULT_RULES,
  type FormationPerson,
  type FormationResult,
  type FormationRules,
} from '../../../../src/formation/engine/types.ts';

/** Somebody of whom only the named fields matter. */
export function person(id: string, fields: Partial<FormationPerson> = {}): FormationPerson {
  return {
    id,
    track: 'Data Science',
    place: { lga: 'Ikeja', state: 'Lagos', zone: 'South West', country: null },
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
    ...fields,
  };
}

/** So many people, alike but for what `fields` says of each. */
export function crowd(
  count: number,
  fields: (at: number) => Partial<FormationPerson> = () => ({}),
): FormationPerson[] {
  return Array.from({ length: count }, (_, at) => person(`p${at}`, fields(at)));
}

export function rules(fields: Partial<FormationRules> = {}): FormationRules {
  return { ...DEFAULT_RULES, ...fields };
}

/** The groups to keep, as a result told them. */
export function placementsOf(result: FormationResult): CurrentPlacement[] {
  return result.placements.flatMap(({ id, group, place, rung, guest }) =>
    group === '' || rung === '' ? [] : [{ id, group, place, rung, guest }],
  );
}

/** A cohort of the fixtures. */
export function readCohort(people: 300 | 3000): FormationPerson[] {
  const text = readFileSync(`tests/fixtures/cohorts/cohort-${people}.csv`);
  const rows = parse<Record<string, string>>(text, { columns: true });
  return rows.map((row) =>
    person(row['id']!, {
      track: row['track']!,
      place: { lga: row['lga']!, state: row['state']!, zone: row['zone']!, country: null },
      skill: Number(row['skill']),
      activity: Number(row['activity']),
      gender: row['gender'] === 'F' ? 'F' : 'M',
      canLead: row['can_lead'] === '1',
      availability: row['availability']!,
      previousGroup: row['previous_group'] === '' ? null : row['previous_group']!,
    }),
  );
}

export type Case = { readonly people: FormationPerson[]; readonly rules: FormationRules };
type Shape = { pairs?: boolean; countries?: boolean; crossTrack?: boolean; most?: number };

/** Rosters with gaps, few places and odd sizes; small, so that a counterexample can be read. */
export function cases({
  pairs = false,
  countries = false,
  crossTrack = false,
  most = 40,
}: Shape = {}): fc.Arbitrary<Case> {
  return fc
    .record({
      min: fc.integer({ min: 1, max: 5 }),
      wider: fc.integer({ min: 0, max: 7 }),
      ideal: fc.integer({ min: 0, max: 7 }),
      seed: fc.integer({ min: 0, max: 1e6 }),
      people: fc.array(someone(countries), { maxLength: most }),
      links: pairs ? fc.array(link(most), { maxLength: Math.floor(most / 2) }) : fc.constant([]),
    })
    .map(({ min, wider, ideal, seed, people, links }) => {
      const max = min + wider;
      const sizes = { min, max, ideal: min + Math.min(ideal, wider) };
      return { people: tied(people, links, crossTrack), rules: { ...sizes, seed, crossTrack } };
    });
}

type Link = { readonly from: number; readonly to: number; readonly together: boolean };

function link(most: number): fc.Arbitrary<Link> {
  const whom = fc.nat({ max: most - 1 });
  return fc.record({ from: whom, to: whom, together: fc.boolean() });
}

function someone(countries: boolean): fc.Arbitrary<Omit<FormationPerson, 'id'>> {
  const name = (prefix: string, count: number): fc.Arbitrary<string> =>
    fc.nat({ max: count - 1 }).map((at) => `${prefix}${at}`);
  const mostly = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(arbitrary, { freq: 8 });
  return fc.record({
    track: name('t', 3),
    place: fc.record({
      lga: mostly(name('l', 4)),
      state: mostly(name('s', 3)),
      zone: mostly(name('z', 2)),
      country: countries ? mostly(name('c', 2)) : fc.constant(null),
    }),
    skill: mostly(fc.integer({ min: 0, max: 100 })),
    activity: mostly(fc.integer({ min: 0, max: 300 }).map((value) => Math.exp(value / 100))),
    gender: fc.constantFrom('F', 'M', null),
    canLead: fc.nat({ max: 4 }).map((drawn) => drawn === 0),
    availability: mostly(
      fc.integer({ min: 0, max: 2 ** 21 - 1 }).map((bits) => bits.toString(2).padStart(21, '0')),
    ),
    languages: fc.subarray(['en', 'ha', 'ig', 'yo'], { maxLength: 2 }),
    mustWith: fc.constant([]),
    mustNotWith: fc.constant([]),
    pinned: fc.constant(false),
    previousGroup: fc.option(name('g', 6)),
  });
}

function tied(
  people: readonly Omit<FormationPerson, 'id'>[],
  links: readonly Link[],
  crossTrack: boolean,
): FormationPerson[] {
  const mustWith = people.map((): string[] => []);
  const mustNotWith = people.map((): string[] => []);
  for (const { from, to, together } of links) {
    const [one, other] = [people[from], people[to]];
    if (one === undefined || other === undefined || from === to) continue;
    if (together && (crossTrack || one.track === other.track)) mustWith[from]!.push(`p${to}`);
    else mustNotWith[from]!.push(`p${to}`);
  }
  return people.map((one, at) => ({
    ...one,
    id: `p${at}`,
    mustWith: mustWith[at]!,
    mustNotWith: mustNotWith[at]!,
  }));
}

/** The same people with some gone, some new and some pinned. */
export function changes(people: readonly FormationPerson[]): fc.Arbitrary<FormationPerson[]> {
  const fate = fc.record({ stays: fc.nat({ max: 4 }), pinned: fc.nat({ max: 5 }) });
  return fc
    .record({
      fates: fc.array(fate, { minLength: people.length, maxLength: people.length }),
      joining: fc.array(fc.nat({ max: Math.max(0, people.length - 1) }), {
        maxLength: people.length === 0 ? 0 : 5,
      }),
    })
    .map(({ fates, joining }) => {
      const staying = people.filter((_, at) => fates[at]!.stays > 0);
      const here = new Set(staying.map(({ id }) => id));
      return [
        ...staying.map((one) => ({
          ...one,
          mustWith: one.mustWith.filter((id) => here.has(id)),
          pinned: fates[people.indexOf(one)]!.pinned === 0,
        })),
        ...joining.map((like, at) => ({
          ...people[like]!,
          id: `j${at}`,
          mustWith: [],
          mustNotWith: [],
          previousGroup: null,
        })),
      ];
    });
}
