import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import type { Database } from '../../src/database/index.ts';
import { BadRequest } from '../../src/errors.ts';
import { createJobs, type Job, type Jobs, type NewJob } from '../../src/jobs/index.ts';
import { ServiceError } from '../../src/lti/service-error.ts';
import { courseScope } from '../../src/scope.ts';
import { failNext, openTestDatabase } from '../support/database.ts';

const log = pino({ level: 'silent' });
const COURSE = courseScope('course-a');
const LEASE_MS = 30_000;
let database: Database;
let now: Date;
let made: Jobs[];

/** A process of its own, as far as jobs can tell: it shares nothing but the database and the time. */
function worker(): Jobs {
  const jobs = createJobs({ database, log, clock: () => now, random: () => 0.5 });
  made.push(jobs);
  return jobs;
}
const newJob = (given: Partial<NewJob> = {}): NewJob => ({
  kind: 'greet',
  courseId: COURSE.courseId,
  key: 'once',
  payload: { name: 'Ada' },
  ...given,
});
const later = (ms: number): void => {
  now = new Date(now.getTime() + ms);
};
async function stateOf(jobs: Jobs, jobId: string): Promise<Job> {
  const job = await jobs.find(COURSE, jobId);
  if (job === null) throw new Error('no such job');
  return job;
}
/** A promise and the means to keep it, where a test must hold a job in the middle. */
function gate(): { open: () => void; opened: Promise<void> } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { open, opened };
}

beforeAll(async () => {
  database = await openTestDatabase();
  createJobs({ database, log, clock: () => new Date() });
  await database.ensure();
});
beforeEach(async () => {
  now = new Date('2026-03-02T09:00:00Z');
  made = [];
  await database.connection.collection('jobs').deleteMany({});
  await database.connection.collection('timers').deleteMany({});
});
afterEach(() => Promise.all(made.map((jobs) => jobs.stop())));
afterAll(() => database.close());

describe('Enqueueing', () => {
  it('answers the job that waits already for the same course, kind and key', async () => {
    const jobs = worker();
    const answers = await Promise.all(Array.from({ length: 8 }, () => jobs.enqueue(newJob())));
    expect(new Set(answers.map(({ jobId }) => jobId)).size).toBe(1);
    expect(answers.filter(({ created }) => created)).toHaveLength(1);
  });

  it('keeps courses apart, even under the same key', async () => {
    const jobs = worker();
    const mine = await jobs.enqueue(newJob());
    const theirs = await jobs.enqueue(newJob({ courseId: 'course-b' }));
    expect(theirs.created).toBe(true);
    expect(await jobs.find(COURSE, theirs.jobId)).toBeNull();
    expect((await jobs.findLatest(COURSE, 'greet'))?.id).toBe(mine.jobId);
  });

  it('begins anew once the job is over', async () => {
    const jobs = worker();
    jobs.define('greet', { run: () => Promise.resolve('done') });
    const first = await jobs.enqueue(newJob());
    await jobs.runDue();
    expect(await jobs.enqueue(newJob())).toMatchObject({ created: true });
    expect((await stateOf(jobs, first.jobId)).state).toBe('done');
  });

  it('queues once where the answer to the first asking was lost', async () => {
    const jobs = worker();
    await failNext(database, 'insert', 'lost');
    await expect(jobs.enqueue(newJob())).rejects.toThrow();
    expect(await jobs.enqueue(newJob())).toMatchObject({ created: false });
  });

  it('wakes the workers of its own process at once, not at their next look', async () => {
    const jobs = worker();
    const { open, opened } = gate();
    jobs.define('greet', {
      run() {
        open();
        return Promise.resolve();
      },
    });
    jobs.start();
    await jobs.runDue();
    const begun = performance.now();
    await jobs.enqueue(newJob());
    await opened;
    // They look every two seconds; a busy machine may need more than the usual few milliseconds.
    expect(performance.now() - begun).toBeLessThan(1_000);
  });

  it('does not begin before its time', async () => {
    const jobs = worker();
    jobs.define('greet', { run: () => Promise.resolve() });
    await jobs.enqueue(newJob({ notBefore: new Date(now.getTime() + 60_000) }));
    expect(await jobs.runDue()).toBe(0);
    later(60_000);
    expect(await jobs.runDue()).toBe(1);
  });
});

