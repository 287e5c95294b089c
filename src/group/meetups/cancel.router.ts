import type { Response } from 'express';
import type { CourseStores } from '../../course/room.ts';
import { Conflict } from '../../errors.ts';
import { page } from '../../web/page.ts';
import { allow, createRouter, type RoomRouter, seeOther, visitOf } from '../../web/routing.ts';
import type { GroupHere, GroupPages } from '../groups/group.page.ts';
import type { Meetup, MeetupStore } from './meetups.store.ts';

export type CancelRouterDeps = {
  readonly clock: () => Date;
  readonly course: CourseStores;
  readonly meetups: MeetupStore;
  readonly pages: GroupPages;
};

/** Fellows are held to their office by `led`. */
const LEADERS = ['manager', 'fellow'] as const;
const PATH = '/groups/g/:groupId/meetups/:meetupId';

/** A meetup of a group that the visitor leads. @throws Forbidden, NotFound */
async function ledMeetup({ meetups, pages }: CancelRouterDeps, res: Response, params: unknown) {
  const visit = visitOf(res);
  const { groupId, meetupId } = params as { groupId: string; meetupId: string };
  const found = await pages.led(visit, groupId);
  return { visit, found, meetup: await meetups.select(visit.scope, groupId, meetupId) };
}

/** A meetup that may still be changed. @throws Conflict where it was cancelled, or its roll begun */
export async function openMeetup(
  deps: CancelRouterDeps,
  res: Response,
  params: unknown,
): Promise<{ found: GroupHere; meetup: Meetup }> {
  const { found, meetup } = await ledMeetup(deps, res, params);
  if (meetup.state === 'cancelled' || meetup.rollBegunAt !== null) throw new Conflict('meetup_closed');
  return { found, meetup };
}

/** A meetup is cancelled after a second question, and a cancellation taken back at a tap. */
export function cancelRouter(deps: CancelRouterDeps): RoomRouter {
  const { clock, course, meetups } = deps;
  const router = createRouter();
  router.get(`${PATH}/cancel`, allow(...LEADERS), async (req, res) => {
    const { found, meetup } = await openMeetup(deps, res, req.params);
    page(res, 'group/cancel', { ...found, meetup, begun: meetup.startsAt <= clock() });
  });
  router.post(`${PATH}/cancel`, allow(...LEADERS), async (req, res) => {
    const { visit, found, meetup } = await ledMeetup(deps, res, req.params);
    const { scope, personId: by } = visit;
    if (await meetups.cancel(scope, meetup.id, by))
      await course.audit.note(scope, by, 'cancel_meetup', meetup.id, { groupId: found.group.id });
    else if ((await meetups.select(scope, found.group.id, meetup.id)).state !== 'cancelled')
      throw new Conflict('meetup_closed');
    seeOther(res, `${found.base}/meetups`, { code: 'cancelled' });
  });
  router.post(`${PATH}/restore`, allow(...LEADERS), async (req, res) => {
    const { visit, found, meetup } = await ledMeetup(deps, res, req.params);
    const { scope, personId: by } = visit;
    if (await meetups.restore(scope, meetup.id))
      await course.audit.note(scope, by, 'restore_meetup', meetup.id, { groupId: found.group.id });
    seeOther(res, `${found.base}/meetups`, { code: 'restored' });
  });
  return router;
}
