import type { CourseStores } from '../../course/room.ts';
import { BadRequest } from '../../errors.ts';
import { allow, createRouter, field, type RoomRouter, seeOther, visitOf } from '../../web/routing.ts';
import type { GroupPages } from '../groups/group.page.ts';
import type { AppointmentStore } from './appointments.store.ts';

export type OfficesRouterDeps = {
  readonly course: CourseStores;
  readonly appointments: AppointmentStore;
  readonly pages: GroupPages;
};

/** The Community Manager appoints a Peer Lead and a Deputy, and takes it back. */
export function officesRouter({ course, appointments, pages }: OfficesRouterDeps): RoomRouter {
  const router = createRouter();
  router.post('/groups/g/:groupId/offices', allow('manager'), async (req, res) => {
    const visit = visitOf(res);
    const { scope, personId: by } = visit;
    const { group, members, base } = await pages.here(visit, String(req.params['groupId']));
    const office = field(req.body, 'office');
    if (office !== 'lead' && office !== 'deputy') throw new BadRequest('office_unknown');
    const personId = field(req.body, 'person');
    if (field(req.body, 'end') === 'yes') {
      const recalled = await appointments.dismiss(scope, group.id, office);
      if (recalled !== null)
        await course.audit.note(scope, by, 'recall', group.id, { office, personId: recalled });
    } else {
      const member = members.find((one) => one.personId === personId && !one.left);
      if (member === undefined) throw new BadRequest('office_not_member');
      const { changed, replaced } = await appointments.appoint(scope, group.id, personId, office, by);
      if (changed) await course.audit.note(scope, by, 'appoint', group.id, { office, personId, replaced });
    }
    seeOther(res, base);
  });
  return router;
}
