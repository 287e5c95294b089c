import { type HandGroup, nodeOf, guestsOf, solutionOf } from './by-hand.ts';
import { costsARule, exchangeCarefully } from './careful.ts';
import { CohortBuilder } from './cohort.ts';
import { newBytes } from './growing.ts';
import { resolvePairs } from './pairs.ts';
import { dividePool, type PlannedPool, poolSeed, type Solution } from './solution.ts';
import { sumsOf, type Sums } from './terms.ts';
import type { FormationPerson, FormationProgress, FormationRules } from './types.ts';

export type ImproveInput = {
  readonly people: readonly FormationPerson[];
  readonly rules: FormationRules;
  readonly groups: readonly HandGroup[];
  /** Who is in no group, and stays out. */
  readonly left: readonly string[];
  /** Who stays where they are. */
  readonly locked: readonly string[];
};
export type Improved = {
  readonly groups: readonly Pick<HandGroup, 'ordinal' | 'memberIds' | 'guestIds'>[];
  readonly before: Sums;
  readonly after: Sums;
};

/**
 * Exchanges people between groups of the same track and place until the rules are met as well as the search can; sizes
 * stay, the locked stay, and no rule that counts is met in fewer groups than before, whatever another would gain. The same
 * input gives the same groups.
 */
export function improve(
  { people, rules, groups, left, locked }: ImproveInput,
  onProgress: (progress: FormationProgress) => void = () => undefined,
): Improved {
  const builder = new CohortBuilder();
  for (const person of people) builder.add(person);
  const cohort = builder.build();
  const plot = { cohort, rules, pairs: resolvePairs(cohort, { ...rules, crossTrack: true }) };
  const nodes = new Map(groups.map((group) => [group.ordinal, nodeOf(plot, group)]));
  const start = solutionOf(plot, groups, nodes, left);
  const frozen = newBytes(cohort.size);
  for (const id of locked) {
    const person = cohort.indexOf(id);
    if (person >= 0) frozen[person] = 1;
  }
  for (const group of groups) freezeStrangers(plot, group, frozen);
  const groupOf = start.groupOf.slice();
  let done = 0;
  for (const pool of start.pools) {
    // Each search takes the start it is given for its own.
    const best = dividePool(plot, plannedOf(plot, start, pool), frozen);
    const division = costsARule(plot, start, pool, best)
      ? exchangeCarefully(plot, plannedOf(plot, start, pool), frozen)
      : best;
    for (const [at, person] of pool.members.entries())
      groupOf[person] = pool.firstGroup + (division[at] ?? 0);
    done += pool.members.length;
    onProgress({ stage: 'searching', done, total: cohort.size });
  }
  const ended: Solution = { ...start, groupOf };
  return {
    groups: regroup(plot, groups, nodes, start, ended),
    before: sumsOf(plot, start),
    after: sumsOf(plot, ended),
  };
}

type Plot = Parameters<typeof nodeOf>[0];

/** Whoever is of another track than their group was put there for a reason that exchanging does not know. */
function freezeStrangers({ cohort }: Plot, { track, memberIds }: HandGroup, frozen: Uint8Array): void {
  const own = cohort.trackNames.indexOf(track.trim());
  for (const id of memberIds) {
    const person = cohort.indexOf(id);
    if (person >= 0 && cohort.traits.track[person] !== own) frozen[person] = 1;
  }
}

function plannedOf(
  { cohort, rules }: Plot,
  { groupOf }: Solution,
  { track, node, members, groups, firstGroup }: Solution['pools'][number],
): PlannedPool {
  const start = members.map((person) => (groupOf[person] ?? 0) - firstGroup);
  return { track, node, groups, members, start, seed: poolSeed(cohort, rules, track, node) };
}

/** The groups with their people after the exchanges. */
function regroup(
  plot: Plot,
  groups: readonly HandGroup[],
  nodes: ReadonlyMap<number, number>,
  start: Solution,
  ended: Solution,
): Improved['groups'] {
  const { cohort } = plot;
  const members = new Map<number, string[]>();
  for (let person = 0; person < cohort.size; person++) {
    const group = ended.groupOf[person] ?? -1;
    if (group < 0) continue;
    const known = members.get(group);
    if (known === undefined) members.set(group, [cohort.ids[person] ?? '']);
    else known.push(cohort.ids[person] ?? '');
  }
  return groups.map(({ ordinal, memberIds }) => {
    const first = memberIds.map((id) => cohort.indexOf(id)).find((person) => person >= 0);
    const now = first === undefined ? [] : (members.get(start.groupOf[first] ?? -1) ?? []);
    return { ordinal, memberIds: now, guestIds: guestsOf(plot, now, nodes.get(ordinal) ?? 0) };
  });
}
