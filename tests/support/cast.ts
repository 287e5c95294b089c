import { courseIdOf, personIdOf } from '../../src/course/identity.ts';
import { SYNC } from '../../src/course/roster/sync.job.ts';
import { newId } from '../../src/database/index.ts';
import { DEFAULT_RULES } from '../../src/formation/engine/types.ts';
import { PROPOSE } from '../../src/formation/proposals/propose.job.ts';
import { PUBLISH } from '../../src/group/publish/publish.job.ts';
import { courseScope } from '../../src/scope.ts';
import type { Services } from '../../src/services.ts';
import { type House, openHouse } from './house.ts';

/** Who asks: by role in the course; `fellow` leads the group, `member` belongs to it, `stranger` to another one. */
export type Part = 'manager' | 'mentor' | 'fellow' | 'visitor' | 'member' | 'stranger';
/** Two courses with published groups, and somebody for each part in the first. */
export type Cast = {
  readonly house: House;
  /** Who plays a part, by the LMS's id. */
  readonly people: Readonly<Record<Part, string>>;
  /** Values for the parameters of routes, in the first course. */
  readonly ids: Readonly<Record<string, string>>;
  /** The status that this part gets at a route whose parameters are of this course, or of the other one. */
  ask(
    part: Part,
    route: string,
    about: 'ours' | 'theirs',
    more?: { cookie?: string | null; csrf?: string | null },
  ): Promise<number>;
  close(): Promise<void>;
};
type Seat = { readonly base: string; readonly cookie: string; readonly csrf: string };

const LEARNERS = 12;
const TRACK = 'Data Science';
const PLACES = {
  states: [{ country: null, zone: null, state: 'Nairobi', lgas: [] }],
  counts: { countries: 0, zones: 0, states: 1, lgas: 0 },
  findings: [],
  ignored: [],
};

export async function openCast(): Promise<Cast> {
  const house = await openHouse();
  const ours = await fill(house, 'ours');
  const theirs = await fill(house, 'theirs');
  await house.lms.addPerson('ours', { id: 'ours-admin', name: 'Ada Admin', role: 'administrator' });
  const people: Readonly<Record<Part, string>> = {
    manager: 'ours-manager',
    mentor: 'ours-mentor',
    visitor: 'ours-admin',
    fellow: ours.lead,
    member: ours.member,
    stranger: ours.stranger,
  };
  const seats = new Map<Part, Seat>();
  for (const [part, personId] of Object.entries(people) as [Part, string][])
    seats.set(part, await seatOf(house, personId));
  return {
    house,
    people,
    ids: ours.ids,
    async ask(part, route, about, { cookie, csrf } = {}) {
      const seat = seats.get(part);
      if (seat === undefined) throw new Error(`Nobody plays ${part}.`);
      const [method = '', pattern = ''] = route.split(' ');
      // Values for a route's parameters and its form; the courses know different ones of each.
      const ids: Readonly<Record<string, string>> = about === 'ours' ? ours.ids : theirs.ids;
      const path = pattern.replace(/:(\w+)/g, (_whole, name: string) => {
        const id = ids[name];
        if (id === undefined) throw new Error(`No id is known for :${name}; teach the cast one.`);
        return id;
      });
      const sent = cookie === undefined ? seat.cookie : cookie;
      const token = csrf === undefined ? seat.csrf : csrf;
      const answer = await fetch(`${seat.base}${path.slice(1)}`, {
        method,
        redirect: 'manual',
        headers: sent === null ? {} : { cookie: sent === 'another' ? anotherOf(seat.cookie) : sent },
        ...(method === 'POST'
          ? { body: new URLSearchParams(token === null ? ids : { ...ids, _csrf: token }) }
          : {}),
      });
      await answer.text();
      return answer.status;
    },
    close: () => house.close(),
  };
}

