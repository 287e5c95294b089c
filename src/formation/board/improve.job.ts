import type { CourseStores } from '../../course/room.ts';
import { Conflict } from '../../errors.ts';
import type { Jobs, Work } from '../../jobs/index.ts';
import type { CourseScope } from '../../scope.ts';
import type { Improved, ImproveInput } from '../engine/improve.ts';
import type { ImproveMessage } from '../engine/improve.worker.ts';
import { replaceSums, sumsBehind, termsFrom } from '../engine/terms.ts';
import { startThread } from '../engine/thread.ts';
import type { FormationPerson, FormationProgress } from '../engine/types.ts';
import { commonSlots } from '../proposals/outcome.ts';
import { readPeople } from '../proposals/people.store.ts';
import { newEditedRun } from '../proposals/proposed.store.ts';
import { withWishes } from '../setup/setup.ts';
import type { SetupStore } from '../setup/setup.store.ts';
import type { NewProposedGroup, Proposal, ProposalStore, UnplacedRow } from '../proposals/proposals.store.ts';
import { after, blank } from './edit.ts';
import type { EditStore } from './edits.store.ts';
import { figuresNow } from './figures.ts';

export type ImprovePayload = { readonly proposalId: string; readonly seen: number; readonly by: string };
export type ImproveDeps = {
  readonly jobs: Jobs;
  readonly clock: () => Date;
  readonly course: CourseStores;
  readonly proposals: ProposalStore;
  readonly edits: EditStore;
  readonly setup: SetupStore;
};
type Whole = {
  readonly groups: readonly NewProposedGroup[];
  readonly unplaced: readonly UnplacedRow[];
  readonly people: readonly FormationPerson[];
};

export const IMPROVE = 'improve_groups';
const MOST_LEFT = 1_000_000;

/** Begins to improve what is not locked; where that is under way for this proposal, answers it. */
export function enqueueImprove(jobs: Jobs, scope: CourseScope, payload: ImprovePayload) {
  return jobs.enqueue({ kind: IMPROVE, courseId: scope.courseId, key: payload.proposalId, payload });
}

/**
 * Exchanges people of the same track and place, off the web thread, but for those who are locked or were moved by hand.
 * The result is the rows of a run of its own; one edit lets them hold, or nothing is changed where somebody was quicker.
 */
export function defineImprove({ jobs, clock, course, proposals, edits, setup }: ImproveDeps): void {
  jobs.define<ImprovePayload>(IMPROVE, {
    attempts: 3,
    async run({ scope, payload, jobId, progress, signal }: Work<ImprovePayload>) {
      const { proposalId, seen, by } = payload;
      const mine = await edits.find(scope, proposalId, seen + 1);
      const proposal = await proposals.select(scope, proposalId);
      // Done before, or all but done, by a worker that died before it could say so.
      if (mine?.jobId === jobId && (proposal.edits > seen || (await edits.finish(scope, mine))))
        return { exchanged: mine.people };
      if (proposal.state !== 'open') throw new Conflict('board_closed');
      if (proposal.edits !== seen) throw new Conflict('board_overtaken');
      await progress(0, null, 'reading');
      const read = await readWhole(course, proposals, scope, proposal);
      const whole = { ...read, people: withWishes(read.people, await setup.allWishes(scope)) };
      const improved = await improveInThread(inputOf(proposal, whole), signal, ({ done, total }) => {
        void progress(done, total, 'searching');
      });
      signal.throwIfAborted();
      const exchanged = countExchanged(whole.groups, improved);
      if (exchanged === 0) return { exchanged };
      await progress(1, 1, 'writing');
      const run = newEditedRun(clock());
      await proposals.put(scope, { id: proposalId, run }, rowsOf(whole, improved), whole.unplaced);
      // Whoever slept here for long may find its rows swept.
      signal.throwIfAborted();
      const was = figuresNow(proposal);
      const known = proposal.board.known ?? improved.before.known;
      const sums = replaceSums(sumsBehind(was.terms, known), improved.before, improved.after);
      const terms = was.terms.length === 0 ? [] : termsFrom(sums);
      const next = { ...was, run, terms, board: { ...after(proposal, was.board), known: sums.known } };
      const edit = { ...blank(proposal, by, 'improve'), jobId, people: exchanged, was, next };
      if (await edits.add(scope, edit)) return { exchanged };
      // What is written may hold yet; what is not never will.
      if ((await edits.find(scope, proposalId, seen + 1))?.jobId !== jobId)
        await proposals.forget(scope, { id: proposalId, run }, 'this');
      throw new Conflict('board_overtaken');
    },
  });
}

