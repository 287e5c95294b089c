import type { Jobs, Work } from '../../jobs/index.ts';
import type { CourseScope } from '../../scope.ts';
import type { ProfileStore } from '../profiles/profiles.store.ts';
import { type Kept, PART, type UploadStore } from './uploads.store.ts';

export type ApplyPayload = { readonly uploadId: string };
export type ApplyDeps = {
  readonly jobs: Jobs;
  readonly uploads: UploadStore;
  readonly profiles: ProfileStore;
  readonly peopleChanged: (scope: CourseScope) => Promise<void>;
};

const APPLY = 'apply-upload';

/** Lays an upload over the profiles; a second click finds the first one's job. */
export async function enqueueApply(
  { jobs, uploads }: Pick<ApplyDeps, 'jobs' | 'uploads'>,
  scope: CourseScope,
  uploadId: string,
): Promise<void> {
  const payload: ApplyPayload = { uploadId };
  const { jobId } = await jobs.enqueue({ kind: APPLY, courseId: scope.courseId, key: uploadId, payload });
  await uploads.markApplying(scope, uploadId, jobId);
}

/** Interrupted, it begins anew: what was laid over before writes nothing the second time. */
export function defineApply({ jobs, uploads, profiles, peopleChanged }: ApplyDeps): void {
  jobs.define<ApplyPayload>(APPLY, {
    async run({ scope, payload, progress, signal }: Work<ApplyPayload>) {
      const { people, state } = await uploads.select(scope, payload.uploadId);
      if (state === 'applied') return null;
      const kept: Kept[] = [];
      for (let number = 0; number * PART < people; number += 1) {
        signal.throwIfAborted();
        const changes = await uploads.part(scope, payload.uploadId, number);
        const telling = await profiles.tell(scope, changes, 'csv');
        for (const { personId, line } of changes) {
          const fields = telling.kept.get(personId);
          if (fields !== undefined) kept.push({ line, personId, fields });
        }
        await progress(Math.min((number + 1) * PART, people), people);
      }
      await peopleChanged(scope);
      await uploads.markApplied(scope, payload.uploadId, kept);
      return null;
    },
  });
}