/** A course from an empty roster to published groups, a meetup that has begun and an upload that was read. */
async function fill(house: House, courseId: string) {
  const { lms, services } = house;
  const { jobs, course, group } = services;
  await lms.addCourse(courseId);
  await lms.addPerson(courseId, { id: `${courseId}-manager`, name: 'Mo Manager', role: 'instructor' });
  await lms.addPerson(courseId, { id: `${courseId}-mentor`, name: 'May Mentor', role: 'mentor' });
  for (let index = 0; index < LEARNERS; index += 1)
    await lms.addPerson(courseId, { id: `${courseId}-${index}`, name: `Fellow ${index}` });
  await house.open(`${courseId}-manager`, courseId);
  // A mentor is known by a launch alone: in the roster, as on Moodle, they are learners, and would be grouped.
  await house.open(`${courseId}-mentor`, courseId);

  const { scope, personId: by } = await scopeOf(services, courseId);
  const run = async (kind: string, payload: unknown): Promise<void> => {
    await jobs.enqueue({ kind, courseId: scope.courseId, key: scope.courseId, payload });
    await jobs.runDue();
  };
  await course.courses.saveSettings(scope, { oneTrack: TRACK });
  await run(SYNC, { mayVanish: 0 });
  const proposalId = newId();
  await run(PROPOSE, { proposalId, rules: DEFAULT_RULES, by });
  await run(PUBLISH, { proposalId, by });

  const [first, second] = await group.groups.list(scope, 1, null, null, 2);
  if (first === undefined || second === undefined) throw new Error('The cast needs two groups.');
  const members = await group.groups.membersOf(scope, 1, [first.id]);
  const [lead, member] = members.map(({ personId }) => personId);
  const [stranger] = (await group.groups.membersOf(scope, 1, [second.id])).map(({ personId }) => personId);
  if (lead === undefined || member === undefined || stranger === undefined)
    throw new Error('A group is empty.');
  await group.appointments.appoint(scope, first.id, lead, 'lead', by);
  const [meetupId = ''] = await group.meetups.plan(scope, [meetupOf(first.id, by)]);
  const uploadId = await course.uploads.begin(scope, by);
  await course.uploads.finish(scope, uploadId, { people: 0, empty: 0, findings: [], later: [], ignored: [] });
  const treeId = await course.trees.keep(scope, by, PLACES);
  const [planned] = await group.mover.announce(scope, [
    {
      ...{ id: newId(), personId: member, fromGroupId: first.id, toGroupId: second.id, guest: false },
      ...{ cause: 'staff' as const, proposalId: null, dueAt: new Date(Date.now() + 86_400_000), by },
    },
  ]);
  const [notice] = await services.notices.unread(scope, lead, 1);
  const subOf = async (personId: string): Promise<string> =>
    (await course.enrolments.find(scope, personId))?.sub ?? '';
  return {
    ids: {
      groupId: first.id,
      meetupId,
      proposalId,
      uploadId,
      treeId,
      personId: member,
      noticeId: notice?.id ?? '',
      ordinal: '0',
      moveId: planned?.id ?? '',
    },
    lead: await subOf(lead),
    member: await subOf(member),
    stranger: await subOf(stranger),
  };
}

async function scopeOf({ door }: Services, courseId: string) {
  const [platform] = await door.platforms.list();
  const deploymentId = platform?.deploymentIds[0];
  if (platform === undefined || deploymentId === undefined) throw new Error('The tool is not installed.');
  return {
    scope: courseScope(courseIdOf(platform.id, deploymentId, courseId)),
    personId: personIdOf(platform.id, `${courseId}-manager`),
  };
}

function meetupOf(groupId: string, plannedBy: string) {
  const startsAt = new Date(Date.now() - 3_600_000);
  const link = 'https://meet.google.com/abc-defg-hij';
  return { groupId, plannedBy, title: 'Week 1', startsAt, endsAt: new Date(), link, channel: 'Google Meet' };
}

async function seatOf(house: House, personId: string): Promise<Seat> {
  const { browser, page } = await house.open(personId, 'ours');
  const [base = '', launchId = ''] = /^.*\/l\/([\w-]+)\//.exec(page.url) ?? [];
  const session = await house.database.connection
    .collection<{ _id: string; csrfToken: string }>('sessions')
    .findOne({ _id: launchId });
  if (session === null) throw new Error(`${personId} has no session: ${page.status} ${page.url}`);
  return { base, cookie: browser.cookiesFor(page.url), csrf: session.csrfToken };
}

/** The same cookies with other values, as another browser's. */
function anotherOf(cookie: string): string {
  return cookie.replace(/=([\w-]{8})/g, '=AAAAAAAA');
}
