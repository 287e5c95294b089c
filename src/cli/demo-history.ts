import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'csv-parse/sync';
import { PROJECT_ROOT } from '../config.ts';
import { personIdOf } from '../course/identity.ts';
import { NIGERIAN_PLACES } from '../course/places/places.ts';
import type { ProfileChange } from '../course/profiles/profiles.store.ts';
import { enqueueSync } from '../course/roster/sync.job.ts';
import { newId } from '../database/index.ts';
import { courseCsv, type DemoLms, NEW_COURSE, PEOPLE, THIRD_WEEK_COURSE } from '../demo-lms/index.ts';
import { DEFAULT_RULES } from '../formation/engine/types.ts';
import { enqueuePropose } from '../formation/proposals/propose.job.ts';
import { enqueuePost, PURPOSE } from '../grades/gradebook/post.job.ts';
import type { CourseScope } from '../scope.ts';
import type { Services } from '../services.ts';
import { readWords } from '../web/words.ts';
import type { DemoClock } from './demo-clock.ts';
import { meetupsOf, type Story, takeRolls } from './demo-meetups.ts';
import { openTool } from './demo-visit.ts';

const STORY = 'third week';
const DAY_MS = 24 * 3_600_000;
/** What staff changed a grade to between the two postings; the second finds it and holds its own. */
const STAFF_GRADE = 90;

/**
 * Fills the course that is in its third week by the tool's own services: roster, profiles, groups, Peer Leads, meetups
 * with their rolls, two postings of grades, all dated back from the day on which the demo began. May run twice; what a
 * killed start left undone the next one does.
 */
export async function seedThirdWeek(services: Services, lms: DemoLms, clock: DemoClock): Promise<void> {
  const { begunAt, done } = await lms.store.beginStory(STORY);
  if (done) return;
  // A mentor is known by a launch alone: in the roster, as on Moodle, they are learners.
  await openTool(lms, PEOPLE.mentor, NEW_COURSE);
  await openTool(lms, PEOPLE.mentor, THIRD_WEEK_COURSE);
  await openTool(lms, PEOPLE.manager, THIRD_WEEK_COURSE);
  const { scope, managerId, platformId } = await openCourse(services, lms);
  const daysAgo = (days: number): void => clock.travel(new Date(begunAt.getTime() - days * DAY_MS));
  try {
    daysAgo(18);
    await finish(services, scope, (await enqueueSync(services.jobs, scope, { mayVanish: 0 })).jobId);
    await services.course.profiles.tell(scope, profilesOf(platformId), 'staff');
    daysAgo(17);
    await publishGroups(services, scope, managerId);
    daysAgo(16);
    const story = await appointLeads(services, lms, scope, managerId, begunAt);
    const [first = [], second = []] = await meetupsOf(services, story);
    await takeRolls(services, story, 0, first, clock);
    daysAgo(7.5);
    await postGrades(services, scope);
    daysAgo(7);
    await lms.setGrade(THIRD_WEEK_COURSE, story.changedSub, STAFF_GRADE);
    await takeRolls(services, story, 1, second, clock);
    daysAgo(1);
    await postGrades(services, scope);
  } finally {
    clock.comeBack();
  }
  await lms.store.endStory(STORY);
}

/** A launch that says nothing new, for what it answers: the course, and who its Community Manager is. */
async function openCourse(services: Services, lms: DemoLms) {
  const tool = await lms.store.findSiteTool();
  const platform = await services.door.platforms.findByClient(lms.url, tool?._id ?? '');
  if (tool === null || platform === null) throw new Error('The tool is not installed in the demo LMS.');
  const nothing = { title: null, label: null, name: null, givenName: null, familyName: null, email: null };
  const { scope, personId } = await services.course.launches.record({
    platformId: platform.id,
    deploymentId: tool.deploymentId,
    messageType: 'LtiResourceLinkRequest',
    context: { ...nothing, id: THIRD_WEEK_COURSE },
    person: { ...nothing, sub: PEOPLE.manager },
    role: 'instructor',
    testUser: false,
    resourceLinkId: null,
    targetLinkUri: '',
    custom: {},
    services: { membershipsUrl: null, lineItemsUrl: null, lineItemUrl: null, scopes: [] },
    locale: null,
    timeZone: null,
    returnUrl: null,
  });
  return { scope, managerId: personId, platformId: platform.id };
}

