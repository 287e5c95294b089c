import type { Room } from '../../room.ts';
import { page } from '../../web/page.ts';
import { allow, createRouter, type RoomRouter, seeOther, visitOf } from '../../web/routing.ts';
import type { CourseStore } from '../courses/courses.store.ts';
import type { EnrolmentStore } from '../roster/enrolments.store.ts';
import { installationOf } from './installation.ts';

export type HomeDeps = {
  readonly courses: CourseStore;
  readonly enrolments: EnrolmentStore;
  readonly rooms: () => readonly Room[];
};

/**
 * The first page: the course home for staff, the group for fellows, for the LMS's administrator the state of the
 * installation and no people, a word for everyone else.
 */
export function homeRouter({ courses, enrolments, rooms }: HomeDeps): RoomRouter {
  const router = createRouter();
  router.get('/', allow('manager', 'mentor', 'fellow', 'visitor'), async (_req, res) => {
    const visit = visitOf(res);
    if (visit.role === 'fellow') {
      seeOther(res, '/group');
      return;
    }
    if (visit.role === 'visitor') {
      const person = await enrolments.find(visit.scope, visit.personId);
      if (person?.launchRole === 'administrator') {
        const { services } = await courses.select(visit.scope);
        page(res, 'course/installation', { facts: installationOf(services) });
      } else page(res, 'course/visitor', {});
      return;
    }
    const all = rooms();
    const [figures, steps, panels] = await Promise.all([
      Promise.all(all.map((room) => room.figures(visit.scope))),
      Promise.all(all.map((room) => room.steps(visit.scope))),
      Promise.all(
        all
          .flatMap((room) => room.panels)
          .filter((panel) => panel.on === 'course-home' && panel.roles.includes(visit.role))
          .toSorted((a, b) => a.order - b.order)
          .map((panel) => panel.show(visit, null)),
      ),
    ]);
    const inOrder = steps.flat().toSorted((a, b) => a.order - b.order);
    page(res, 'course/home', {
      wide: true,
      figures: figures.flat().toSorted((a, b) => a.order - b.order),
      steps: inOrder,
      next: inOrder.find(({ done, enough = false }) => !done && !enough) ?? null,
      left: inOrder.some(({ done }) => !done),
      panels: panels.filter((panel) => panel !== null),
    });
  });
  return router;
}