describe('Running', () => {
  it('gives the code its payload, course and attempt, and keeps its result and progress', async () => {
    const jobs = worker();
    jobs.define<{ name: string }>('greet', {
      async run({ payload, scope, attempt, progress }) {
        await progress(2, 2, 'greeting');
        return { text: `Hello ${payload.name}`, attempt, courseId: scope.courseId };
      },
    });
    const { jobId } = await jobs.enqueue(newJob());
    await jobs.runDue();
    expect(await stateOf(jobs, jobId)).toMatchObject({
      state: 'done',
      result: { text: 'Hello Ada', attempt: 1, courseId: 'course-a' },
      progress: { done: 2, total: 2, note: 'greeting' },
      errorCode: null,
    });
  });

  it('gives each job to one of two workers that look at the same time', async () => {
    const runs: string[] = [];
    const workers = [worker(), worker()];
    for (const jobs of workers)
      jobs.define<number>('greet', { run: ({ payload }) => Promise.resolve(runs.push(String(payload))) });
    for (let index = 0; index < 30; index += 1)
      await workers[0]?.enqueue(newJob({ key: String(index), payload: index }));
    const counts = await Promise.all(workers.map((jobs) => jobs.runDue()));
    expect(counts.reduce((sum, count) => sum + count)).toBe(30);
    expect(new Set(runs).size).toBe(30);
    expect(runs).toHaveLength(30);
  });

  it('leaves a job alone while its lease lasts and takes it over afterwards', async () => {
    const { open, opened } = gate();
    const [stalled, other] = [worker(), worker()];
    stalled.define('greet', { run: () => opened.then(() => 'too late') });
    other.define('greet', { run: ({ attempt }) => Promise.resolve(`by attempt ${attempt}`) });
    const { jobId } = await stalled.enqueue(newJob());
    const stalling = stalled.runDue();
    while ((await stateOf(other, jobId)).state !== 'running');
    later(LEASE_MS - 1);
    expect(await other.runDue()).toBe(0);
    later(1);
    expect(await other.runDue()).toBe(1);
    open();
    await stalling;
    expect((await stateOf(other, jobId)).result).toBe('by attempt 2');
  });

  it('keeps the lease of long work, and tells the work when it was lost', async () => {
    const jobs = worker();
    const { open, opened } = gate();
    jobs.define('greet', {
      leaseMs: 150,
      async run({ signal, jobId }) {
        const before = (await stateOf(jobs, jobId)).leaseUntil;
        later(1_000);
        while ((await stateOf(jobs, jobId)).leaseUntil?.getTime() === before?.getTime());
        // Another worker's, from here on.
        await database.connection.collection('jobs').updateOne({}, { $set: { leaseId: 'other' } });
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        open();
        signal.throwIfAborted();
      },
    });
    const { jobId } = await jobs.enqueue(newJob());
    await jobs.runDue();
    await opened;
    expect(await stateOf(jobs, jobId)).toMatchObject({ state: 'running', leaseId: 'other' });
  });

  it('puts a job down when the process stops, for the next one, and does not count it as an attempt', async () => {
    const [stopped, next] = [worker(), worker()];
    const { open, opened } = gate();
    stopped.define('greet', {
      async run({ signal }) {
        open();
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        signal.throwIfAborted();
      },
    });
    next.define('greet', { run: ({ attempt }) => Promise.resolve(attempt) });
    const { jobId } = await stopped.enqueue(newJob());
    stopped.start();
    await opened;
    await stopped.stop();
    expect(await stateOf(next, jobId)).toMatchObject({ state: 'waiting', attempts: 0, errorCode: null });
    await next.runDue();
    expect((await stateOf(next, jobId)).result).toBe(1);
  });

  it('does not begin a job that was claimed while the process stops', async () => {
    let looks = -Infinity;
    const stopping = createJobs({
      database,
      log,
      // Two looks at the clock are for the timed job, which is not due again; the third is for the claim.
      clock() {
        if ((looks += 1) === 3) void stopping.stop();
        return now;
      },
    });
    await stopping.runDue();
    let begun = false;
    stopping.define('greet', {
      run() {
        begun = true;
        return Promise.resolve();
      },
    });
    const other = worker();
    const { jobId } = await other.enqueue(newJob());
    looks = 0;
    expect(await stopping.runDue()).toBe(1);
    expect(begun).toBe(false);
    expect(await stateOf(other, jobId)).toMatchObject({ state: 'waiting', attempts: 0, leaseId: null });
  });

  it('survives a database that is away when it hands a job back', async () => {
    const jobs = worker();
    let runs = 0;
    jobs.define('greet', {
      async run() {
        runs += 1;
        if (runs === 1) await failNext(database, 'update', 'drop', { times: 2 });
      },
    });
    const { jobId } = await jobs.enqueue(newJob());
    await jobs.runDue();
    expect((await stateOf(jobs, jobId)).state).toBe('running');
    later(LEASE_MS);
    await jobs.runDue();
    expect(await stateOf(jobs, jobId)).toMatchObject({ state: 'done', attempts: 2 });
  });
});

