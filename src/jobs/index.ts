import type { Logger } from 'pino';
import type { Database } from '../database/index.ts';
import { newId } from '../database/index.ts';
import { AppError } from '../errors.ts';
import { courseScope, type CourseScope } from '../scope.ts';
import { createJobStore, type Job, type JobStore, type NewJob } from './jobs.store.ts';

export type { Job, NewJob } from './jobs.store.ts';

/** What a job's code is given. Every job may run twice: a crash hands it to another worker when the lease ends. */
export type Work<Payload> = {
  readonly scope: CourseScope;
  readonly payload: Payload;
  readonly jobId: string;
  readonly attempt: number;
  /** Aborted when the process stops or the lease was lost: put down what is in hand. */
  readonly signal: AbortSignal;
  /** Tells the page; written at most twice a second. */
  progress(done: number, total: number | null, note?: string): Promise<void>;
};
export type JobKind<Payload> = {
  readonly leaseMs?: number;
  /** How often it is tried before it is given up. */
  readonly attempts?: number;
  /** Answers a plain result, kept for the page. */
  run(work: Work<Payload>): Promise<unknown>;
};

export type Jobs = {
  define<Payload>(kind: string, job: JobKind<Payload>): void;
  enqueue(job: NewJob): Promise<{ jobId: string; created: boolean }>;
  find(scope: CourseScope, jobId: string): Promise<Job | null>;
  findLatest(scope: CourseScope, kind: string): Promise<Job | null>;
  /** Runs once per interval over all processes. */
  every(name: string, everyMs: number, run: () => Promise<void>): void;
  start(): void;
  /** Stops taking work and waits for what runs. */
  stop(): Promise<void>;
  /** Runs everything that is due now, one after another, and answers how many jobs that were. */
  runDue(): Promise<number>;
};

const LEASE_MS = 30_000;
const ATTEMPTS = 5;
const PROGRESS_EVERY_MS = 500;
/** Between two looks at the database where nothing woke us. */
const LOOK_EVERY_MS = 2_000;
const PARALLEL = 4;

/** Durable jobs: rows of our own, claimed with a lease; this process wakes itself (docs/decisions/0003-jobs.md). */
export function createJobs({
  database,
  log,
  clock,
}: {
  database: Database;
  log: Logger;
  clock: () => Date;
}): Jobs {
  const store = createJobStore(database, clock);
  const kinds = new Map<string, JobKind<unknown>>();
  const timers: { name: string; everyMs: number; run: () => Promise<void> }[] = [];
  const running = new Set<Promise<boolean>>();
  const stopping = new AbortController();
  let timer: NodeJS.Timeout | null = null;
  let started = false;

  const runOne = async (): Promise<boolean> => {
    const leaseId = newId();
    const job = await store.claim([...kinds.keys()], leaseId, LEASE_MS);
    const kind = job === null ? undefined : kinds.get(job.kind);
    if (job === null || kind === undefined) return false;
    await perform(store, job, leaseId, kind, stopping.signal, log, clock);
    return true;
  };
  const runTimers = async (): Promise<void> => {
    for (const { name, everyMs, run } of timers) {
      if (stopping.signal.aborted || !(await store.claimTimer(name, everyMs))) continue;
      await run().catch((error: unknown) => log.error({ err: error, timer: name }, 'timed job failed'));
    }
  };
  const wake = (delayMs: number): void => {
    if (!started || stopping.signal.aborted) return;
    if (timer !== null) clearTimeout(timer);
    timer = setTimeout(look, delayMs);
  };
  const look = (): void => {
    while (running.size < PARALLEL && !stopping.signal.aborted) {
      const one = runOne().catch((error: unknown) => {
        log.warn({ err: error }, 'could not take a job');
        return false;
      });
      running.add(one);
      void one.then((found) => {
        running.delete(one);
        if (found) wake(0);
      });
    }
    void runTimers().catch((error: unknown) => log.warn({ err: error }, 'could not look at timed jobs'));
    wake(LOOK_EVERY_MS + Math.floor(Math.random() * 500));
  };
  return {
    define(kind, job) {
      kinds.set(kind, job as JobKind<unknown>);
    },
    async enqueue(job) {
      const answer = await store.insert(job);
      wake(0);
      return answer;
    },
    find: (scope, jobId) => store.find(scope, jobId),
    findLatest: (scope, kind) => store.findLatest(scope, kind),
    every(name, everyMs, run) {
      timers.push({ name, everyMs, run });
    },
    start() {
      started = true;
      wake(0);
    },
    async stop() {
      stopping.abort();
      if (timer !== null) clearTimeout(timer);
      await Promise.all(running);
    },
    async runDue() {
      let count = 0;
      while (await runOne()) count += 1;
      return count;
    },
  };
}

async function perform(
  store: JobStore,
  job: Job,
  leaseId: string,
  kind: JobKind<unknown>,
  stopping: AbortSignal,
  log: Logger,
  clock: () => Date,
): Promise<void> {
  const lost = new AbortController();
  const signal = AbortSignal.any([stopping, lost.signal]);
  const heartbeat = setInterval(() => {
    store.renew(job.id, leaseId, LEASE_MS).then(
      (mine) => !mine && lost.abort(),
      () => undefined,
    );
  }, LEASE_MS / 3);
  let told = 0;
  try {
    const result = await kind.run({
      scope: courseScope(job.courseId),
      payload: job.payload,
      jobId: job.id,
      attempt: job.attempts,
      signal,
      async progress(done, total, note) {
        const now = clock().getTime();
        if (now - told < PROGRESS_EVERY_MS && done !== total) return;
        told = now;
        await store.progress(job.id, leaseId, { done, total, note: note ?? null });
      },
    });
    await store.finish(job.id, leaseId, { result: result ?? null });
  } catch (error) {
    await handBack(store, job, leaseId, kind, error, stopping, log, clock).catch((fault: unknown) => {
      // The database is away: the lease runs out and somebody takes the job up.
      log.warn({ err: fault, jobId: job.id }, 'could not hand a job back');
    });
  } finally {
    clearInterval(heartbeat);
  }
}

async function handBack(
  store: JobStore,
  job: Job,
  leaseId: string,
  kind: JobKind<unknown>,
  error: unknown,
  stopping: AbortSignal,
  log: Logger,
  clock: () => Date,
): Promise<void> {
  if (stopping.aborted) {
    await store.putBack(job.id, leaseId, clock(), null);
    return;
  }
  const code = codeOf(error);
  const giveUp = isFinal(error) || job.attempts >= (kind.attempts ?? ATTEMPTS);
  log[giveUp ? 'error' : 'warn'](
    { err: error, jobId: job.id, kind: job.kind, attempt: job.attempts, giveUp },
    'job failed',
  );
  if (giveUp) await store.finish(job.id, leaseId, { errorCode: code });
  else await store.putBack(job.id, leaseId, new Date(clock().getTime() + pauseOf(error, job.attempts)), code);
}

/** A refusal that stays one however often it is tried. */
function isFinal(error: unknown): boolean {
  if (error instanceof AppError) return error.status < 500;
  return error instanceof Error && 'kind' in error && error.kind === 'permanent';
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[a-z_]{1,60}$/.test(code) ? code : 'unexpected';
}

/** Doubling from a second to five minutes; a platform's own wish (Retry-After) goes before. */
function pauseOf(error: unknown, attempts: number): number {
  const wish = error instanceof Error && 'retryAfterMs' in error ? error.retryAfterMs : null;
  return typeof wish === 'number' ? wish : Math.min(1_000 * 2 ** (attempts - 1), 300_000);
}
