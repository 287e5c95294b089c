import type { Grade } from './decide.ts';

/** What one posting did with one fellow's grade. `waiting`: nothing yet. */
export type RunOutcome = 'refused' | 'held' | 'waiting' | 'posted' | 'kept' | 'unchanged';
/** A posting's word on a row: written with the row itself, so that no crash parts what was done from what is told. */
export type RunMark = {
  /** The posting. */
  id: string;
  outcome: RunOutcome;
  /** What was to be posted; null for nothing. */
  score: Grade;
  /** The LMS's grade that held it. */
  found: Grade;
  /** Why it was refused or held; a key of words. */
  reason: string | null;
  /** A score was sent in this posting, whether or not the answer came. */
  tried: boolean;
};
/** The marks of a row: the last posting of the whole course, and the last one that staff ordered for this fellow. */
export type Marks = { readonly run: RunMark | null; readonly order: RunMark | null };

/** As a page of results shows them: what needs a person first. */
export const OUTCOMES: readonly RunOutcome[] = ['refused', 'held', 'waiting', 'posted', 'kept', 'unchanged'];

/** A mark for a grade that goes in line. */
export function waitingMark(id: string, score: Grade): RunMark {
  return { id, outcome: 'waiting', score, found: null, reason: null, tried: false };
}

/** The marks of a row whose score is about to be sent. */
export function triedMarks({ run, order }: Marks): Marks {
  const tried = (mark: RunMark | null): RunMark | null =>
    mark?.outcome === 'waiting' ? { ...mark, tried: true } : mark;
  return { run: tried(run), order: tried(order) };
}

/**
 * The marks of a row that is done with; what was told of an earlier posting stays as it was. A grade that was sent and
 * found there after its answer was lost was posted by this very run.
 */
export function settledMarks(
  { run, order }: Marks,
  outcome: RunOutcome,
  { found = null, reason = null }: { readonly found?: Grade; readonly reason?: string | null } = {},
): Marks {
  const settled = (mark: RunMark | null): RunMark | null => {
    if (mark?.outcome !== 'waiting') return mark;
    const became = outcome === 'unchanged' && mark.tried ? 'posted' : outcome;
    return { ...mark, outcome: became, found, reason };
  };
  return { run: settled(run), order: settled(order) };
}
