import { fold } from '../../course/fold.ts';
import { Column, Dictionary, newBytes, newFloats, newInts } from './growing.ts';
import { findHomes } from './homes.ts';
import type { PlaceTree } from './places.ts';
import { hashText } from './random.ts';
import { skewedTracks } from './scaling.ts';
import { FormationRefused, type FormationPerson, type FormationPlace } from './types.ts';

export const ALL_SLOTS = (1 << 21) - 1;
export const WOMAN = 1;
export const MAN = 2;

/** What the search reads of people: columns in shared memory, one entry per person. */
export type Traits = {
  readonly track: Int32Array;
  /** Node of the place tree. */
  readonly home: Int32Array;
  /** NaN where unknown. */
  readonly skill: Float64Array;
  readonly activity: Float64Array;
  /** 1 for the tracks whose skill counts by rank. */
  readonly rankSkill: Uint8Array;
  /** 0 unknown, 1 woman, 2 man. */
  readonly gender: Uint8Array;
  readonly lead: Uint8Array;
  /** A bit per free slot; unknown is free throughout. */
  readonly slots: Int32Array;
  /** Start of this person's languages in `languages`; one entry more than people. */
  readonly languageStart: Int32Array;
  readonly languages: Int32Array;
  /** Code of the earlier group, or -1. */
  readonly prior: Int32Array;
  /** Scatters people independently of the roster's order. */
  readonly hash: Int32Array;
};

/** A roster in columns. Tracks and languages are numbered by name, so the roster's order does not matter. */
export type Cohort = {
  readonly size: number;
  /** As they came in. */
  readonly ids: readonly string[];
  readonly trackNames: readonly string[];
  /** Folded. */
  readonly languageNames: readonly string[];
  readonly tree: PlaceTree;
  /** The distinct places as they were written, and everybody's. */
  readonly places: readonly FormationPlace[];
  readonly placeOf: Int32Array;
  /** The name for a country that a track does not name itself. */
  readonly onlyCountry: string;
  readonly traits: Traits;
  readonly pinned: Uint8Array;
  /** Only those who named somebody, by index; ids that are not in the roster stay in and mean nobody. */
  readonly mustWith: ReadonlyMap<number, readonly string[]>;
  readonly mustNotWith: ReadonlyMap<number, readonly string[]>;
  /** -1 where there is nobody of this id; spaces around it do not count. */
  indexOf(id: string): number;
};

/** Takes people one by one, so that a file of any length is read without an object per person. */
export class CohortBuilder {
  readonly #ids: string[] = [];
  readonly #byId = new Map<string, number>();
  readonly #tracks = new Dictionary();
  readonly #placeKeys = new Dictionary();
  readonly #places: FormationPlace[] = [];
  readonly #priors = new Dictionary();
  readonly #tongues = new Dictionary();
  readonly #track = new Column(newInts);
  readonly #place = new Column(newInts);
  readonly #skill = new Column(newFloats);
  readonly #activity = new Column(newFloats);
  readonly #gender = new Column(newBytes);
  readonly #lead = new Column(newBytes);
  readonly #slots = new Column(newInts);
  readonly #languageStart = new Column(newInts);
  readonly #languages = new Column(newInts);
  readonly #prior = new Column(newInts);
  readonly #hash = new Column(newInts);
  readonly #pinned = new Column(newBytes);
  readonly #mustWith = new Map<number, readonly string[]>();
  readonly #mustNotWith = new Map<number, readonly string[]>();

  get size(): number {
    return this.#ids.length;
  }

