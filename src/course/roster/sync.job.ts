import { AppError } from '../../errors.ts';
import type { Jobs, Work } from '../../jobs/index.ts';
import type { RosterMember, RosterSource } from '../../lti/types.ts';
import type { CourseScope } from '../../scope.ts';
import type { Course, CourseStore } from '../courses/courses.store.ts';
import { personIdOf } from '../identity.ts';
import type { SyncCounts, SyncStore } from './sync.store.ts';

export type SyncPayload = {
  /** How many may leave because a person said yes to that many; 0 where nobody was asked yet. */
  readonly mayVanish: number;
};
export type SyncResult = SyncCounts & {
  /** Everyone whom the LMS lists as active, staff included. */
  readonly people: number;
  /** Who would vanish, where a person must say yes first: how many, and the first of them. */
  readonly waiting: { readonly count: number; readonly firstIds: readonly string[] } | null;
};
export type SyncDeps = {
  readonly jobs: Jobs;
  readonly courses: CourseStore;
  readonly sync: SyncStore;
  readonly rosterSource: RosterSource;
  readonly peopleChanged: (scope: CourseScope) => Promise<void>;
};

export const SYNC = 'sync';
export const MOST_NAMED = 50;
const BATCH = 1_000;
/** If more than a tenth would vanish, a person confirms: a platform's bad day must not empty a course. */
const VANISHING = 0.1;
/** With the pauses between them about three quarters of an hour: an LMS that is being updated comes back. */
const ATTEMPTS = 18;

/** One sync of a course at a time. */
export function enqueueSync(
  jobs: Jobs,
  scope: CourseScope,
  payload: SyncPayload,
): Promise<{ jobId: string }> {
  return jobs.enqueue({ kind: SYNC, courseId: scope.courseId, key: scope.courseId, payload });
}

/** Takes the course's roster from its platform: all of it or nothing of it. Writes no memberships. */
export function defineSync({ jobs, courses, sync, rosterSource, peopleChanged }: SyncDeps): void {
  jobs.define<SyncPayload>(SYNC, {
    attempts: ATTEMPTS,
    async run(work): Promise<SyncResult> {
      const { scope, payload, jobId, progress, signal } = work;
      const course = await courses.select(scope);
      const active = await readRoster(rosterSource, course, work);
      const seen = new Set(active.map(({ sub }) => personIdOf(course.platformId, sub)));
      // Counted before anybody joins, or a crowd of joiners would make any number of leavers look small.
      const listed = await sync.listedIds(scope, jobId);
      for (let start = 0; start < active.length; start += BATCH) {
        signal.throwIfAborted();
        await sync.apply(scope, course.platformId, jobId, active.slice(start, start + BATCH));
        await progress(Math.min(start + BATCH, active.length), active.length, 'writing');
      }
      const absent = listed.filter((personId) => !seen.has(personId));
      const mayLeave = isUsual(absent.length, listed.length, active.length, payload);
      for (let start = 0; mayLeave && start < absent.length; start += BATCH) {
        signal.throwIfAborted();
        await sync.markLeft(scope, jobId, absent.slice(start, start + BATCH));
      }
      await peopleChanged(scope);
      const waiting = mayLeave ? null : { count: absent.length, firstIds: absent.slice(0, MOST_NAMED) };
      return { people: active.length, ...(await sync.counts(scope, jobId)), waiting };
    },
  });
}

/** Reads to the end before anything is written: a roster cut short changes nothing. */
async function readRoster(
  rosterSource: RosterSource,
  course: Course,
  { progress, signal }: Work<SyncPayload>,
): Promise<readonly RosterMember[]> {
  const { membershipsUrl: url } = course.services;
  const { deploymentId } = course;
  if (url === null) throw new AppError(409, 'roster_not_offered');
  const members = new Map<string, RosterMember>();
  await progress(0, null, 'reading');
  for await (const page of rosterSource.members(course.platformId, url, { signal, deploymentId })) {
    for (const member of page) members.set(member.sub, member);
    await progress(members.size, null, 'reading');
  }
  return [...members.values()].filter(({ status }) => status === 'active');
}

/** May so many leave unasked, or with the yes that was given? Never more than a person has seen. */
function isUsual(absent: number, listed: number, active: number, { mayVanish }: SyncPayload): boolean {
  if (absent === 0 || absent <= mayVanish) return true;
  return active > 0 && absent <= listed * VANISHING;
}
