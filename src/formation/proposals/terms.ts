import type { Term, TermName } from '../engine/types.ts';
import type { Proposal } from './proposals.store.ts';

/** How a figure of the score is read: a number of cases, a share of one, or steps of distance. */
type Measure = 'count' | 'share';
/** only: no grouping of these people into these sizes has another figure. */
export type Verdict = 'only' | 'best' | 'near' | 'between' | 'chance' | 'above';
export type ShownTerm = {
  readonly name: TermName;
  readonly measure: Measure;
  readonly value: number;
  readonly bound: number;
  /** Null where chance has nothing to say about it. */
  readonly random: number | null;
  /** Where it stands between best (0) and chance (100); null where these are one. */
  readonly at: number | null;
  readonly verdict: Verdict;
};

const SHOWN: Readonly<Partial<Record<TermName, Measure>>> = {
  location: 'count',
  no_lead: 'count',
  isolated: 'count',
  short_availability: 'count',
  no_common_language: 'count',
  together_before: 'count',
  balance_skill: 'share',
  balance_activity: 'share',
};
/** Below this two figures are one. */
const NOTHING = 1e-9;

/** With fewer groups, how many people are alone of their gender may tell who. */
const FEW_GROUPS = 5;

/** Whether what a few moves change of this figure tells nothing of those who move. */
export function namesNobody({ name }: Pick<Term, 'name'>): boolean {
  return name !== 'isolated';
}

/**
 * Whether it may be said how many are alone of their gender: of many groups, as a run left them. After a change by hand the
 * difference would tell the gender of whoever was moved.
 */
export function mayTellAlone({ groups, board }: Pick<Proposal, 'groups' | 'board'>): boolean {
  return groups >= FEW_GROUPS && board.done.length === 0;
}

/** A proposal's terms, but for those that might tell somebody's gender. */
export function tellable(proposal: Pick<Proposal, 'terms' | 'groups' | 'board'>): readonly Term[] {
  return mayTellAlone(proposal) ? proposal.terms : proposal.terms.filter(namesNobody);
}

/** The figures worth a look, each with its place between the best there can be and chance. */
export function shownTerms(terms: readonly Term[]): ShownTerm[] {
  return terms.flatMap(({ name, value, bound, random }) => {
    const measure = SHOWN[name];
    // What nobody has, such as earlier groups in a first run, says nothing.
    if (measure === undefined || Math.max(value, bound, random) < NOTHING) return [];
    const by = random - bound;
    const at = by < NOTHING ? null : Math.min(100, Math.max(0, ((value - bound) / by) * 100));
    const told = name === 'location' ? null : random;
    return [
      {
        name,
        measure,
        value,
        bound,
        random: told,
        at: told === null ? null : at,
        verdict: verdictOf(value - bound, told === null ? null : at, told !== null && by < NOTHING),
      },
    ];
  });
}

function verdictOf(above: number, at: number | null, fixed: boolean): Verdict {
  if (fixed && above < NOTHING) return 'only';
  if (above < NOTHING) return 'best';
  if (at === null) return 'above';
  if (at <= 25) return 'near';
  return at < 75 ? 'between' : 'chance';
}
