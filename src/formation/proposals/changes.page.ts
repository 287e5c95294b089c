import { setTimeout as pause } from 'node:timers/promises';
import type { CourseStores } from '../../course/room.ts';
import type { CourseScope } from '../../scope.ts';
import { readWaiting } from './people.store.ts';
import type { PublishedGroups } from './propose.job.ts';
import type { Proposal, ProposalStore } from './proposals.store.ts';
import { type Changes, compareSnapshots, printOf, snapshotOf } from './snapshot.ts';

export type ChangesDeps = {
  readonly course: CourseStores;
  readonly proposals: ProposalStore;
  readonly published: () => PublishedGroups;
  /** Courses of so many people are compared at every look. */
  readonly small?: number;
  /** How long a page waits for a larger course, in milliseconds. */
  readonly patienceMs?: number;
  /** How long the answer for a larger course is good while its counts stay, in milliseconds. */
  readonly freshMs?: number;
};
type Kept = { readonly counts: string; readonly answer: Promise<Changes | null>; doneAt: number | null };

/** Proposals that somebody looks at, of one process. */
const MOST_KEPT = 50;

/**
 * How the people have changed since a proposal was formed: null where they are the same, `pending` where comparing takes
 * longer than a page should; then the next look finds it done.
 */
export function createChanges(deps: ChangesDeps) {
  const { course, published, small = 2_000, patienceMs = 500, freshMs = 10_000 } = deps;
  const kept = new Map<string, Kept>();

  /** What is cheap to ask and differs as soon as somebody comes, goes or is placed. */
  const countsOf = async (scope: CourseScope): Promise<string> => {
    const fellows = course.enrolments.count(scope, { state: 'active', role: 'fellow' });
    const counts = await Promise.all([fellows, course.countUnknown(scope), published().count(scope)]);
    return counts.join();
  };
  const answerOf = (scope: CourseScope, proposal: Proposal, counts: string): Promise<Changes | null> => {
    const known = kept.get(proposal.id);
    const fresh = known?.doneAt == null || performance.now() - known.doneAt < freshMs;
    if (known?.counts === counts && fresh) return known.answer;
    const answer = compare(deps, scope, proposal);
    const entry: Kept = { counts, answer, doneAt: null };
    const [oldest] = kept.keys();
    if (kept.size >= MOST_KEPT && oldest !== undefined) kept.delete(oldest);
    kept.set(proposal.id, entry);
    answer.then(
      () => (entry.doneAt = performance.now()),
      () => kept.delete(proposal.id),
    );
    return answer;
  };
  return async (scope: CourseScope, proposal: Proposal): Promise<Changes | null | 'pending'> => {
    if (proposal.people <= small) return compare(deps, scope, proposal);
    const answer = answerOf(scope, proposal, await countsOf(scope));
    return Promise.race([answer, pause(patienceMs, 'pending' as const, { ref: false })]);
  };
}

async function compare(
  { course, proposals, published }: ChangesDeps,
  scope: CourseScope,
  proposal: Proposal,
): Promise<Changes | null> {
  // An update is about everybody, whether in a group or not.
  const placed = proposal.update == null ? await published().personIds(scope) : new Set<string>();
  const { people, unready } = await readWaiting(course, scope, placed, proposal.anywhere);
  const all = [...people, ...unready.map(({ person }) => person)];
  const now = new Map(all.map((person) => [person.id, printOf(person)]));
  if (snapshotOf(now) === proposal.snapshot) return null;
  return compareSnapshots(await proposals.prints(scope, proposal), now, placed);
}
