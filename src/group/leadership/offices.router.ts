import type { CourseStores } from '../../course/room.ts';
import { BadRequest } from '../../errors.ts';
import { page } from '../../web/page.ts';
import { allow, createRouter, field, type RoomRouter, seeOther, visitOf } from '../../web/routing.ts';
import type { GroupPages } from '../groups/group.page.ts';
import type { AppointmentStore } from './appointments.store.ts';
import type { Candidate, Vacancies } from './vacancies.page.ts';

export type OfficesRouterDeps = {
  readonly course: CourseStores;
  readonly appointments: AppointmentStore;
  readonly vacancies: Vacancies;
  readonly pages: GroupPages;
};

/** What a page of names may weigh on a phone. */
const SHOWN = 50;
const AT_ONCE = 10;

/** The Community Manager appoints a Peer Lead and a Deputy, in one group or in all without a lead, and takes it back. */
export function officesRouter({ course, appointments, vacancies, pages }: OfficesRouterDeps): RoomRouter {
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
      seeOther(res, base, { code: `ended_${office}` });
      return;
    }
    const member = members.find((one) => one.personId === personId && !one.left);
    if (member === undefined) throw new BadRequest('office_not_member');
    const { changed, replaced } = await appointments.appoint(scope, group.id, personId, office, by);
    if (changed) await course.audit.note(scope, by, 'appoint', group.id, { office, personId, replaced });
    seeOther(res, base, { code: `appointed_${office}` });
  });

  router.get('/groups/leads', allow('manager'), async (_req, res) => {
    const { scope } = visitOf(res);
    const { groupsVersion } = await course.courses.select(scope);
    const { chosen, ...rest } = await vacancies.candidates(scope, groupsVersion);
    page(res, 'group/leads', { ...rest, total: chosen.length, shown: chosen.slice(0, SHOWN) });
  });
  router.post('/groups/leads', allow('manager'), async (_req, res) => {
    const { scope, personId: by } = visitOf(res);
    const { groupsVersion } = await course.courses.select(scope);
    const { chosen } = await vacancies.candidates(scope, groupsVersion);
    const appoint = async ({ group, personId, instead }: Candidate): Promise<number> => {
      const vacancy = { groupId: group.id, office: 'lead', personId, by, instead } as const;
      if (!(await appointments.fill(scope, vacancy))) return 0;
      const details = { office: 'lead', personId, replaced: instead, bulk: true };
      await course.audit.note(scope, by, 'appoint', group.id, details);
      return 1;
    };
    let count = 0;
    for (let start = 0; start < chosen.length; start += AT_ONCE)
      for (const done of await Promise.all(chosen.slice(start, start + AT_ONCE).map(appoint))) count += done;
    seeOther(res, '/groups/list?without=lead', { code: 'appointed_leads', count });
  });
  return router;
}
