import type { Database } from '../database/index.ts';
import { isDuplicateKey, newId } from '../database/index.ts';
import type { CourseScope } from '../scope.ts';
import { type JobDocument, jobModel, type JobProgress, timerModel } from './jobs.model.ts';

export type { JobProgress, JobState } from './jobs.model.ts';
export type Job = Omit<JobDocument, '_id'> & { readonly id: string };
export type NewJob = {
  readonly kind: string;
  readonly courseId: string;
  readonly key: string;
  readonly payload: unknown;
  readonly notBefore?: Date;
};

/** Rows claimed by an atomic update with a lease; any number of processes may take from them. */
export function createJobStore(database: Database, clock: () => Date) {
  const jobs = jobModel(database);
  const timers = timerModel(database);
  return {
    async insert(job: NewJob): Promise<{ jobId: string; created: boolean }> {
      const now = clock();
      try {
        const [row] = await jobs.insertMany([
          {
            _id: newId(),
            courseId: job.courseId,
            kind: job.kind,
            key: job.key,
            active: true,
            payload: job.payload,
            state: 'waiting',
            attempts: 0,
            progress: { done: 0, total: null, note: null },
            dueAt: job.notBefore ?? now,
            createdAt: now,
          },
        ]);
        return { jobId: row?._id ?? '', created: true };
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        const row = await jobs.findOne({ kind: job.kind, key: job.key, active: true }).lean<JobDocument>();
        // It ended between the two calls: begin anew.
        return row === null ? this.insert(job) : { jobId: row._id, created: false };
      }
    },
    async find(scope: CourseScope, jobId: string): Promise<Job | null> {
      return plain(await jobs.findOne({ _id: jobId, courseId: scope.courseId }).lean<JobDocument>());
    },
    async findLatest(scope: CourseScope, kind: string): Promise<Job | null> {
      return plain(
        await jobs.findOne({ courseId: scope.courseId, kind }).sort({ createdAt: -1 }).lean<JobDocument>(),
      );
    },
    /** Takes a job that is due and not leased. */
    async claim(kinds: readonly string[], leaseId: string, leaseMs: number): Promise<Job | null> {
      const now = clock();
      return plain(
        await jobs
          .findOneAndUpdate(
            {
              active: true,
              dueAt: { $lte: now },
              kind: { $in: kinds },
              $or: [{ leaseUntil: null }, { leaseUntil: { $lte: now } }],
            },
            {
              $set: { state: 'running', leaseId, leaseUntil: new Date(now.getTime() + leaseMs) },
              $inc: { attempts: 1 },
            },
            { sort: { dueAt: 1 }, new: true },
          )
          .lean<JobDocument>(),
      );
    },
    /** False where the lease was lost to another worker. */
    async renew(jobId: string, leaseId: string, leaseMs: number): Promise<boolean> {
      const leaseUntil = new Date(clock().getTime() + leaseMs);
      return (
        (await jobs.updateOne({ _id: jobId, leaseId, active: true }, { $set: { leaseUntil } }))
          .matchedCount === 1
      );
    },
    async progress(jobId: string, leaseId: string, progress: JobProgress): Promise<void> {
      await jobs.updateOne({ _id: jobId, leaseId, active: true }, { $set: { progress } });
    },
    async finish(
      jobId: string,
      leaseId: string,
      end: { result: unknown } | { errorCode: string },
    ): Promise<void> {
      const fields =
        'result' in end
          ? { state: 'done', result: end.result, errorCode: null }
          : { state: 'failed', errorCode: end.errorCode };
      await jobs.updateOne(
        { _id: jobId, leaseId, active: true },
        { $set: { ...fields, active: false, leaseId: null, leaseUntil: null, finishedAt: clock() } },
      );
    },
    async putBack(jobId: string, leaseId: string, dueAt: Date, errorCode: string | null): Promise<void> {
      await jobs.updateOne(
        { _id: jobId, leaseId, active: true },
        { $set: { state: 'waiting', leaseId: null, leaseUntil: null, dueAt, errorCode } },
      );
    },
    /** True for the one process that may run the timed job now. */
    async claimTimer(name: string, everyMs: number): Promise<boolean> {
      const now = clock();
      try {
        const { matchedCount, upsertedCount } = await timers.updateOne(
          { _id: name, nextAt: { $lte: now } },
          { $set: { nextAt: new Date(now.getTime() + everyMs) } },
          { upsert: true },
        );
        return matchedCount + upsertedCount === 1;
      } catch (error) {
        // The row is there and not due: the upsert met it.
        if (isDuplicateKey(error)) return false;
        throw error;
      }
    },
  };
}
export type JobStore = ReturnType<typeof createJobStore>;

function plain(row: JobDocument | null): Job | null {
  if (row === null) return null;
  const { _id, ...rest } = row;
  return { id: _id, ...rest };
}
