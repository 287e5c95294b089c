import type { Evidence } from '../../course/evidence/evidence.store.ts';
import type { Membership } from '../../group/groups/groups.store.ts';

/** What is counted so far; each opportunity weighs the same. */
const COUNTED_KINDS: readonly string[] = ['meetup'];
const MOST = 100;

export type Told = Pick<Evidence, 'kind' | 'opportunityId' | 'groupId' | 'occurredAt' | 'outcome'>;
export type Belonging = Pick<Membership, 'groupId' | 'from' | 'until'>;

/**
 * What an event is to the score: `met` and `missed` count; an excuse does not, nor what is disputed or unproven
 * (`unsettled`), nor what was outside the fellow's own time in that group.
 */
export type Weight = 'met' | 'missed' | 'excused' | 'unsettled' | 'outside';
export type Point = Told & { readonly weight: Weight };
export type Score = {
  /** 0 to 100, two decimals, half up; null where nothing that counts was held yet. */
  readonly score: number | null;
  readonly met: number;
  readonly missed: number;
  /** When the last event that counts was; null where there is none. */
  readonly activityAt: Date | null;
  /** Every event, oldest first, with what it is to the score. */
  readonly points: readonly Point[];
};

/**
 * A fellow's participation: 100 x met / (met + missed) over the meetups held in their own time of membership.
 * @param evidence the latest word on each opportunity, in any order
 * @param memberships all of the fellow's, past and present
 */
export function score(evidence: readonly Told[], memberships: readonly Belonging[]): Score {
  const points = evidence
    .filter(({ kind }) => COUNTED_KINDS.includes(kind))
    .map((told) => ({ ...told, weight: weightOf(told, memberships) }))
    .toSorted((a, b) => a.occurredAt.getTime() - b.occurredAt.getTime());
  const met = points.filter(({ weight }) => weight === 'met').length;
  const missed = points.filter(({ weight }) => weight === 'missed').length;
  const last = points.findLast(({ weight }) => weight === 'met' || weight === 'missed');
  return {
    score: percent(met, met + missed),
    met,
    missed,
    activityAt: last?.occurredAt ?? null,
    points,
  };
}

/** In hundredths, half up, so that two thirds are 66.67 wherever the score is shown, compared or posted. */
function percent(met: number, held: number): number | null {
  return held === 0 ? null : Math.round((met * MOST * 100) / held) / 100;
}

function weightOf({ groupId, occurredAt, outcome }: Told, memberships: readonly Belonging[]): Weight {
  const belonged = memberships.some(
    (membership) =>
      membership.groupId === groupId &&
      membership.from <= occurredAt &&
      (membership.until === null || occurredAt < membership.until),
  );
  if (!belonged) return 'outside';
  return outcome === 'disputed' || outcome === 'unproven' ? 'unsettled' : outcome;
}
