import { newId } from '../database/index.ts';
import { type JobKind, LEASE_MS, perform, type PerformDeps } from './perform.ts';
import type { TimerStore } from './timers.store.ts';

export type Timer = { readonly name: string; readonly everyMs: number; run(): Promise<void> };
export type WorkerDeps = Omit<PerformDeps, 'stopping'> & {
  readonly timers: TimerStore;
  readonly kinds: ReadonlyMap<string, JobKind<unknown>>;
  readonly timed: readonly Timer[];
};

/** Between two looks at the database where nothing woke us; other processes' jobs are found by these. */
const LOOK_EVERY_MS = 2_000;
const SPREAD_MS = 500;
const PARALLEL = 4;
/** One LMS that hangs must not hold every place of a process: the other kinds keep half. */
const PARALLEL_OF_KIND = 2;
/** A timed job that failed is not put off for its whole interval. */
const TIMER_RETRY_MS = 60_000;

/** Takes jobs while it is started; `wake` looks at once. */
export function createWorker(deps: WorkerDeps) {
  const { log, random } = deps;
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  const busy = new Map<string, number>();
  let timer: NodeJS.Timeout | undefined;
  let started = false;
  let looking: Promise<void> | null = null;
  let lookAgain = false;
  let away = false;

  const over = (): boolean => stopping.signal.aborted;
  const track = (work: Promise<void>): void => {
    running.add(work);
    void work.finally(() => running.delete(work));
  };
  const count = (kind: string, by: 1 | -1): void => {
    busy.set(kind, (busy.get(kind) ?? 0) + by);
  };
  const open = (): string[] =>
    [...deps.kinds.keys()].filter((kind) => (busy.get(kind) ?? 0) < PARALLEL_OF_KIND);
  const takeAll = async (): Promise<void> => {
    track(runTimers(deps, over));
    while (running.size < PARALLEL && !over()) {
      const work = await takeOne(deps, open(), stopping.signal);
      if (work === null) return;
      count(work.kind, 1);
      track(
        work.run().then(() => {
          count(work.kind, -1);
          wake();
        }),
      );
    }
  };
  const look = (): void => {
    if (looking !== null) {
      lookAgain = true;
      return;
    }
    lookAgain = false;
    looking = takeAll()
      .then(
        () => {
          if (away) log.info('jobs: the database is back');
          away = false;
        },
        (error: unknown) => {
          // Said once, not every two seconds.
          if (!away) log.warn({ err: error }, 'jobs: could not look for work');
          away = true;
        },
      )
      .finally(() => {
        looking = null;
        schedule(lookAgain ? 0 : LOOK_EVERY_MS + random() * SPREAD_MS);
      });
  };
  const schedule = (delayMs: number): void => {
    clearTimeout(timer);
    if (started && !over()) timer = setTimeout(look, delayMs).unref();
  };
  const wake = (): void => {
    if (looking !== null) lookAgain = true;
    else schedule(0);
  };
  return {
    wake,
    start(): void {
      started = true;
      schedule(0);
    },
    async stop(): Promise<void> {
      stopping.abort(new Error('The process stops.'));
      clearTimeout(timer);
      await looking;
      await Promise.all(running);
    },
    /** Runs what is due now, timed jobs too, and waits for what runs already; answers how many jobs it ran. */
    async runDue(): Promise<number> {
      let count = 0;
      await runTimers(deps, over);
      while (!over()) {
        const work = await takeOne(deps, [...deps.kinds.keys()], stopping.signal);
        if (work !== null) {
          await work.run();
          count += 1;
        } else if (running.size > 0) await Promise.all(running);
        else break;
      }
      return count;
    },
  };
}

/** Claims a job of these kinds and answers how to do it; null where nothing is due. */
async function takeOne(
  deps: WorkerDeps,
  kinds: readonly string[],
  stopping: AbortSignal,
): Promise<{ readonly kind: string; run(): Promise<void> } | null> {
  const leaseId = newId();
  const job = await deps.leases.claim(kinds, leaseId, LEASE_MS);
  const kind = job === null ? undefined : deps.kinds.get(job.kind);
  if (job === null || kind === undefined) return null;
  return { kind: job.kind, run: () => perform({ ...deps, stopping }, job, leaseId, kind) };
}

async function runTimers({ timers, timed, log }: WorkerDeps, over: () => boolean): Promise<void> {
  for (const timer of timed) {
    const { name, everyMs } = timer;
    try {
      if (over() || !(await timers.claim(name, everyMs))) continue;
    } catch {
      // The database is away: the look that follows says so.
      return;
    }
    try {
      await timer.run();
    } catch (error) {
      log.error({ err: error, timer: name }, 'timed job failed');
      await timers.again(name, Math.min(everyMs, TIMER_RETRY_MS)).catch(() => undefined);
    }
  }
}
