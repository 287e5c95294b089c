import type { Room } from '../../room.ts';
import { page } from '../../web/page.ts';
import { allow, createRouter, type RoomRouter, seeOther, visitOf } from '../../web/routing.ts';

/** The first page: the course home for staff, the group for fellows, a word for everyone else. */
export function homeRouter({ rooms }: { rooms: () => readonly Room[] }): RoomRouter {
  const router = createRouter();
  router.get('/', allow('manager', 'mentor', 'fellow', 'visitor'), async (_req, res) => {
    const visit = visitOf(res);
    if (visit.role === 'fellow') {
      seeOther(res, '/group');
      return;
    }
    if (visit.role === 'visitor') {
      page(res, 'course/visitor', {});
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
      next: inOrder.find(({ done }) => !done) ?? null,
      panels: panels.filter((panel) => panel !== null),
    });
  });
  return router;
}
