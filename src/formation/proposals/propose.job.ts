import type { CourseStores } from '../../course/room.ts';
import { newId } from '../../database/index.ts';
import { BadRequest } from '../../errors.ts';
import type { Jobs, Work } from '../../jobs/index.ts';
import type { CourseScope } from '../../scope.ts';
import { formInWorker } from '../engine/run.ts';
import {
  type FormationInput,
  FormationRefused,
  type FormationRules,
  type FormOptions,
} from '../engine/types.ts';
import { outcomeOf } from './outcome.ts';
import { readWaiting } from './people.store.ts';
import { formedRunOf, type Outcome, type Proposal, type ProposalStore } from './proposals.store.ts';
import { withWishes } from '../setup/setup.ts';
import type { SetupStore } from '../setup/setup.store.ts';
import type { PublishedPlaces } from '../updates/facts.ts';
import { formUpdate } from '../updates/propose-update.job.ts';
import type { Recorder, RecordStore, RunInput } from './records.store.ts';

export type ProposePayload = {
  readonly proposalId: string;
  readonly rules: FormationRules;
  /** Whether those whose place is not known are placed as well; by default they wait. */
  readonly anywhere?: boolean;
  /** Changes the groups that are published, in place of forming new ones of whoever is in none. */
  readonly update?: boolean;
  readonly by: string;
};

/** What the group room says of groups that are published: who is in one, and what they are called. */
export type PublishedGroups = {
  /** Whoever is in a group stays there. */
  personIds(scope: CourseScope): Promise<ReadonlySet<string>>;
  /** Fellows of the course who are in a group. */
  count(scope: CourseScope): Promise<number>;
  foldedNames(scope: CourseScope): Promise<ReadonlySet<string>>;
  /** The group that each of these was in last, by person; nothing of whoever never was in one. */
  former(scope: CourseScope, personIds: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** The groups there are and who is in them. */
  current(scope: CourseScope): Promise<PublishedPlaces>;
};
export type ProposeDeps = {
  readonly jobs: Jobs;
  readonly course: CourseStores;
  readonly proposals: ProposalStore;
  readonly setup: SetupStore;
  readonly records: RecordStore;
  /** Called when it is needed, for the group room is built after this one. */
  readonly published: () => PublishedGroups;
};

export const PROPOSE = 'propose';
/** Two of them want to look at one result, not make two. */
const KEY = 'propose';

/** Begins forming groups; where that is under way already, answers it. */
export function enqueuePropose(
  jobs: Jobs,
  scope: CourseScope,
  payload: ProposePayload,
): Promise<{ jobId: string; created: boolean }> {
  return jobs.enqueue({ kind: PROPOSE, courseId: scope.courseId, key: KEY, payload });
}

/** Forms groups of everyone who is in none, or changes those there are, off the web thread. */
export function definePropose({ jobs, course, proposals, setup, records, published }: ProposeDeps): void {
  /** The engine for this piece of work; a recorder takes in why everybody is where they are. */
  const engineOf =
    ({ progress, signal }: Work<ProposePayload>) =>
    (input: FormationInput, recorder?: Recorder) =>
      formed(input, {
        signal,
        onProgress: ({ stage, done, total }) => void progress(done, total, stage),
        ...(recorder !== undefined && { onExplained: (told) => recorder.explained(told) }),
      });
  const updated = async (work: Work<ProposePayload>, run: string): Promise<Outcome> => {
    const { scope, payload } = work;
    const { proposalId, rules, anywhere = false } = payload;
    const deps = {
      ...{ course, setup, current: (of: CourseScope) => published().current(of) },
      formed: engineOf(work),
      record: (input: RunInput) => records.begin(scope, { id: proposalId, run }, input),
    };
    return formUpdate(deps, scope, { rules, anywhere }, await published().foldedNames(scope));
  };
  const anew = async (work: Work<ProposePayload>, run: string): Promise<Outcome> => {
    const { scope, payload } = work;
    const { proposalId, rules, anywhere = false } = payload;
    const [placed, taken] = await Promise.all([published().personIds(scope), published().foldedNames(scope)]);
    const read = await readWaiting(course, scope, placed, anywhere);
    // Between the button and this moment the last of them may have been placed.
    if (read.people.length + read.unready.length === 0) throw new BadRequest('nobody_waiting');
    const former = await published().former(
      scope,
      read.people.map(({ id }) => id),
    );
    // What staff say of earlier groups counts before what is known of them here.
    const history = [...former].map(([a, b]) => ({ kind: 'before' as const, a, b }));
    const wishes = [...history, ...(await setup.allWishes(scope))];
    const waiting = { ...read, people: withWishes(read.people, wishes) };
    const { people } = waiting;
    const recorder = records.begin(scope, { id: proposalId, run }, { people });
    const result = await engineOf(work)({ people, rules }, recorder);
    await recorder.done();
    return outcomeOf(waiting, rules, result, taken);
  };
  /** Leaves the records of the run that formed the proposal, and of those nothing of whoever was erased meanwhile. */
  const settle = async (scope: CourseScope, proposal: Proposal): Promise<void> => {
    const run = formedRunOf(proposal);
    if (run === null) return;
    await records.settle(scope, proposal.id, run);
    const others = await course.enrolments.findMany(scope, await course.enrolments.otherIds(scope));
    const erased = others.filter(({ erasedAt }) => erasedAt !== null);
    for (const { personId } of erased) await records.erase(scope, personId);
  };
  jobs.define<ProposePayload>(PROPOSE, {
    attempts: 3,
    async run(work: Work<ProposePayload>) {
      const { scope, payload, progress, signal } = work;
      const { proposalId, rules, anywhere = false, by } = payload;
      await proposals.begin(scope, proposalId, { rules, anywhere, createdBy: by });
      // Formed before, by a worker that died before it could say so.
      const before = await proposals.select(scope, proposalId);
      if (before.state !== 'forming') {
        // It may have died before it could forget other attempts, or who was erased.
        await settle(scope, before);
        return { proposalId };
      }
      await progress(0, null, 'reading');
      const run = newId();
      const outcome = await (payload.update === true ? updated(work, run) : anew(work, run));
      signal.throwIfAborted();
      await progress(1, 1, 'writing');
      await proposals.fill(scope, proposalId, outcome, run);
      await settle(scope, await proposals.select(scope, proposalId));
      return { proposalId };
    },
  });
}

/** @throws BadRequest for what trying again does not help */
async function formed(input: FormationInput, options: FormOptions) {
  try {
    return await formInWorker(input, options);
  } catch (error) {
    if (error instanceof FormationRefused) throw new BadRequest('forming_refused');
    throw error;
  }
}
