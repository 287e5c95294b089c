import { ALL_SLOTS, MAN, type Traits, WOMAN } from './cohort.ts';
import { chanceOfNone, chanceOfOne, expectedPairs, fewestPairs } from './chance.ts';
import type { Plot } from './pool.ts';
import { Random } from './random.ts';
import { scale } from './scaling.ts';
import { bestGroupCount, evenSizeCost } from './sizes.ts';
import type { Solution, SolvedPool } from './solution.ts';
import type { RuleName } from './types.ts';

/** `weight` is how much the pool counts in the whole: 1 for counts, its people with a known value for balance. */
export type Figure = { value: number; bound: number; random: number; weight: number };
export type PoolFigures = Readonly<Record<RuleName | 'size', Figure>>;

/** How often a pool is filled by chance for what has no closed form. */
const DRAWS = 4;

/** The figures of one pool, from its groups alone. */
export function measurePool(plot: Plot, solution: Solution, pool: SolvedPool): PoolFigures {
  const { traits } = plot.cohort;
  const { members, groups } = pool;
  const groupOf = Int32Array.from(members, (person) => (solution.groupOf[person] ?? 0) - pool.firstGroup);
  const sizes = new Int32Array(groups);
  for (const group of groupOf) sizes[group] = (sizes[group] ?? 0) + 1;
  const { short, language } = meetingFigures(plot, members, groupOf, sizes);
  return {
    no_lead: leadFigure(traits, members, groupOf, sizes),
    isolated: isolatedFigure(traits, members, groupOf, sizes),
    short_availability: short,
    no_common_language: language,
    together_before: togetherFigure(traits, members, groupOf, sizes),
    balance_skill: balanceFigure(traits.skill, traits.rankSkill[pool.track] === 1, members, groupOf, groups),
    balance_activity: balanceFigure(traits.activity, true, members, groupOf, groups),
    size: sizeFigure(plot, sizes, members.length),
  };
}

function leadFigure(traits: Traits, members: Int32Array, groupOf: Int32Array, sizes: Int32Array): Figure {
  const perGroup = new Int32Array(sizes.length);
  let leads = 0;
  for (let i = 0; i < members.length; i++) {
    if (traits.lead[members[i] ?? 0] !== 1) continue;
    leads++;
    perGroup[groupOf[i] ?? 0] = 1;
  }
  let value = 0;
  let random = 0;
  for (let group = 0; group < sizes.length; group++) {
    if (perGroup[group] === 0) value++;
    random += chanceOfNone(members.length, leads, sizes[group] ?? 0);
  }
  return { value, bound: Math.max(0, sizes.length - leads), random, weight: 1 };
}

function isolatedFigure(traits: Traits, members: Int32Array, groupOf: Int32Array, sizes: Int32Array): Figure {
  const figure = { value: 0, bound: 0, random: 0, weight: 1 };
  for (const gender of [WOMAN, MAN]) {
    const perGroup = new Int32Array(sizes.length);
    let total = 0;
    for (let i = 0; i < members.length; i++) {
      if (traits.gender[members[i] ?? 0] !== gender) continue;
      total++;
      perGroup[groupOf[i] ?? 0] = (perGroup[groupOf[i] ?? 0] ?? 0) + 1;
    }
    if (total === 1) figure.bound++;
    for (let group = 0; group < sizes.length; group++) {
      if (perGroup[group] === 1) figure.value++;
      figure.random += chanceOfOne(members.length, total, sizes[group] ?? 0);
    }
  }
  return figure;
}

/** Groups that share fewer than two slots, and groups that share no language. */
function meetingFigures(
  { cohort: { traits }, rules }: Plot,
  members: Int32Array,
  groupOf: Int32Array,
  sizes: Int32Array,
): { short: Figure; language: Figure } {
  let hopeless = 0;
  let speaks = false;
  for (const person of members) {
    if (isShort(traits.slots[person] ?? 0)) hopeless++;
    speaks ||= traits.languageStart[person] !== traits.languageStart[person + 1];
  }
  const drawn = Int32Array.from(groupOf);
  const random = new Random(members.length);
  const short = {
    value: countShort(traits, members, groupOf, sizes.length),
    bound: Math.ceil(hopeless / rules.max),
    random: 0,
    weight: 1,
  };
  const language = {
    value: speaks ? countSilent(traits, members, groupOf, sizes.length) : 0,
    bound: 0,
    random: 0,
    weight: 1,
  };
  for (let draw = 0; draw < DRAWS; draw++) {
    random.shuffle(drawn, drawn.length);
    short.random += countShort(traits, members, drawn, sizes.length) / DRAWS;
    if (speaks) language.random += countSilent(traits, members, drawn, sizes.length) / DRAWS;
  }
  return { short, language };
}

