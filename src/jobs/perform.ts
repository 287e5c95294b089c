import type { Logger } from 'pino';
import { AppError } from '../errors.ts';
import { courseScope, type CourseScope } from '../scope.ts';
import type { Job, Lease, LeaseStore } from './jobs.store.ts';

/**
 * What a job's code is given. Every job may run twice: a crash hands it to another worker when the lease ends. Once
 * `signal` is aborted (the process stops, or the lease is lost), throw: what returns is taken for done.
 */
export type Work<Payload> = {
  readonly scope: CourseScope;
  readonly payload: Payload;
  readonly jobId: string;
  /** 1 at the first time. */
  readonly attempt: number;
  readonly signal: AbortSignal;
  /** Tells the page; written at most twice a second, and never a reason to fail. `note` is a key of words. */
  readonly progress: (done: number, total: number | null, note?: string) => Promise<void>;
};

export type JobKind<Payload> = {
  /** How long a worker may be silent before another takes its job; renewed while it runs. Half a minute. */
  readonly leaseMs?: number;
  /** How often it is tried before it is given up; crashes count. Five. */
  readonly attempts?: number;
  /**
   * Answers a plain result, kept for the page. An error with `retryAfterMs` is tried again then; an AppError below 500,
   * or one whose `kind` is permanent, not at all.
   */
  run(work: Work<Payload>): Promise<unknown>;
};

export type PerformDeps = {
  readonly leases: LeaseStore;
  readonly log: Logger;
  readonly clock: () => Date;
  readonly random: () => number;
  readonly stopping: AbortSignal;
};

export const LEASE_MS = 30_000;
const ATTEMPTS = 5;
const PROGRESS_EVERY_MS = 500;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 300_000;
/** A platform may ask for patience, not for ever. */
const LONGEST_WISH_MS = 24 * 3_600_000;

/** Runs one claimed job and writes how it ended. Never throws: at the worst the lease runs out. */
export async function perform(
  deps: PerformDeps,
  job: Job,
  leaseId: string,
  kind: JobKind<unknown>,
): Promise<void> {
  const { leases, log, stopping } = deps;
  const lease: Lease = { jobId: job.id, leaseId };
  const hold = await holdLease(leases, lease, kind.leaseMs ?? LEASE_MS, stopping);
  try {
    // A job that ended its process each time would do so for ever.
    if (job.attempts > (kind.attempts ?? ATTEMPTS)) throw new GaveUp();
    // Claimed while the process began to stop: nobody would tell its code any more.
    hold.signal.throwIfAborted();
    const result = await kind.run({
      scope: courseScope(job.courseId),
      payload: job.payload,
      jobId: job.id,
      attempt: job.attempts,
      signal: hold.signal,
      progress: progressOf(leases, lease),
    });
    if (!(await leases.finish(lease, { result: result ?? null })))
      log.warn({ jobId: job.id, kind: job.kind }, 'job ended after its lease was lost');
  } catch (error) {
    await handBack(deps, job, lease, kind, error).catch((fault: unknown) => {
      // The database is away: the lease runs out and somebody takes the job up.
      log.warn({ err: fault, jobId: job.id }, 'could not hand a job back');
    });
  } finally {
    hold.end();
  }
}

class GaveUp extends Error {}

/**
 * Renews the lease until ended; `signal` is aborted when the process stops, or the lease is another's, or may be, for
 * want of an answer. A controller of its own, for Node may collect what AbortSignal.any makes before it is aborted
 * (nodejs/node#65995).
 */
async function holdLease(
  leases: LeaseStore,
  lease: Lease,
  leaseMs: number,
  stopping: AbortSignal,
): Promise<{ signal: AbortSignal; end(): void }> {
  const work = new AbortController();
  const stop = (): void => work.abort(stopping.reason);
  if (stopping.aborted) stop();
  stopping.addEventListener('abort', stop);
  let sure = performance.now() + leaseMs;
  const renew = async (): Promise<void> => {
    const asked = performance.now();
    const mine = await leases.renew(lease, leaseMs).catch(() => null);
    if (mine === true) sure = asked + leaseMs;
    if (mine === false || performance.now() > sure) work.abort(new Error('The lease was lost.'));
  };
  // It was claimed for the usual time, before its kind was known.
  if (leaseMs !== LEASE_MS) await renew();
  const heartbeat = setInterval(() => void renew(), leaseMs / 3);
  const end = (): void => {
    clearInterval(heartbeat);
    stopping.removeEventListener('abort', stop);
  };
  return { signal: work.signal, end };
}

function progressOf(leases: LeaseStore, lease: Lease): Work<unknown>['progress'] {
  let told = -Infinity;
  return async (done, total, note) => {
    const now = performance.now();
    if (now - told < PROGRESS_EVERY_MS && done !== total) return;
    told = now;
    await leases.progress(lease, { done, total, note: note ?? null }).catch(() => false);
  };
}

async function handBack(
  { leases, log, clock, random, stopping }: PerformDeps,
  job: Job,
  lease: Lease,
  kind: JobKind<unknown>,
  error: unknown,
): Promise<void> {
  if (stopping.aborted) {
    await leases.putBack(lease, clock(), job.errorCode, { counts: false });
    return;
  }
  const errorCode = codeOf(error);
  const giveUp = isFinal(error) || job.attempts >= (kind.attempts ?? ATTEMPTS);
  log[giveUp ? 'error' : 'warn'](
    { err: error, jobId: job.id, kind: job.kind, attempt: job.attempts, giveUp },
    'job failed',
  );
  if (giveUp) await leases.finish(lease, { errorCode });
  else {
    const dueAt = new Date(clock().getTime() + pauseOf(error, job.attempts, random));
    await leases.putBack(lease, dueAt, errorCode, { counts: true });
  }
}

/** A refusal that stays one however often it is tried. */
function isFinal(error: unknown): boolean {
  if (error instanceof GaveUp) return true;
  if (error instanceof AppError) return error.status < 500;
  return error instanceof Error && 'kind' in error && error.kind === 'permanent';
}

function codeOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[a-z][a-z0-9_]{0,59}$/.test(code) ? code : 'unexpected';
}

/** Doubling from a second to five minutes, spread by a fifth; a platform's own wish (Retry-After) goes before. */
function pauseOf(error: unknown, attempts: number, random: () => number): number {
  const wish = error instanceof Error && 'retryAfterMs' in error ? error.retryAfterMs : null;
  if (typeof wish === 'number' && wish >= 0) return Math.min(wish, LONGEST_WISH_MS);
  const pause = Math.min(FIRST_PAUSE_MS * 2 ** (attempts - 1), LONGEST_PAUSE_MS);
  return Math.round(pause * (0.9 + 0.2 * random()));
}
