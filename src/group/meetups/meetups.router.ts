import type { Response } from 'express';
import type { CourseStores } from '../../course/room.ts';
import { newId } from '../../database/index.ts';
import { Conflict } from '../../errors.ts';
import { page } from '../../web/page.ts';
import { allow, createRouter, field, type RoomRouter, seeOther, visitOf } from '../../web/routing.ts';
import type { GroupHere, GroupPages } from '../groups/group.page.ts';
import { cancelRouter, openMeetup } from './cancel.router.ts';
import { APPROVED_CHANNELS } from './channels.ts';
import { type FreeTimes, freeTimes } from './free-times.ts';
import {
  type MeetupRefusal,
  MINUTES,
  readMeetup,
  type Typed,
  typedAtFirst,
  typedIn,
  typedOf,
} from './meetup-form.ts';
import { meetupsModel } from './meetups.page.ts';
import type { Meetup, MeetupKey, MeetupStore } from './meetups.store.ts';
import { MOST_TIMES } from './times.ts';

export type MeetupsRouterDeps = {
  readonly clock: () => Date;
  readonly course: CourseStores;
  readonly meetups: MeetupStore;
  readonly pages: GroupPages;
};

const WHO = ['manager', 'mentor', 'fellow'] as const;
/** Fellows are held to their office by `led`. */
const LEADERS = ['manager', 'fellow'] as const;
const PATH = '/groups/g/:groupId/meetups';
const ID = /^[\w-]{22}$/;

/** Meetups: planned, changed, cancelled and restored by those who lead, listed for the group. */
export function meetupsRouter(deps: MeetupsRouterDeps): RoomRouter {
  const { clock, course, meetups, pages } = deps;
  const router = createRouter();
  router.use(cancelRouter(deps));
  const idsOf = (params: unknown) => params as { groupId: string; meetupId: string };
  const channelsOf = async (res: Response) =>
    (await course.courses.select(visitOf(res).scope)).settings.channels;

  type FormState = {
    readonly typed: Typed;
    readonly refusal: MeetupRefusal | null;
    readonly meetup: Meetup | null;
    readonly formKey: string;
    /** When members said they are free; offered on an untouched form alone, for choosing begins it anew. */
    readonly free?: FreeTimes;
  };
  const formPage = async (res: Response, found: GroupHere, state: FormState): Promise<void> => {
    const added = (await channelsOf(res)).map(({ label }) => label);
    const channels = [...new Set([...APPROVED_CHANNELS, ...added])];
    const limits = { minutes: MINUTES, mostTimes: MOST_TIMES };
    page(res, 'group/meetup-form', { ...found, free: null, ...state, channels, ...limits });
  };

  router.get(PATH, allow(...WHO), async (req, res) => {
    const visit = visitOf(res);
    const found = await pages.here(visit, idsOf(req.params).groupId);
    const asked = { after: keyIn(req.query, 'after'), before: keyIn(req.query, 'before') };
    page(res, 'group/meetups', await meetupsModel(deps, visit, found, asked));
  });
  router.get(`${PATH}/new`, allow(...LEADERS), async (req, res) => {
    const found = await pages.led(visitOf(res), idsOf(req.params).groupId);
    const personIds = found.members.filter(({ left }) => !left).map(({ personId }) => personId);
    const profiles = await course.profiles.findMany(visitOf(res).scope, personIds);
    const free = freeTimes([...profiles.values()].flatMap(({ availability }) => availability ?? []));
    const slot = free.best.find((one) => String(one.slot) === field(req.query, 'slot'))?.slot ?? null;
    const typed = typedAtFirst(clock(), found.group.timeZone, slot);
    await formPage(res, found, { typed, refusal: null, meetup: null, formKey: newId(), free });
  });
  router.post(PATH, allow(...LEADERS), async (req, res) => {
    const visit = visitOf(res);
    const found = await pages.led(visit, idsOf(req.params).groupId);
    const sent = field(req.body, 'form');
    const formKey = ID.test(sent) ? sent : newId();
    const typed = typedIn((name) => field(req.body, name));
    const read = readMeetup(typed, found.group.timeZone, await channelsOf(res), clock());
    if ('reason' in read) {
      await formPage(res.status(422), found, { typed, refusal: read, meetup: null, formKey });
      return;
    }
    const { times, ...rest } = read;
    const planned = { ...rest, groupId: found.group.id, plannedBy: visit.personId };
    const rows = times.map((time) => ({ ...planned, ...time }));
    const [first = null] = await meetups.plan(visit.scope, rows, formKey);
    const details = { groupId: found.group.id, times: rows.length };
    await course.audit.note(visit.scope, visit.personId, 'plan_meetup', first, details);
    seeOther(res, `${found.base}/meetups`, { code: 'planned', count: rows.length });
  });

  router.get(`${PATH}/:meetupId/edit`, allow(...LEADERS), async (req, res) => {
    const { found, meetup } = await openMeetup(deps, res, req.params);
    const typed = typedOf(meetup, found.group.timeZone);
    await formPage(res, found, { typed, refusal: null, meetup, formKey: '' });
  });
  router.post(`${PATH}/:meetupId/edit`, allow(...LEADERS), async (req, res) => {
    const { found, meetup } = await openMeetup(deps, res, req.params);
    const zone = found.group.timeZone;
    const typed = { ...typedIn((name) => field(req.body, name)), repeat: 'once', times: '1' };
    const before = typedOf(meetup, zone);
    // The link of one that has begun may be put right, as long as its time stays.
    const stays = typed.date === before.date && typed.time === before.time;
    const now = stays ? new Date(meetup.startsAt.getTime() - 1) : clock();
    const read = readMeetup(typed, zone, await channelsOf(res), now);
    if ('reason' in read) {
      await formPage(res.status(422), found, { typed, refusal: read, meetup, formKey: '' });
      return;
    }
    const { title, link, channel } = read;
    const [{ startsAt, endsAt } = meetup] = read.times;
    const changed = { title, link, channel, startsAt, endsAt };
    const { scope, personId: by } = visitOf(res);
    if (!(await meetups.change(scope, meetup.id, changed))) throw new Conflict('meetup_closed');
    await course.audit.note(scope, by, 'change_meetup', meetup.id, { groupId: found.group.id });
    seeOther(res, `${found.base}/meetups`, { code: 'changed' });
  });
  return router;
}

/** `?after=2026-11-07T15:00:00.000Z&after_id=…`; null where it is none. */
function keyIn(query: unknown, name: 'after' | 'before'): MeetupKey | null {
  const startsAt = new Date(field(query, name));
  const id = field(query, `${name}_id`);
  return Number.isNaN(startsAt.getTime()) || id === '' ? null : { startsAt, id };
}