function isShort(slots: number): boolean {
  return (slots & (slots - 1)) === 0;
}

function countShort(traits: Traits, members: Int32Array, groupOf: Int32Array, groups: number): number {
  const shared = new Int32Array(groups).fill(ALL_SLOTS);
  for (let i = 0; i < members.length; i++) {
    const group = groupOf[i] ?? 0;
    shared[group] = (shared[group] ?? 0) & (traits.slots[members[i] ?? 0] ?? 0);
  }
  let count = 0;
  for (const slots of shared) if (isShort(slots)) count++;
  return count;
}

/** Groups in which those who state languages share none. */
function countSilent(traits: Traits, members: Int32Array, groupOf: Int32Array, groups: number): number {
  const shared: (Set<number> | null)[] = Array.from({ length: groups }, () => null);
  for (let i = 0; i < members.length; i++) {
    const person = members[i] ?? 0;
    const from = traits.languageStart[person] ?? 0;
    const to = traits.languageStart[person + 1] ?? 0;
    if (from === to) continue;
    const own = traits.languages.subarray(from, to);
    const known = shared[groupOf[i] ?? 0];
    shared[groupOf[i] ?? 0] = new Set(known == null ? own : own.filter((language) => known.has(language)));
  }
  let count = 0;
  for (const languages of shared) if (languages?.size === 0) count++;
  return count;
}

function togetherFigure(traits: Traits, members: Int32Array, groupOf: Int32Array, sizes: Int32Array): Figure {
  const groupsByPrior = new Map<number, number[]>();
  for (let i = 0; i < members.length; i++) {
    const prior = traits.prior[members[i] ?? 0] ?? -1;
    if (prior < 0) continue;
    const groups = groupsByPrior.get(prior);
    if (groups === undefined) groupsByPrior.set(prior, [groupOf[i] ?? 0]);
    else groups.push(groupOf[i] ?? 0);
  }
  const figure = { value: 0, bound: 0, random: 0, weight: 1 };
  for (const groups of groupsByPrior.values()) {
    if (groups.length < 2) continue;
    const met = new Map<number, number>();
    for (const group of groups) {
      const before = met.get(group) ?? 0;
      figure.value += before;
      met.set(group, before + 1);
    }
    figure.bound += fewestPairs(groups.length, sizes.length);
    figure.random += expectedPairs(members.length, groups.length, sizes);
  }
  return figure;
}

/** Eta squared: the share of an attribute's spread that lies between the groups; 0 is perfect balance. */
function balanceFigure(
  column: Float64Array,
  byRank: boolean,
  members: Int32Array,
  groupOf: Int32Array,
  groups: number,
): Figure {
  const raw = Float64Array.from(members, (person) => column[person] ?? NaN);
  const { values, known, squares } = scale(raw, byRank);
  const sums = new Float64Array(groups);
  const counts = new Int32Array(groups);
  let people = 0;
  for (let i = 0; i < members.length; i++) {
    if (known[i] !== 1) continue;
    const group = groupOf[i] ?? 0;
    sums[group] = (sums[group] ?? 0) + (values[i] ?? 0);
    counts[group] = (counts[group] ?? 0) + 1;
    people++;
  }
  if (squares === 0 || groups === 1) return { value: 0, bound: 0, random: 0, weight: people };
  let between = 0;
  for (let group = 0; group < groups; group++) {
    const count = counts[group] ?? 0;
    if (count > 0) between += (sums[group] ?? 0) ** 2 / count;
  }
  return {
    value: between / squares,
    bound: 0,
    random: Math.min(1, (groups - 1) / (people - 1)),
    weight: people,
  };
}

function sizeFigure({ rules }: Plot, sizes: Int32Array, people: number): Figure {
  let value = 0;
  for (const size of sizes) value += (size - rules.ideal) ** 2;
  const groups = bestGroupCount(people, rules);
  return { value, bound: groups === 0 ? 0 : evenSizeCost(people, groups, rules), random: value, weight: 1 };
}
