import { NotFound } from '../../errors.ts';
import type { Job, Jobs } from '../../jobs/index.ts';
import type { CourseScope } from '../../scope.ts';
import { page } from '../../web/page.ts';
import { allow, createRouter, field, type RoomRouter, seeOther, visitOf } from '../../web/routing.ts';
import type { AuditStore } from '../audit/audit.store.ts';
import { displayName, type Enrolment, type EnrolmentStore } from './enrolments.store.ts';
import { enqueueSync, MOST_NAMED, SYNC, type SyncResult } from './sync.job.ts';

export type SyncRouterDeps = {
  readonly jobs: Jobs;
  readonly enrolments: EnrolmentStore;
  readonly audit: AuditStore;
};
type Named = { readonly personId: string; readonly name: string; readonly fields: readonly string[] };

/** Taking the roster from the LMS, and what came of it. */
export function syncRouter({ jobs, enrolments, audit }: SyncRouterDeps): RoomRouter {
  const router = createRouter();
  router.post('/roster/sync', allow('manager'), async (req, res) => {
    const { scope, personId } = visitOf(res);
    const mayVanish = Math.max(0, Math.trunc(Number(field(req.body, 'may_vanish')) || 0));
    await enqueueSync(jobs, scope, { mayVanish });
    await audit.note(scope, personId, 'roster_sync', null, { mayVanish });
    seeOther(res, '/roster/sync');
  });
  router.get('/roster/sync', allow('manager', 'mentor'), async (_req, res) => {
    const { scope } = visitOf(res);
    const job = await jobs.findLatest(scope, SYNC);
    if (job === null) throw new NotFound();
    page(res, 'course/sync', {
      job,
      // Between two tries: the page says when the next one is.
      again: job.state === 'waiting' && job.errorCode !== null ? job.dueAt : null,
      lists: job.state === 'done' ? await listsOf(scope, job) : null,
      most: MOST_NAMED,
      ...(job.active ? { refreshSeconds: 2 } : {}),
    });
  });

  /** The names behind the numbers, the first of each. */
  async function listsOf(scope: CourseScope, job: Job) {
    const { waiting } = job.result as SyncResult;
    const changed = async (what: 'added' | 'returned' | 'changed' | 'left'): Promise<readonly Named[]> =>
      (await enrolments.changedBy(scope, job.id, what, MOST_NAMED)).map(named);
    const [added, returned, altered, left, missing] = await Promise.all([
      changed('added'),
      changed('returned'),
      changed('changed'),
      changed('left'),
      waiting === null ? [] : enrolments.findMany(scope, waiting.firstIds),
    ]);
    return { added, returned, changed: altered, left, missing: missing.map(named) };
  }
  return router;
}

function named(person: Enrolment): Named {
  return { personId: person.personId, name: displayName(person), fields: person.change?.fields ?? [] };
}