  /** @throws FormationRefused where the id is blank or known, or a value is none of its kind */
  add(person: FormationPerson): void {
    const index = this.size;
    const id = person.id.trim();
    if (id === '') throw new FormationRefused('blank_id', index);
    if (this.#byId.has(id)) throw new FormationRefused('duplicate_id', index);
    const slots = slotsOf(person.availability, index);
    this.#byId.set(id, index);
    this.#ids.push(person.id);
    this.#track.push(this.#tracks.codeOf(person.track.trim()));
    this.#place.push(this.#placeCode(person.place));
    this.#skill.push(numberOf(person.skill));
    this.#activity.push(numberOf(person.activity));
    this.#gender.push(person.gender === 'F' ? WOMAN : person.gender === 'M' ? MAN : 0);
    this.#lead.push(person.canLead ? 1 : 0);
    this.#slots.push(slots);
    this.#languageStart.push(this.#languages.length);
    for (const language of person.languages) this.#languages.push(this.#tongues.codeOf(language));
    this.#prior.push(priorOf(this.#priors, person.previousGroup));
    this.#hash.push(hashText(id, 0));
    this.#pinned.push(person.pinned ? 1 : 0);
    if (person.mustWith.length > 0) this.#mustWith.set(index, person.mustWith);
    if (person.mustNotWith.length > 0) this.#mustNotWith.set(index, person.mustNotWith);
  }

  build(): Cohort {
    this.#languageStart.push(this.#languages.length);
    const tracks = inOrder(this.#tracks.texts, (text) => text);
    const track = recode(this.#track.done(), tracks.codes);
    const placeOf = this.#place.done();
    const { tree, home, onlyCountry } = findHomes(this.#places, placeOf, track, tracks.names.length);
    const tongues = inOrder(this.#tongues.texts, fold);
    const skill = this.#skill.done();
    const byId = this.#byId;
    return {
      size: this.#ids.length,
      ids: this.#ids,
      trackNames: tracks.names,
      languageNames: tongues.names,
      tree,
      places: this.#places,
      placeOf,
      onlyCountry,
      traits: {
        track,
        home,
        skill,
        activity: this.#activity.done(),
        rankSkill: skewedTracks(skill, track, tracks.names.length),
        gender: this.#gender.done(),
        lead: this.#lead.done(),
        slots: this.#slots.done(),
        languageStart: this.#languageStart.done(),
        languages: recode(this.#languages.done(), tongues.codes),
        prior: this.#prior.done(),
        hash: this.#hash.done(),
      },
      pinned: this.#pinned.done(),
      mustWith: this.#mustWith,
      mustNotWith: this.#mustNotWith,
      indexOf: (id) => byId.get(id.trim()) ?? -1,
    };
  }

  #placeCode(place: FormationPlace): number {
    const { lga, state, zone, country } = place;
    const key = `${lga ?? ''}\u0000${state ?? ''}\u0000${zone ?? ''}\u0000${country ?? ''}`;
    const code = this.#placeKeys.codeOf(key);
    if (code === this.#places.length) this.#places.push({ lga, state, zone, country });
    return code;
  }
}

function numberOf(value: number | null): number {
  return value === null || !Number.isFinite(value) ? NaN : value;
}

function priorOf(priors: Dictionary, group: string | null): number {
  const name = group?.trim() ?? '';
  return name === '' ? -1 : priors.codeOf(name);
}

function slotsOf(availability: string | null, index: number): number {
  if (availability === null || availability === '') return ALL_SLOTS;
  if (!/^[01]{21}$/.test(availability)) throw new FormationRefused('bad_availability', index);
  return Number.parseInt(availability, 2);
}

/** Numbers texts by name; those that `by` makes equal share a number. @returns the names in order, and each text's number */
function inOrder(
  texts: readonly string[],
  by: (text: string) => string,
): { names: string[]; codes: Int32Array } {
  const keys = texts.map(by);
  const names = [...new Set(keys)].sort();
  const codeOf = new Map(names.map((name, code) => [name, code]));
  return { names, codes: Int32Array.from(keys, (key) => codeOf.get(key) ?? 0) };
}

function recode(column: Int32Array, codes: Int32Array): Int32Array {
  for (let at = 0; at < column.length; at++) column[at] = codes[column[at] ?? 0] ?? 0;
  return column;
}
