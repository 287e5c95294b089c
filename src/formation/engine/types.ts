import type { Explanation } from './explanation.ts';

/** The ladder of places, from near to far; a group stands on the lowest rung that its locals share. */
export const RUNGS = ['lga', 'state', 'zone', 'country'] as const;
export type Rung = (typeof RUNGS)[number];

/** What location costs a person: the rung of their group, or the level where a guest's place and the group's meet. */
export const RUNG_COST: Readonly<Record<Rung, number>> = { lga: 0, state: 1, zone: 3, country: 9 };

/** A place as far as it is known. Equal names under different parents are different places. */
export type FormationPlace = Readonly<Record<Rung, string | null>>;

/** One row of the roster. `null` and empty lists mean unknown, never "no". */
export type FormationPerson = {
  readonly id: string;
  readonly track: string;
  readonly place: FormationPlace;
  readonly skill: number | null;
  readonly activity: number | null;
  readonly gender: 'F' | 'M' | null;
  readonly canLead: boolean;
  /** 21 characters 0/1: morning, afternoon and evening of seven days; null where it was not said. */
  readonly availability: string | null;
  readonly languages: readonly string[];
  /** Ids of people to be in one group with (taken both ways, and transitively). */
  readonly mustWith: readonly string[];
  readonly mustNotWith: readonly string[];
  /** Stays in the current group in an update; means nothing without `previous`. */
  readonly pinned: boolean;
  /** History: people of one earlier group are better apart. Not the group to be kept. */
  readonly previousGroup: string | null;
};

/** Where somebody is now: the groups that an update keeps. */
export type CurrentPlacement = {
  readonly id: string;
  readonly group: string;
  /** As the earlier result said; where absent, the lowest place that fits is taken. */
  readonly place?: string;
  readonly rung?: Rung;
  readonly guest?: boolean;
};

export const RULE_NAMES = [
  'no_lead',
  'isolated',
  'short_availability',
  'no_common_language',
  'together_before',
  'balance_skill',
  'balance_activity',
] as const;
export type RuleName = (typeof RULE_NAMES)[number];
export type TermName = 'unplaced' | 'location' | 'size' | 'moves' | RuleName;

export type FormationRules = {
  /** Sizes of a group, in people; 1 <= min <= ideal <= max. */
  readonly min: number;
  readonly ideal: number;
  readonly max: number;
  /** Lets people whose own track is too small, and must-together sets across tracks, join groups of other tracks. */
  readonly crossTrack: boolean;
  /** Any integer; the same seed gives the same groups. */
  readonly seed: number;
  /** Rules that the search shall not care for; they are still counted. */
  readonly ignore?: readonly RuleName[];
};

export const DEFAULT_RULES: FormationRules = { min: 4, ideal: 6, max: 10, crossTrack: false, seed: 1 };

export type FormationInput = {
  readonly people: readonly FormationPerson[];
  readonly rules: FormationRules;
  /** Given, the run is an update: these groups are kept, with as few moves as possible. */
  readonly previous?: readonly CurrentPlacement[];
};

/** Why somebody is in no group. */
export type UnplacedReason =
  | 'too_few_in_track'
  | 'no_feasible_size'
  | 'no_track'
  | 'pair_rules'
  | 'must_set_too_large'
  | 'must_set_contradicts'
  | 'must_set_across_tracks';

/** Why somebody is where they are, in an update; '' for those who simply stay, and in a first run. */
export type MoveReason = '' | 'joined' | 'dissolved' | 'borrowed' | 'pinned';

export type Placement = {
  readonly id: string;
  /** '' where unplaced, as are place and rung. */
  readonly group: string;
  readonly place: string;
  readonly rung: Rung | '';
  readonly guest: boolean;
  readonly reason: MoveReason | UnplacedReason;
};

export type FormedGroup = {
  /** Unique in the result and readable: "Ibadan North · Data Science 2". Kept in updates. */
  readonly name: string;
  readonly track: string;
  readonly place: string;
  readonly rung: Rung;
  readonly memberIds: readonly string[];
  readonly guestIds: readonly string[];
};

/** A figure of the score beside what nobody can go below and what chance would give; all finite. */
export type Term = {
  readonly name: TermName;
  readonly value: number;
  readonly bound: number;
  readonly random: number;
};

export type FormationResult = {
  readonly groups: readonly FormedGroup[];
  /** One per person, in the order of the input. */
  readonly placements: readonly Placement[];
  readonly unplaced: readonly { readonly id: string; readonly reason: UnplacedReason }[];
  readonly terms: readonly Term[];
  /** Tracks for which fewer unplaced, or nearer places, could not be ruled out; in a first run only. */
  readonly unproven?: readonly string[];
};

export type FormationStage = 'reading' | 'planning' | 'searching' | 'measuring' | 'explaining';

/** `done` and `total` count people within the stage. */
export type FormationProgress = {
  readonly stage: FormationStage;
  readonly done: number;
  readonly total: number;
};

export type FormOptions = {
  readonly onProgress?: (progress: FormationProgress) => void;
  /** Given, everybody is explained in a second pass, a few hundred at a time. */
  readonly onExplained?: (explanations: readonly Explanation[]) => void;
  readonly signal?: AbortSignal;
};

/** Input that cannot be a roster: `code` says why, `at` is the index of the person in question. */
export class FormationRefused extends Error {
  readonly code: string;
  readonly at: number | null;

  constructor(code: string, at: number | null = null) {
    super(at === null ? code : `${code} (person ${at})`);
    this.name = 'FormationRefused';
    this.code = code;
    this.at = at;
  }
}
