import { ALL_SLOTS, type Traits } from './cohort.ts';
import { scale, type Scaled } from './scaling.ts';
import type { Weights } from './weights.ts';

/** Pair rules as the search sees them; see Pairs. */
export type PairColumns = {
  readonly atomOf: Int32Array;
  readonly bound: Uint8Array;
  readonly foeStart: Int32Array;
  readonly foes: Int32Array;
  /** 1 for those whom the search must leave; null where it may exchange everybody. */
  readonly frozen: Uint8Array | null;
};

/** One pool under search: its people by local index 0..n-1, and counters of its groups, all in typed arrays. */
export type PoolState = {
  readonly people: number;
  readonly groups: number;
  readonly weights: Weights;
  /** Group of each person, and their seat in it; `seats[group * stride + seat]` is a person. */
  readonly groupOf: Int32Array;
  readonly seatOf: Int32Array;
  readonly seats: Int32Array;
  readonly stride: number;
  readonly size: Int32Array;
  readonly lead: Uint8Array;
  readonly gender: Uint8Array;
  /** A bit per slot in which somebody is busy. */
  readonly busy: Int32Array;
  readonly prior: Int32Array;
  readonly hasPrior: boolean;
  /** Pairs of one earlier group, per group. */
  readonly acquainted: Int32Array;
  /** A bit per language; all bits where unknown. */
  readonly tongues: Int32Array;
  readonly hasTongues: boolean;
  /** The bits that stand for languages. */
  readonly allTongues: number;
  readonly skill: Scaled;
  /** Activity by rank, and as it is: each weighs, for a few very active people would else all count the same. */
  readonly activity: Scaled;
  readonly deeds: Scaled;
  readonly leads: Int32Array;
  readonly women: Int32Array;
  readonly men: Int32Array;
  /** Busy people per slot, as bit planes: plane p of group g holds bit p of all 21 counts. */
  readonly planes: Int32Array;
  readonly planeCount: number;
  readonly skillSum: Float64Array;
  readonly skillCount: Int32Array;
  readonly activitySum: Float64Array;
  readonly activityCount: Int32Array;
  readonly deedSum: Float64Array;
  readonly cost: Float64Array;
  /** 1 for those the search must leave: in a set, pinned, or (in an update) no joiner. */
  readonly fixed: Uint8Array;
  /** Foes by local index; null where nobody in the pool has any. */
  readonly foes: readonly (readonly number[] | null)[] | null;
};

/** What dividing a pool takes. */
export type PoolTask = {
  readonly traits: Traits;
  readonly pairs: PairColumns;
  /** People of the pool by index, in an order that does not depend on the roster's. */
  readonly members: Int32Array;
  readonly track: number;
  readonly groups: number;
  readonly weights: Weights;
  readonly seed: number;
};

/**
 * Sets a pool up for the search.
 * @param groupOf groups of the members, 0..groups-1; taken over, not copied
 */
export function createPoolState(task: PoolTask, groupOf: Int32Array): PoolState {
  const { traits, pairs, members, track, groups, weights } = task;
  const people = members.length;
  const maxSize = largestOf(groupOf, groups);
  const planeCount = Math.ceil(Math.log2(maxSize + 1));
  const tongues = tonguesOf(traits, members);
  const state: PoolState = {
    people,
    groups,
    weights,
    groupOf,
    seatOf: new Int32Array(people),
    seats: new Int32Array(groups * maxSize),
    stride: maxSize,
    size: new Int32Array(groups),
    lead: new Uint8Array(people),
    gender: new Uint8Array(people),
    busy: new Int32Array(people),
    prior: new Int32Array(people),
    hasPrior: sharesPrior(traits, members),
    acquainted: new Int32Array(groups),
    tongues: tongues.masks,
    hasTongues: tongues.count > 0,
    allTongues: tongues.count > 30 ? 0x7fffffff : (1 << tongues.count) - 1,
    skill: weighted(pick(traits.skill, members), traits.rankSkill[track] === 1, weights.skill),
    activity: weighted(pick(traits.activity, members), true, weights.activity),
    deeds: weighted(pick(traits.activity, members), false, weights.deeds),
    leads: new Int32Array(groups),
    women: new Int32Array(groups),
    men: new Int32Array(groups),
    planes: new Int32Array(groups * planeCount),
    planeCount,
    skillSum: new Float64Array(groups),
    skillCount: new Int32Array(groups),
    activitySum: new Float64Array(groups),
    activityCount: new Int32Array(groups),
    deedSum: new Float64Array(groups),
    cost: new Float64Array(groups),
    fixed: new Uint8Array(people),
    foes: foesOf(pairs, members),
  };
  fillPeople(state, task);
  return state;
}

