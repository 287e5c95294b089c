import type { Database } from '../database/index.ts';
import { isDuplicateKey, newId } from '../database/index.ts';
import type { CourseScope } from '../scope.ts';
import { type JobDocument, jobModel, type JobProgress } from './jobs.model.ts';

export type Job = Omit<JobDocument, '_id'> & { readonly id: string };
export type NewJob = {
  readonly kind: string;
  readonly courseId: string;
  /** What must not run twice at a time in this course. */
  readonly key: string;
  readonly payload: unknown;
  readonly notBefore?: Date;
};
type End = { readonly result: unknown } | { readonly errorCode: string };

/** What pages and rooms ask of jobs. */
export function createJobStore(database: Database, clock: () => Date) {
  const jobs = jobModel(database);
  const activeLike = async ({ courseId, kind, key }: Pick<NewJob, 'courseId' | 'kind' | 'key'>) =>
    plain(await jobs.findOne({ courseId, kind, key, active: true }).lean<JobDocument>());
  return {
    /** Answers the job of this course, kind and key that waits or runs already, where there is one. */
    async insert(job: NewJob): Promise<{ jobId: string; created: boolean }> {
      for (;;) {
        const row = newRow(job, clock());
        try {
          await jobs.insertMany([row]);
          return { jobId: row._id, created: true };
        } catch (error) {
          if (!isDuplicateKey(error)) throw error;
          const active = await activeLike(job);
          if (active !== null) return { jobId: active.id, created: false };
          // It ended between the two calls: begin anew.
        }
      }
    },
    async find(scope: CourseScope, jobId: string): Promise<Job | null> {
      return plain(await jobs.findOne({ _id: jobId, courseId: scope.courseId }).lean<JobDocument>());
    },
    async findLatest(scope: CourseScope, kind: string): Promise<Job | null> {
      const { courseId } = scope;
      return plain(await jobs.findOne({ courseId, kind }).sort({ createdAt: -1 }).lean<JobDocument>());
    },
    /** Forgets what ended before a moment. */
    async sweep(before: Date): Promise<number> {
      return (await jobs.deleteMany({ active: false, finishedAt: { $lt: before } })).deletedCount;
    },
  };
}

/** What a worker does with a job. All but `claim` touch it only while the lease is still this worker's. */
export function createLeaseStore(database: Database, clock: () => Date) {
  const jobs = jobModel(database);
  const update = async (lease: Lease, $set: object, $inc: { attempts?: number } = {}): Promise<boolean> => {
    const mine = { _id: lease.jobId, leaseId: lease.leaseId, active: true };
    return (await jobs.updateOne(mine, { $set, $inc })).matchedCount === 1;
  };
  const leaseUntil = (leaseMs: number): Date => new Date(clock().getTime() + leaseMs);
  return {
    /** Takes a job of these kinds that is due and not leased, in one step: of two workers one gets it. */
    async claim(kinds: readonly string[], leaseId: string, leaseMs: number): Promise<Job | null> {
      const now = clock();
      const free = { $or: [{ leaseUntil: null }, { leaseUntil: { $lte: now } }] };
      return plain(
        await jobs
          .findOneAndUpdate(
            { active: true, dueAt: { $lte: now }, kind: { $in: kinds }, ...free },
            { $set: { state: 'running', leaseId, leaseUntil: leaseUntil(leaseMs) }, $inc: { attempts: 1 } },
            { sort: { dueAt: 1 }, new: true },
          )
          .lean<JobDocument>(),
      );
    },
    /** False where the lease was lost to another worker; so with the rest. */
    renew: (lease: Lease, leaseMs: number) => update(lease, { leaseUntil: leaseUntil(leaseMs) }),
    progress: (lease: Lease, progress: JobProgress) => update(lease, { progress }),
    finish(lease: Lease, end: End): Promise<boolean> {
      const over = { active: false, leaseId: null, leaseUntil: null, finishedAt: clock() };
      return 'result' in end
        ? update(lease, { ...over, state: 'done', result: end.result, errorCode: null })
        : update(lease, { ...over, state: 'failed', errorCode: end.errorCode });
    },
    /** Waits again; an attempt that was only interrupted does not count. */
    putBack(
      lease: Lease,
      dueAt: Date,
      errorCode: string | null,
      { counts }: { counts: boolean },
    ): Promise<boolean> {
      const waiting = { state: 'waiting', leaseId: null, leaseUntil: null, dueAt, errorCode };
      return update(lease, waiting, counts ? {} : { attempts: -1 });
    },
  };
}
export type Lease = { readonly jobId: string; readonly leaseId: string };
export type LeaseStore = ReturnType<typeof createLeaseStore>;

function newRow(job: NewJob, now: Date): JobDocument {
  return {
    _id: newId(),
    courseId: job.courseId,
    kind: job.kind,
    key: job.key,
    active: true,
    payload: job.payload,
    state: 'waiting',
    attempts: 0,
    progress: { done: 0, total: null, note: null },
    result: null,
    errorCode: null,
    dueAt: job.notBefore ?? now,
    leaseUntil: null,
    leaseId: null,
    createdAt: now,
    finishedAt: null,
  };
}

function plain(row: JobDocument | null): Job | null {
  if (row === null) return null;
  const { _id, ...rest } = row;
  return { id: _id, ...rest };
}