/** Waits for a job, whoever does it: this process's worker or, where none is started, we. @throws where it failed */
async function finish({ jobs }: Services, scope: CourseScope, jobId: string): Promise<void> {
  for (;;) {
    await jobs.runDue();
    const job = await jobs.find(scope, jobId);
    if (job === null || job.state === 'failed')
      throw new Error(`The demo's ${job?.kind ?? 'work'} failed: ${job?.errorCode ?? 'it is gone'}.`);
    if (!job.active) return;
    await sleep(50);
  }
}

type Row = Record<'id' | 'track' | 'lga' | 'state' | 'zone' | 'skill' | 'activity', string> &
  Record<'gender' | 'can_lead' | 'availability', string>;

function profilesOf(platformId: string): ProfileChange[] {
  return parse<Row>(courseCsv(THIRD_WEEK_COURSE), { columns: true }).map((row) => ({
    personId: personIdOf(platformId, row.id),
    told: {
      track: row.track,
      ...NIGERIAN_PLACES.find(row),
      skill: Number(row.skill),
      activity: Number(row.activity),
      gender: row.gender === 'F' ? 'F' : 'M',
      canLead: row.can_lead === '1',
      availability: row.availability,
    },
  }));
}

async function publishGroups(services: Services, scope: CourseScope, by: string): Promise<void> {
  const { course, formation, group, jobs } = services;
  if ((await course.courses.select(scope)).groupsVersion > 0) return;
  const [latest] = await formation.proposals.list(scope, 1);
  let proposalId = latest?.id;
  if (proposalId === undefined || latest?.state === 'forming') {
    proposalId = newId();
    const payload = { proposalId, rules: DEFAULT_RULES, anywhere: false, by };
    await finish(services, scope, (await enqueuePropose(jobs, scope, payload)).jobId);
  }
  await group.publisher.publish(scope, { proposalId, by });
}

/** In each group the two most active of those who can lead; the LMS's start page names the first few. */
async function appointLeads(
  { course, group }: Services,
  lms: DemoLms,
  scope: CourseScope,
  managerId: string,
  begunAt: Date,
): Promise<Story> {
  const { groupsVersion } = await course.courses.select(scope);
  const groups = await group.groups.list(scope, groupsVersion, null, null, 100);
  const groupIds = groups.map(({ id }) => id);
  const memberships = await group.groups.membersOf(scope, groupsVersion, groupIds);
  const personIds = memberships.map(({ personId }) => personId);
  const profiles = await course.profiles.findMany(scope, personIds);
  const subs = new Map(
    (await course.enrolments.findMany(scope, personIds)).map((one) => [one.personId, one.sub]),
  );
  const worth = (personId: string): number => {
    const profile = profiles.get(personId);
    return (profile?.canLead === true ? 100 : 0) + (profile?.activity ?? 0);
  };
  const teams = groupIds.map((groupId) => ({
    groupId,
    memberIds: memberships
      .filter((membership) => membership.groupId === groupId)
      .map(({ personId }) => personId)
      .toSorted((a, b) => worth(b) - worth(a) || (a < b ? -1 : 1)),
  }));
  for (const { groupId, memberIds } of teams) {
    for (const [office, personId] of [
      ['lead', memberIds[0]],
      ['deputy', memberIds[1]],
    ] as const) {
      if (personId === undefined) continue;
      await group.appointments.appoint(scope, groupId, personId, office, managerId);
      await lms.store.setOffice(THIRD_WEEK_COURSE, subs.get(personId) ?? '', office);
    }
  }
  const changedId = teams[0]?.memberIds.at(-1) ?? '';
  return { scope, begunAt, teams, managerId, changedId, changedSub: subs.get(changedId) ?? '' };
}

async function postGrades(services: Services, scope: CourseScope): Promise<void> {
  const { lineItems } = services.grades;
  const words = await readWords(path.join(PROJECT_ROOT, 'locales'));
  await lineItems.open(scope, PURPOSE, words('en')('grades:column'));
  await finish(services, scope, (await enqueuePost(services.jobs, scope.courseId, { runId: newId() })).jobId);
}