/** Copies what the search reads of people out of the columns. */
function fillPeople(state: PoolState, { traits, pairs, members }: PoolTask): void {
  for (let i = 0; i < members.length; i++) {
    const person = members[i] ?? 0;
    state.lead[i] = traits.lead[person] ?? 0;
    state.gender[i] = traits.gender[person] ?? 0;
    state.busy[i] = ~(traits.slots[person] ?? 0) & ALL_SLOTS;
    state.prior[i] = traits.prior[person] ?? -1;
    if (pairs.frozen?.[person] === 1) state.fixed[i] = 1;
    else if (pairs.bound[person] === 1 && isInSet(pairs, members, person)) state.fixed[i] = 1;
  }
}

function largestOf(groupOf: Int32Array, groups: number): number {
  const sizes = new Int32Array(groups);
  let largest = 0;
  for (const group of groupOf) {
    const size = (sizes[group] ?? 0) + 1;
    sizes[group] = size;
    if (size > largest) largest = size;
  }
  return largest;
}

function isInSet(pairs: PairColumns, members: Int32Array, person: number): boolean {
  const atom = pairs.atomOf[person];
  for (const other of members) if (other !== person && pairs.atomOf[other] === atom) return true;
  return false;
}

function pick(column: Float64Array, members: Int32Array): Float64Array {
  const picked = new Float64Array(members.length);
  for (let i = 0; i < picked.length; i++) picked[i] = column[members[i] ?? 0] ?? NaN;
  return picked;
}

/** Scales values so that the sum over groups of sum^2/count is weight * people * eta^2. */
function weighted(raw: Float64Array, byRank: boolean, weight: number): Scaled {
  const scaled = scale(raw, byRank);
  if (scaled.squares === 0) return scaled;
  const factor = Math.sqrt((weight * raw.length) / scaled.squares);
  for (let i = 0; i < raw.length; i++) scaled.values[i] = (scaled.values[i] ?? 0) * factor;
  return scaled;
}

function sharesPrior(traits: Traits, members: Int32Array): boolean {
  const seen = new Set<number>();
  for (const person of members) {
    const prior = traits.prior[person] ?? -1;
    if (prior < 0) continue;
    if (seen.has(prior)) return true;
    seen.add(prior);
  }
  return false;
}

/** The pool's 31 commonest languages as bits; a language beyond them is nobody's in the search, and counted in full after. */
function tonguesOf(traits: Traits, members: Int32Array): { masks: Int32Array; count: number } {
  const counts = new Map<number, number>();
  for (const person of members) {
    for (let at = traits.languageStart[person] ?? 0; at < (traits.languageStart[person + 1] ?? 0); at++) {
      const language = traits.languages[at] ?? 0;
      counts.set(language, (counts.get(language) ?? 0) + 1);
    }
  }
  const masks = new Int32Array(members.length).fill(-1);
  if (counts.size === 0) return { masks, count: 0 };
  const common = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, 31);
  const bits = new Map(common.map(([language], bit) => [language, 1 << bit]));
  for (let i = 0; i < masks.length; i++) {
    const person = members[i] ?? 0;
    const end = traits.languageStart[person + 1] ?? 0;
    let mask = 0;
    for (let at = traits.languageStart[person] ?? 0; at < end; at++)
      mask |= bits.get(traits.languages[at] ?? 0) ?? 0;
    if (end > (traits.languageStart[person] ?? 0)) masks[i] = mask;
  }
  return { masks, count: common.length };
}

function foesOf(pairs: PairColumns, members: Int32Array): (readonly number[] | null)[] | null {
  let any = false;
  for (const person of members) any ||= pairs.foeStart[person] !== pairs.foeStart[person + 1];
  if (!any) return null;
  const local = new Map<number, number>();
  for (let i = 0; i < members.length; i++) local.set(members[i] ?? 0, i);
  return Array.from(members, (person) => {
    const found: number[] = [];
    for (let at = pairs.foeStart[person] ?? 0; at < (pairs.foeStart[person + 1] ?? 0); at++) {
      const foe = local.get(pairs.foes[at] ?? -1);
      if (foe !== undefined) found.push(foe);
    }
    return found.length === 0 ? null : found;
  });
}
