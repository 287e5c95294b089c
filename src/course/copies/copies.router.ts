import { Conflict } from '../../errors.ts';
import type { Panel } from '../../room.ts';
import { allow, createRouter, type RoomRouter, seeOther, visitOf } from '../../web/routing.ts';
import type { AuditStore } from '../audit/audit.store.ts';
import type { CourseStore } from '../courses/courses.store.ts';
import type { EnrolmentStore } from '../roster/enrolments.store.ts';
import type { CopyStore } from './copies.store.ts';

export type CopiesDeps = {
  readonly copies: CopyStore;
  readonly courses: CourseStore;
  readonly enrolments: EnrolmentStore;
  readonly audit: AuditStore;
};

/** Staff's answer to the offer. */
export function copiesRouter({ copies, audit }: Pick<CopiesDeps, 'copies' | 'audit'>): RoomRouter {
  const router = createRouter();
  router.post('/copied/take', allow('manager'), async (_req, res) => {
    const { scope, personId } = visitOf(res);
    if (!(await copies.take(scope, personId))) throw new Conflict('copy_decided');
    await audit.note(scope, personId, 'take over settings', null);
    seeOther(res, '/settings');
  });
  router.post('/copied/decline', allow('manager'), async (_req, res) => {
    const { scope, personId } = visitOf(res);
    if (!(await copies.decline(scope))) throw new Conflict('copy_decided');
    await audit.note(scope, personId, 'decline settings', null);
    seeOther(res, '/');
  });
  return router;
}

/** The offer on the course home; the old course is named to those alone who were its staff. */
export function copyPanel({ copies, courses, enrolments }: Omit<CopiesDeps, 'audit'>): Panel {
  return {
    on: 'course-home',
    roles: ['manager'],
    order: 0,
    async show({ scope, personId }) {
      const from = await copies.findOffer(scope);
      if (from === null) return null;
      const [course, there] = await Promise.all([courses.find(from), enrolments.find(from, personId)]);
      const knows = there !== null && ['manager', 'mentor'].includes(there.role);
      const title = knows ? (course?.title ?? course?.label ?? null) : null;
      return { view: 'course/copied', model: { title } };
    },
  };
}
