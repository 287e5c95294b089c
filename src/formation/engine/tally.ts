import { membersOf } from './arrange.ts';
import { type Cohort, MAN, WOMAN } from './cohort.ts';
import type { KeptGroup } from './kept-groups.ts';
import type { Plot } from './pool.ts';
import type { Weights } from './weights.ts';

/** What the rules look at in a group, counted once for as long as its people stay the same. */
type Tally = {
  readonly people: readonly number[];
  readonly size: number;
  readonly leads: number;
  readonly women: number;
  readonly men: number;
  readonly slots: number;
  /** Languages that all share who state some; null where nobody does. */
  readonly tongues: readonly number[] | null;
};

/** Reckons what somebody would change in a group's cost, in an update. */
export type Scale = {
  /** What one more unit would add to a group's cost in rules and size. */
  costOfSeating(group: KeptGroup, unit: number): number;
  /** What a group's rules and size cost more with somebody than without; the group is as it is with them. */
  costOfHaving(group: KeptGroup, person: number): number;
  /** What somebody would add to what the rules cost a group. */
  ruleChange(group: KeptGroup, person: number): number;
};

export function createScale({ cohort, pairs, rules }: Plot, weights: Weights): Scale {
  const known = new WeakMap<KeptGroup, Tally>();
  const tallyOf = (group: KeptGroup): Tally => {
    const last = known.get(group);
    if (last?.people === group.people && last.size === group.people.length) return last;
    const tally = count(cohort, group.people);
    known.set(group, tally);
    return tally;
  };
  const ruleChange = (group: KeptGroup, person: number): number =>
    changeOf(cohort, weights, tallyOf(group), person);
  const sizeChange = (size: number): number => 2 * (size - rules.ideal) + 1;
  return {
    ruleChange,
    costOfSeating(group, unit) {
      let size = group.people.length;
      if (pairs.bound[unit] !== 1) return ruleChange(group, unit) + sizeChange(size);
      let cost = 0;
      for (const person of membersOf(unit, pairs)) cost += ruleChange(group, person) + sizeChange(size++);
      return cost;
    },
    costOfHaving(group, person) {
      const others = group.people.filter((other) => other !== person);
      return changeOf(cohort, weights, count(cohort, others), person) + sizeChange(others.length);
    },
  };
}

function count({ traits }: Cohort, people: readonly number[]): Tally {
  const { lead, gender, slots } = traits;
  let leads = 0;
  let women = 0;
  let men = 0;
  let shared = -1;
  let tongues: readonly number[] | null = null;
  for (const person of people) {
    leads += lead[person] ?? 0;
    if (gender[person] === WOMAN) women++;
    else if (gender[person] === MAN) men++;
    shared &= slots[person] ?? 0;
    tongues = sharedTongues({ traits }, tongues, person);
  }
  return { people, size: people.length, leads, women, men, slots: shared, tongues };
}

function sharedTongues(
  { traits: { languages, languageStart } }: Pick<Cohort, 'traits'>,
  before: readonly number[] | null,
  person: number,
): readonly number[] | null {
  const from = languageStart[person] ?? 0;
  const to = languageStart[person + 1] ?? 0;
  if (from === to) return before;
  const own = languages.subarray(from, to);
  return before === null ? [...own] : before.filter((language) => own.includes(language));
}

function changeOf(cohort: Cohort, weights: Weights, tally: Tally, person: number): number {
  const { lead, gender, slots, prior } = cohort.traits;
  let change = 0;
  if (lead[person] === 1 && tally.leads === 0) change -= weights.noLead;
  const alike = gender[person] === WOMAN ? tally.women : gender[person] === MAN ? tally.men : -1;
  if (alike === 0) change += weights.isolated;
  else if (alike === 1) change -= weights.isolated;
  if (tally.size > 0 && !isShort(tally.slots) && isShort(tally.slots & (slots[person] ?? 0)))
    change += weights.short + 2 * weights.missing;
  const earlier = prior[person] ?? -1;
  if (earlier >= 0)
    for (const other of tally.people) if (prior[other] === earlier) change += weights.together;
  if (tally.tongues !== null && tally.tongues.length > 0)
    if (sharedTongues(cohort, tally.tongues, person)?.length === 0) change += weights.noLanguage;
  return change;
}

function isShort(slots: number): boolean {
  return (slots & (slots - 1)) === 0;
}
