import { fold } from '../../course/fold.ts';
import { Column, Dictionary, newBytes, newFloats, newInts } from './growing.ts';
import { buildPlaces, type PlaceTree } from './places.ts';
import { hashText } from './random.ts';
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

/** A roster in columns. */
export type Cohort = {
  readonly size: number;
  readonly ids: readonly string[];
  readonly trackNames: readonly string[];
  readonly places: PlaceTree;
  readonly traits: Traits;
  readonly pinned: Uint8Array;
  /** Only those who named somebody, by index; ids that are not in the roster stay in and mean nobody. */
  readonly mustWith: ReadonlyMap<number, readonly string[]>;
  readonly mustNotWith: ReadonlyMap<number, readonly string[]>;
  indexOf(id: string): number;
};

/** Takes people one by one, so that a file of any length is read without an object per person. */
export class CohortBuilder {
  readonly #ids = new Dictionary();
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
    return this.#track.length;
  }

  /** @throws FormationRefused where the id is blank or known, or a value is none of its kind */
  add(person: FormationPerson): void {
    const index = this.size;
    if (person.id === '') throw new FormationRefused('blank_id', index);
    if (this.#ids.codeOf(person.id) !== index) throw new FormationRefused('duplicate_id', index);
    this.#track.push(this.#tracks.codeOf(person.track.trim()));
    this.#place.push(this.#placeCode(person.place));
    this.#skill.push(numberOf(person.skill));
    this.#activity.push(numberOf(person.activity));
    this.#gender.push(person.gender === 'F' ? WOMAN : person.gender === 'M' ? MAN : 0);
    this.#lead.push(person.canLead ? 1 : 0);
    this.#slots.push(slotsOf(person.availability, index));
    this.#languageStart.push(this.#languages.length);
    for (const language of person.languages) this.#languages.push(this.#tongues.codeOf(fold(language)));
    this.#prior.push(person.previousGroup === null ? -1 : this.#priors.codeOf(person.previousGroup));
    this.#hash.push(hashText(person.id, 0));
    this.#pinned.push(person.pinned ? 1 : 0);
    if (person.mustWith.length > 0) this.#mustWith.set(index, person.mustWith);
    if (person.mustNotWith.length > 0) this.#mustNotWith.set(index, person.mustNotWith);
  }

  build(): Cohort {
    const { tree, nodeOf } = buildPlaces(this.#places);
    const home = this.#place.done();
    for (let i = 0; i < home.length; i++) home[i] = nodeOf[home[i] ?? 0] ?? 0;
    this.#languageStart.push(this.#languages.length);
    return {
      size: home.length,
      ids: this.#ids.texts,
      trackNames: this.#tracks.texts,
      places: tree,
      traits: {
        track: this.#track.done(),
        home,
        skill: this.#skill.done(),
        activity: this.#activity.done(),
        gender: this.#gender.done(),
        lead: this.#lead.done(),
        slots: this.#slots.done(),
        languageStart: this.#languageStart.done(),
        languages: this.#languages.done(),
        prior: this.#prior.done(),
        hash: this.#hash.done(),
      },
      pinned: this.#pinned.done(),
      mustWith: this.#mustWith,
      mustNotWith: this.#mustNotWith,
      indexOf: (id) => this.#ids.find(id),
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

function slotsOf(availability: string | null, index: number): number {
  if (availability === null || availability === '') return ALL_SLOTS;
  if (!/^[01]{21}$/.test(availability)) throw new FormationRefused('bad_availability', index);
  return Number.parseInt(availability, 2);
}
