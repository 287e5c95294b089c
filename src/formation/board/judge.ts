import {
  breachesOf,
  figuresOf,
  GROUP_FIGURES,
  type GroupFigures,
  guestsOf,
  HARD_RULES,
  nodeOf,
  peopleOf,
  solutionOf,
} from '../engine/by-hand.ts';
import type { Plot } from '../engine/pool.ts';
import { sumsOf, type Sums } from '../engine/terms.ts';
import { commonSlots } from '../proposals/outcome.ts';
import type { FormationPerson } from '../engine/types.ts';
import type { NewProposedGroup } from '../proposals/proposals.store.ts';
import type { Effect, Step } from './edits.store.ts';

/** The tracks that a move concerns: their people, their groups, and who of them is in none. */
export type Table = {
  readonly plot: Plot;
  readonly people: ReadonlyMap<string, FormationPerson>;
  readonly groups: readonly NewProposedGroup[];
  readonly left: readonly string[];
};
/** A hard rule that a group would break, or break further, and how often it did before. */
export type Break = {
  readonly ordinal: number;
  readonly name: string;
  readonly rule: (typeof HARD_RULES)[number];
  readonly size: number;
  readonly track: string;
};
export type Judged = { readonly effects: readonly Effect[]; readonly breaks: readonly Break[] };

/** What steps would do to the groups they concern. */
export function judge(table: Table, steps: readonly Step[]): Judged {
  const { plot } = table;
  const effects: Effect[] = [];
  const breaks: Break[] = [];
  for (const group of concerned(table, steps)) {
    const node = nodeOf(plot, group);
    const after = peopleOf(plot, membersAfter(group, steps));
    const before = peopleOf(plot, group.memberIds);
    const { ordinal, name, track } = group;
    effects.push({
      ordinal,
      name,
      before: figuresOf(plot, before, node),
      after: figuresOf(plot, after, node),
    });
    const was = breachesOf(plot, track, before);
    const is = breachesOf(plot, track, after);
    for (const rule of HARD_RULES)
      // People who are parted are parted once, though both groups lack somebody.
      if (is[rule] > was[rule] && !(rule === 'together' && breaks.some((one) => one.rule === rule)))
        breaks.push({ ordinal, name, rule, size: after.length, track });
  }
  return { effects, breaks };
}

/** What the terms of these tracks are made of, before and after the steps. */
export function sumsAround(table: Table, steps: readonly Step[]): { before: Sums; after: Sums } {
  const { plot, groups, left } = table;
  const nodes = new Map(groups.map((group) => [group.ordinal, nodeOf(plot, group)]));
  const moved = groups.map((group) => ({ ...group, memberIds: membersAfter(group, steps) }));
  const placed = new Set(steps.filter(({ to }) => to !== null).map(({ personId }) => personId));
  const out = steps.filter(({ from, to }) => from !== null && to === null).map(({ personId }) => personId);
  const leftAfter = [...left.filter((id) => !placed.has(id)), ...out];
  return {
    before: sumsOf(plot, solutionOf(plot, groups, nodes, left)),
    after: sumsOf(plot, solutionOf(plot, moved, nodes, leftAfter)),
  };
}

/**
 * The rows of the groups that steps concern, before and after.
 * @param prints what was known of those who come from no group
 */
export function rowsAround(
  table: Table,
  steps: readonly Step[],
  prints: ReadonlyMap<string, string>,
): { before: NewProposedGroup[]; after: NewProposedGroup[] } {
  const before = concerned(table, steps);
  const known = new Map(prints);
  for (const { memberIds, prints: own } of before)
    for (const [at, id] of memberIds.entries()) known.set(id, own[at] ?? '');
  const after = before.map((group) => {
    const memberIds = membersAfter(group, steps);
    const members = memberIds.flatMap((id) => table.people.get(id) ?? []);
    return {
      ...group,
      memberIds,
      guestIds: guestsOf(table.plot, memberIds, nodeOf(table.plot, group)),
      prints: memberIds.map((id) => known.get(id) ?? ''),
      facts: { leads: members.filter(({ canLead }) => canLead).length, slots: commonSlots(members) },
    };
  });
  return { before, after };
}

/** What is different between two counts of one group, figure by figure: of those that may be shown. */
export function changesOf({ before, after }: Pick<Effect, 'before' | 'after'>): (keyof GroupFigures)[] {
  return GROUP_FIGURES.filter((name) => before[name] !== after[name]);
}

function concerned({ groups }: Table, steps: readonly Step[]): NewProposedGroup[] {
  const ordinals = new Set(steps.flatMap(({ from, to }) => [from, to]));
  return groups.filter(({ ordinal }) => ordinals.has(ordinal));
}

function membersAfter({ ordinal, memberIds }: NewProposedGroup, steps: readonly Step[]): string[] {
  const gone = new Set(steps.filter(({ from }) => from === ordinal).map(({ personId }) => personId));
  const came = steps.filter(({ to }) => to === ordinal).map(({ personId }) => personId);
  return [...memberIds.filter((id) => !gone.has(id)), ...came];
}
