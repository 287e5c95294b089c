import { AppError } from '../../errors.ts';
import type { Jobs, Work } from '../../jobs/index.ts';
import type { RosterMember, RosterSource } from '../../lti/types.ts';
import type { CourseScope } from '../../scope.ts';
import type { CourseStore } from '../courses/courses.store.ts';
import { personIdOf } from '../identity.ts';
import type { EnrolmentStore } from './enrolments.store.ts';

export type SyncPayload = { readonly allowVanish: boolean };
export type SyncResult = {
  readonly people: number;
  readonly added: number;
  readonly changed: number;
  readonly left: number;
  /** How many would vanish; a person must say yes first. Null where nothing waits. */
  readonly waiting: number | null;
};
export type SyncDeps = {
  readonly jobs: Jobs;
  readonly courses: CourseStore;
  readonly enrolments: EnrolmentStore;
  readonly rosterSource: RosterSource;
};

export const SYNC = 'sync';
const BATCH = 1_000;
/** If more than a tenth would vanish, a person confirms: a platform's bad day must not empty a course. */
const VANISHING = 0.1;

/** One sync of a course at a time. */
export function enqueueSync(
  jobs: Jobs,
  scope: CourseScope,
  payload: SyncPayload,
): Promise<{ jobId: string }> {
  return jobs.enqueue({ kind: SYNC, courseId: scope.courseId, key: scope.courseId, payload });
}

/** Takes the course's roster from its platform: all of it or nothing of it. Writes no memberships. */
export function defineSync({ jobs, courses, enrolments, rosterSource }: SyncDeps): void {
  jobs.define<SyncPayload>(SYNC, {
    attempts: 4,
    async run({ scope, payload, jobId, progress, signal }: Work<SyncPayload>): Promise<SyncResult> {
      const course = await courses.select(scope);
      const url = course.services.membershipsUrl;
      if (url === null) throw new AppError(409, 'roster_not_offered');
      // Read to the end before anything is written: a roster cut short changes nothing.
      const members = new Map<string, RosterMember>();
      for await (const page of rosterSource.members(course.platformId, url, { signal })) {
        for (const member of page) members.set(member.sub, member);
        await progress(members.size, null, 'reading');
      }
      const active = [...members.values()].filter(({ status }) => status === 'active');
      const seen = new Set(active.map(({ sub }) => personIdOf(course.platformId, sub)));
      const counts = { added: 0, changed: 0 };
      for (let start = 0; start < active.length; start += BATCH) {
        const batch = await enrolments.applyMembers(
          scope,
          course.platformId,
          jobId,
          active.slice(start, start + BATCH),
        );
        counts.added += batch.added;
        counts.changed += batch.changed;
        await progress(Math.min(start + BATCH, active.length), active.length, 'writing');
      }
      const known = await enrolments.count(scope, { state: 'active' });
      const absent = await enrolments.countAbsent(scope, seen);
      const tooMany = absent > 0 && (active.length === 0 || absent > known * VANISHING);
      if (tooMany && !payload.allowVanish)
        return { people: active.length, ...counts, left: 0, waiting: absent };
      const left = absent === 0 ? 0 : await enrolments.markAbsent(scope, seen);
      return { people: active.length, ...counts, left, waiting: null };
    },
  });
}