describe('Failing', () => {
  const failing = (error: unknown): Jobs => {
    const jobs = worker();
    jobs.define('greet', { attempts: 3, run: () => Promise.reject(error as Error) });
    return jobs;
  };

  it('tries again after growing pauses, then gives up and says why', async () => {
    const jobs = failing(new ServiceError('retry', 'platform_busy'));
    const { jobId } = await jobs.enqueue(newJob());
    await jobs.runDue();
    expect(await stateOf(jobs, jobId)).toMatchObject({ state: 'waiting', errorCode: 'platform_busy' });
    later(999);
    expect(await jobs.runDue()).toBe(0);
    later(1);
    expect(await jobs.runDue()).toBe(1);
    later(1_999);
    expect(await jobs.runDue()).toBe(0);
    later(1);
    await jobs.runDue();
    expect(await stateOf(jobs, jobId)).toMatchObject({
      state: 'failed',
      attempts: 3,
      errorCode: 'platform_busy',
    });
  });

  it('waits as long as the platform asks for', async () => {
    const jobs = failing(new ServiceError('retry', 'platform_busy', { retryAfterMs: 120_000 }));
    await jobs.enqueue(newJob());
    await jobs.runDue();
    later(119_999);
    expect(await jobs.runDue()).toBe(0);
    later(1);
    expect(await jobs.runDue()).toBe(1);
  });

  it.each([
    ['a permanent refusal of the platform', new ServiceError('permanent', 'platform_refused')],
    ['a refusal of our own', new BadRequest('nothing_to_do')],
  ])('does not try again after %s', async (_what, error) => {
    const jobs = failing(error);
    const { jobId } = await jobs.enqueue(newJob());
    await jobs.runDue();
    expect(await stateOf(jobs, jobId)).toMatchObject({ state: 'failed', attempts: 1, errorCode: error.code });
  });

  it('keeps what an unforeseen error says out of the row', async () => {
    const jobs = failing(Object.assign(new Error('ada@example.org'), { code: 'ada@example.org' }));
    const { jobId } = await jobs.enqueue(newJob());
    await jobs.runDue();
    expect((await stateOf(jobs, jobId)).errorCode).toBe('unexpected');
  });

  it('gives up a job that ended its process each time', async () => {
    const jobs = failing(new Error('never reached'));
    const { jobId } = await jobs.enqueue(newJob());
    await database.connection.collection('jobs').updateOne({}, { $set: { attempts: 3 } });
    await jobs.runDue();
    expect(await stateOf(jobs, jobId)).toMatchObject({ state: 'failed', errorCode: 'unexpected' });
  });
});

describe('Timed jobs', () => {
  it('run once per interval over all processes', async () => {
    let runs = 0;
    const workers = [worker(), worker(), worker()];
    for (const jobs of workers) jobs.every('count', 60_000, () => Promise.resolve(void (runs += 1)));
    const all = () => Promise.all(workers.map((jobs) => jobs.runDue()));
    await all();
    expect(runs).toBe(1);
    later(59_999);
    await all();
    expect(runs).toBe(1);
    later(1);
    await all();
    expect(runs).toBe(2);
  });

  it('are tried again within a minute where they fail', async () => {
    const jobs = worker();
    let runs = 0;
    jobs.every('daily', 86_400_000, () => {
      runs += 1;
      return Promise.reject(new Error('no'));
    });
    await jobs.runDue();
    later(60_000);
    await jobs.runDue();
    expect(runs).toBe(2);
  });

  it('forget jobs that ended long ago, and no others', async () => {
    const jobs = worker();
    jobs.define('greet', { run: () => Promise.resolve() });
    const ended = await jobs.enqueue(newJob());
    await jobs.runDue();
    const waiting = await jobs.enqueue(newJob({ notBefore: new Date('2030-01-01') }));
    later(91 * 86_400_000);
    await jobs.runDue();
    expect(await jobs.find(COURSE, ended.jobId)).toBeNull();
    expect(await jobs.find(COURSE, waiting.jobId)).not.toBeNull();
  });
});

describe('A kind whose jobs hang', () => {
  it('leaves places of the process to the others', async () => {
    const jobs = worker();
    const hold = gate();
    const done = gate();
    let most = 0;
    let hanging = 0;
    jobs.define('hang', {
      async run() {
        most = Math.max(most, (hanging += 1));
        await hold.opened;
        hanging -= 1;
      },
    });
    jobs.define('greet', {
      run() {
        done.open();
        return Promise.resolve();
      },
    });
    for (const key of ['a', 'b', 'c', 'd', 'e']) await jobs.enqueue(newJob({ kind: 'hang', key }));
    later(1);
    await jobs.enqueue(newJob());
    jobs.start();
    await done.opened;
    expect(most).toBe(2);
    hold.open();
  });
});
