import type { Logger } from 'pino';
import type { Database } from '../database/index.ts';
import type { CourseScope } from '../scope.ts';
import { createJobStore, createLeaseStore, type Job, type NewJob } from './jobs.store.ts';
import type { JobKind } from './perform.ts';
import { createTimerStore } from './timers.store.ts';
import { createWorker, type Timer } from './worker.ts';

export type { Job, NewJob } from './jobs.store.ts';
export type { JobKind, Work } from './perform.ts';

export type Jobs = {
  /** Before `start`. @throws where the kind is known already */
  define<Payload>(kind: string, job: JobKind<Payload>): void;
  /** At most one job of a course, kind and key waits or runs: asking again answers that one. */
  enqueue(job: NewJob): Promise<{ jobId: string; created: boolean }>;
  find(scope: CourseScope, jobId: string): Promise<Job | null>;
  findLatest(scope: CourseScope, kind: string): Promise<Job | null>;
  /** Runs once per interval over all processes; one that fails is tried again within a minute. */
  every(name: string, everyMs: number, run: () => Promise<void>): void;
  start(): void;
  /** Stops taking work, asks what runs to end and waits for it; what was put down is taken up by the next process. */
  stop(): Promise<void>;
  /** Runs everything that is due now and answers how many jobs that were. */
  runDue(): Promise<number>;
};

export type JobsDeps = {
  readonly database: Database;
  readonly log: Logger;
  readonly clock: () => Date;
  readonly random?: () => number;
};

const SWEEP_EVERY_MS = 3_600_000;
/** Pages tell of a job for this long after it ended. */
const KEPT_MS = 90 * 24 * 3_600_000;

/** Durable jobs: rows of our own, claimed with a lease; this process wakes itself (docs/decisions/0003-jobs.md). */
export function createJobs({ database, log, clock, random = Math.random }: JobsDeps): Jobs {
  const store = createJobStore(database, clock);
  const kinds = new Map<string, JobKind<unknown>>();
  const timed: Timer[] = [];
  const leases = createLeaseStore(database, clock);
  const timers = createTimerStore(database, clock);
  const worker = createWorker({ leases, timers, kinds, timed, log, clock, random });
  const waking = <T>(answer: T): T => {
    worker.wake();
    return answer;
  };
  const jobs: Jobs = {
    define(kind, job) {
      if (kinds.has(kind)) throw new Error(`The job ${kind} is defined twice.`);
      kinds.set(kind, job);
    },
    enqueue: async (job) => waking(await store.insert(job)),
    find: (scope, jobId) => store.find(scope, jobId),
    findLatest: (scope, kind) => store.findLatest(scope, kind),
    every(name, everyMs, run) {
      timed.push({ name, everyMs, run });
    },
    start: () => worker.start(),
    stop: () => worker.stop(),
    runDue: () => worker.runDue(),
  };
  jobs.every('sweep jobs', SWEEP_EVERY_MS, async () => {
    await store.sweep(new Date(clock().getTime() - KEPT_MS));
  });
  return jobs;
}
