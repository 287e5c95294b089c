import type { FormationRules, RuleName } from './types.ts';

/** How much each rule weighs inside the search; the terms themselves are judged one by one. */
export type Weights = {
  readonly noLead: number;
  readonly isolated: number;
  /** Per person missing from the two best slots. */
  readonly missing: number;
  /** Per group that falls short, on top. */
  readonly short: number;
  /** Per group without a language in common, and per person who lacks the one that most speak. */
  readonly noLanguage: number;
  readonly lacking: number;
  readonly together: number;
  /** Per person times eta squared. */
  readonly skill: number;
  readonly activity: number;
  /** Activity as it is, not by rank. */
  readonly deeds: number;
};

/** docs/decisions/0020-forming-groups.md says how these came about. */
export const WEIGHTS: Weights = {
  noLead: 60,
  isolated: 30,
  missing: 2.5,
  short: 5,
  noLanguage: 25,
  lacking: 5,
  together: 7,
  skill: 3,
  activity: 1.5,
  deeds: 2.5,
};

/** The weights with nothing for the rules to be ignored. */
export function weightsFor(rules: Pick<FormationRules, 'ignore'>, weights: Weights = WEIGHTS): Weights {
  const of = (rule: RuleName, weight: number): number => (rules.ignore?.includes(rule) === true ? 0 : weight);
  return {
    noLead: of('no_lead', weights.noLead),
    isolated: of('isolated', weights.isolated),
    missing: of('short_availability', weights.missing),
    short: of('short_availability', weights.short),
    noLanguage: of('no_common_language', weights.noLanguage),
    lacking: of('no_common_language', weights.lacking),
    together: of('together_before', weights.together),
    skill: of('balance_skill', weights.skill),
    activity: of('balance_activity', weights.activity),
    deeds: of('balance_activity', weights.deeds),
  };
}