async function readWhole(
  course: CourseStores,
  proposals: ProposalStore,
  scope: CourseScope,
  proposal: Proposal,
): Promise<Whole> {
  const groups = await proposals.groupsOfTracks(scope, proposal, await proposals.tracks(scope, proposal));
  const unplaced = await proposals.unplacedOf(scope, proposal, null, '', MOST_LEFT);
  const ids = [...groups.flatMap(({ memberIds }) => memberIds), ...unplaced.map(({ personId }) => personId)];
  return { groups, unplaced, people: await readPeople(course, scope, ids) };
}

function inputOf({ rules, board }: Proposal, { groups, unplaced, people }: Whole): ImproveInput {
  const lockedGroups = groups.filter(({ ordinal }) => board.lockedGroups.includes(ordinal));
  const inLocked = lockedGroups.flatMap(({ memberIds }) => memberIds);
  return {
    people,
    rules,
    groups: groups.map(({ ordinal, track, place, rung, memberIds, guestIds }) => ({
      ...{ ordinal, track, place, rung, memberIds, guestIds },
    })),
    left: unplaced.map(({ personId }) => personId),
    locked: [...board.lockedPeople, ...board.moved, ...inLocked],
  };
}

async function improveInThread(
  input: ImproveInput,
  signal: AbortSignal,
  onProgress: (progress: FormationProgress) => void,
): Promise<Improved> {
  return await new Promise((resolve, reject) => {
    const worker = startThread('improve.worker', input);
    const abort = (): void => {
      void worker.terminate();
      reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    };
    signal.addEventListener('abort', abort, { once: true });
    worker.on('message', (message: ImproveMessage) => {
      if (message.kind === 'progress') onProgress(message.progress);
      else resolve(message.improved);
    });
    worker.once('error', reject);
    worker.once('exit', (code) => {
      signal.removeEventListener('abort', abort);
      reject(new Error(`the improving thread ended with ${code}`));
    });
  });
}

function countExchanged(groups: readonly NewProposedGroup[], improved: Improved): number {
  const before = new Map(groups.flatMap(({ ordinal, memberIds }) => memberIds.map((id) => [id, ordinal])));
  return improved.groups.reduce(
    (sum, { ordinal, memberIds }) => sum + memberIds.filter((id) => before.get(id) !== ordinal).length,
    0,
  );
}

function rowsOf({ groups, people }: Whole, improved: Improved): NewProposedGroup[] {
  const byId = new Map(people.map((person) => [person.id, person]));
  const prints = new Map(
    groups.flatMap(({ memberIds, prints: own }) => memberIds.map((id, at) => [id, own[at] ?? ''])),
  );
  const now = new Map(improved.groups.map((group) => [group.ordinal, group]));
  return groups.map((group) => {
    const { memberIds, guestIds } = now.get(group.ordinal) ?? group;
    const members = memberIds.flatMap((id) => byId.get(id) ?? []);
    return {
      ...group,
      memberIds: [...memberIds],
      guestIds: [...guestIds],
      prints: memberIds.map((id) => prints.get(id) ?? ''),
      facts: { leads: members.filter(({ canLead }) => canLead).length, slots: commonSlots(members) },
    };
  });
}
