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
/** A timed job that failed is not put off for its whole interval. */
const TIMER_RETRY_MS = 60_000;

/** Takes jobs while it is started; `wake` looks at once. */
export function createWorker(deps: WorkerDeps) {
  const { log, random } = deps;
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
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
  const takeAll = async (): Promise<void> => {
    track(runTimers(deps, over));
    while (running.size < PARALLEL && !over()) {
      const work = await takeOne(deps, stopping.signal);
      if (work === null) return;
      track(work().then(wake));
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
        const work = await takeOne(deps, stopping.signal);
        if (work !== null) {
          await work();
          count += 1;
        } else if (running.size > 0) await Promise.all(running);
        else break;
      }
      return count;
    },
  };
}

/** Claims a job and answers how to do it; null where nothing is due. */
async function takeOne(deps: WorkerDeps, stopping: AbortSignal): Promise<(() => Promise<void>) | null> {
  const leaseId = newId();
  const job = await deps.leases.claim([...deps.kinds.keys()], leaseId, LEASE_MS);
  const kind = job === null ? undefined : deps.kinds.get(job.kind);
  if (job === null || kind === undefined) return null;
  return () => perform({ ...deps, stopping }, job, leaseId, kind);
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
