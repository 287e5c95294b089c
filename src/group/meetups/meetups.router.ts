import { DateTime } from 'luxon';
import type { CourseStores } from '../../course/room.ts';
import { displayName } from '../../course/roster/enrolments.store.ts';
import type { Outcome } from '../../course/evidence/evidence.store.ts';
import { BadRequest, Conflict } from '../../errors.ts';
import { page } from '../../web/page.ts';
import { allow, createRouter, field, type RoomRouter, seeOther, visitOf } from '../../web/routing.ts';
import type { GroupPages } from '../groups/group.page.ts';
import type { GroupStore } from '../groups/groups.store.ts';
import { approveLink } from './channels.ts';
import { type Meetup, type MeetupStore } from './meetups.store.ts';
import { startsOf } from './times.ts';

export type MeetupsRouterDeps = {
  readonly clock: () => Date;
  readonly course: CourseStores;
  readonly groups: GroupStore;
  readonly meetups: MeetupStore;
  readonly pages: GroupPages;
};
export const MEETUP = 'meetup';

const WHO = ['manager', 'mentor', 'fellow'] as const;
const LEADERS = ['manager', 'fellow'] as const;
const PATH = '/groups/g/:groupId/meetups';
const OUTCOMES: readonly Outcome[] = ['met', 'missed', 'excused'];

/** Meetups: planned by those who lead, listed for the group, closed by a roll that becomes evidence. */
export function meetupsRouter({ clock, course, groups, meetups, pages }: MeetupsRouterDeps): RoomRouter {
  const router = createRouter();
  const idsOf = (params: unknown) => params as { groupId: string; meetupId: string };

  router.get(PATH, allow(...WHO), async (req, res) => {
    const visit = visitOf(res);
    const found = await pages.here(visit, idsOf(req.params).groupId);
    const now = clock();
    const [upcoming, past] = await Promise.all([
      meetups.upcoming(visit.scope, found.group.id, now, 20),
      meetups.past(visit.scope, found.group.id, now, 30),
    ]);
    page(res, 'group/meetups', { ...found, upcoming, past });
  });
  router.get(`${PATH}/new`, allow(...LEADERS), async (req, res) => {
    const found = await pages.led(visitOf(res), idsOf(req.params).groupId);
    const inAWeek = DateTime.fromJSDate(clock(), { zone: found.group.timeZone }).plus({ days: 7 });
    const given = {
      title: '',
      date: inAWeek.toFormat('yyyy-MM-dd'),
      time: '16:00',
      minutes: '60',
      link: '',
      repeat: 'once',
      times: '4',
    };
    page(res, 'group/meetup-form', { ...found, given, error: null, meetup: null });
  });
  router.post(PATH, allow(...LEADERS), async (req, res) => {
    const visit = visitOf(res);
    const found = await pages.led(visit, idsOf(req.params).groupId);
    const { settings } = await course.courses.select(visit.scope);
    const given = givenIn(req.body);
    const read = readMeetup(given, found.group.timeZone, settings.channels, clock());
    if (typeof read === 'string') {
      page(res.status(422), 'group/meetup-form', { ...found, given, error: read, meetup: null });
      return;
    }
    const { starts, ...rest } = read;
    const minutes = Number(given.minutes);
    await meetups.plan(
      visit.scope,
      starts.map((startsAt) => ({
        ...rest,
        groupId: found.group.id,
        startsAt,
        endsAt: new Date(startsAt.getTime() + minutes * 60_000),
        plannedBy: visit.personId,
      })),
    );
    seeOther(res, `${found.base}/meetups`);
  });
  router.get(`${PATH}/:meetupId/edit`, allow(...LEADERS), async (req, res) => {
    const visit = visitOf(res);
    const found = await pages.led(visit, idsOf(req.params).groupId);
    const meetup = await meetups.select(visit.scope, found.group.id, idsOf(req.params).meetupId);
    page(res, 'group/meetup-form', {
      ...found,
      meetup,
      error: null,
      given: givenOf(meetup, found.group.timeZone),
    });
  });
  router.post(`${PATH}/:meetupId/edit`, allow(...LEADERS), async (req, res) => {
    const visit = visitOf(res);
    const found = await pages.led(visit, idsOf(req.params).groupId);
    const meetup = await meetups.select(visit.scope, found.group.id, idsOf(req.params).meetupId);
    if (meetup.state === 'cancelled' || meetup.rollTakenAt !== null) throw new Conflict('meetup_closed');
    const { settings } = await course.courses.select(visit.scope);
    const given = { ...givenIn(req.body), repeat: 'once' };
    const read = readMeetup(given, found.group.timeZone, settings.channels, clock());
    if (typeof read === 'string') {
      page(res.status(422), 'group/meetup-form', { ...found, given, error: read, meetup });
      return;
    }
    const [startsAt = meetup.startsAt] = read.starts;
    const { title, link, channel } = read;
    await meetups.change(visit.scope, meetup.id, {
      title,
      link,
      channel,
      startsAt,
      endsAt: new Date(startsAt.getTime() + Number(given.minutes) * 60_000),
    });
    seeOther(res, `${found.base}/meetups`);
  });
  router.post(`${PATH}/:meetupId/cancel`, allow(...LEADERS), async (req, res) => {
    const visit = visitOf(res);
    const found = await pages.led(visit, idsOf(req.params).groupId);
    const meetup = await meetups.select(visit.scope, found.group.id, idsOf(req.params).meetupId);
    if (meetup.rollTakenAt !== null) throw new Conflict('meetup_closed');
    await meetups.cancel(visit.scope, meetup.id);
    seeOther(res, `${found.base}/meetups`);
  });

  /** The meetup whose roll is to be taken, and who belonged to the group then. */
  const roll = async (visit: ReturnType<typeof visitOf>, groupId: string, meetupId: string) => {
    const found = await pages.led(visit, groupId);
    const meetup = await meetups.select(visit.scope, groupId, meetupId);
    if (meetup.state === 'cancelled') throw new Conflict('meetup_cancelled');
    if (meetup.startsAt > clock()) throw new Conflict('meetup_not_begun');
    const personIds = await groups.membersAtTime(visit.scope, found.version, groupId, meetup.startsAt);
    return { found, meetup, personIds };
  };
  router.get(`${PATH}/:meetupId/roll`, allow(...LEADERS), async (req, res) => {
    const visit = visitOf(res);
    const { groupId, meetupId } = idsOf(req.params);
    const { found, meetup, personIds } = await roll(visit, groupId, meetupId);
    const [people, words] = await Promise.all([
      course.enrolments.findMany(visit.scope, personIds),
      course.evidence.of(visit.scope, MEETUP, meetupId),
    ]);
    const rows = people.map((person) => ({
      personId: person.personId,
      name: displayName(person),
      outcome: words.get(person.personId)?.outcome ?? null,
    }));
    page(res, 'group/roll', { ...found, meetup, rows: rows.toSorted((a, b) => (a.name < b.name ? -1 : 1)) });
  });
  router.post(`${PATH}/:meetupId/roll`, allow(...LEADERS), async (req, res) => {
    const visit = visitOf(res);
    const { groupId, meetupId } = idsOf(req.params);
    const { found, meetup, personIds } = await roll(visit, groupId, meetupId);
    const words = personIds.flatMap((personId) => {
      const outcome = OUTCOMES.find((known) => known === field(req.body, `p_${personId}`));
      return outcome === undefined ? [] : [{ personId, groupId, outcome, occurredAt: meetup.startsAt }];
    });
    // A line left out would be an opportunity nobody can account for.
    if (words.length === 0 || words.length < personIds.length) throw new BadRequest('roll_incomplete');
    await course.evidence.record(visit.scope, MEETUP, meetupId, words, visit.personId);
    const all = [...(await course.evidence.of(visit.scope, MEETUP, meetupId)).values()];
    const count = (outcome: Outcome): number => all.filter((word) => word.outcome === outcome).length;
    await meetups.markHeld(visit.scope, meetupId, visit.personId, {
      met: count('met'),
      missed: count('missed'),
      excused: count('excused'),
    });
    seeOther(res, `${found.base}/meetups`);
  });
  return router;
}

type Given = {
  title: string;
  date: string;
  time: string;
  minutes: string;
  link: string;
  repeat: string;
  times: string;
};

function givenIn(body: unknown): Given {
  const read = (name: string): string => field(body, name).slice(0, 500);
  return {
    title: read('title').slice(0, 120),
    date: read('date'),
    time: read('time'),
    minutes: read('minutes'),
    link: read('link'),
    repeat: read('repeat'),
    times: read('times'),
  };
}

function givenOf(meetup: Meetup, zone: string): Given {
  const start = DateTime.fromJSDate(meetup.startsAt, { zone });
  const minutes = String(Math.round((meetup.endsAt.getTime() - meetup.startsAt.getTime()) / 60_000));
  return {
    title: meetup.title,
    date: start.toFormat('yyyy-MM-dd'),
    time: start.toFormat('HH:mm'),
    minutes,
    link: meetup.link,
    repeat: 'once',
    times: '1',
  };
}

/** The meetup, or a key of words that says what is wrong with it. */
function readMeetup(given: Given, zone: string, channels: Parameters<typeof approveLink>[1], now: Date) {
  if (given.title === '') return 'title_missing';
  const minutes = Number(given.minutes);
  if (!Number.isInteger(minutes) || minutes < 10 || minutes > 480) return 'minutes_senseless';
  const repeat = given.repeat === 'weekly' || given.repeat === 'biweekly' ? given.repeat : 'once';
  const starts = startsOf(given.date, given.time, zone, repeat, Number(given.times) || 1, now);
  if (typeof starts === 'string') return starts;
  const link = approveLink(given.link, channels);
  if (typeof link === 'string') return link;
  return { title: given.title, starts, link: link.href, channel: link.channel };
}
