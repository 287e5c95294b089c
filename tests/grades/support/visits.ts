import { courseIdOf, personIdOf } from '../../../src/course/identity.ts';
import type { Outcome } from '../../../src/course/evidence/evidence.store.ts';
import { enqueueSync } from '../../../src/course/roster/sync.job.ts';
import { newId } from '../../../src/database/index.ts';
import { courseScope, type CourseScope } from '../../../src/scope.ts';
import { type House, openHouse } from '../../support/house.ts';
import type { Browser, Page } from '../../support/http.ts';

const DAY_MS = 24 * 3_600_000;
const FELLOWS = 6;

/** Somebody in a browser of their own, with the addresses of their visit. */
export type Visitor = {
  get(target: string): Promise<Page>;
  submit(page: Page, action: string, fields?: Record<string, string>): Promise<Page>;
};
/** A course of six fellows, f0 to f5, in one group for three weeks, in the real app with the demo LMS. */
export type Visits = {
  readonly house: House;
  readonly manager: Visitor;
  readonly fellow: Visitor;
  visit(personId: string, courseId?: string): Promise<Visitor>;
  idOf(index: number): string;
  /** A meetup some days ago whose roll was taken; who is not named was there. */
  meet(daysAgo: number, title: string, others?: Readonly<Record<number, Outcome>>): Promise<void>;
  /** Post grades, by the button; answers the page that says what became of it. */
  post(): Promise<Page>;
  /** What is due this much later. */
  goOn(laterMs?: number): Promise<void>;
  audit(action: string): Promise<unknown[]>;
  close(): Promise<void>;
};

export async function openVisits(): Promise<Visits> {
  let aheadMs = 0;
  const house = await openHouse({ clock: () => new Date(Date.now() + aheadMs) });
  const { lms, services } = house;
  const [platform] = await services.door.platforms.list();
  const platformId = platform?.id ?? '';
  const scope = courseScope(courseIdOf(platformId, platform?.deploymentIds[0] ?? '', 'course'));
  const idOf = (index: number): string => personIdOf(platformId, `f${index}`);
  const visit = async (personId: string, courseId = 'course'): Promise<Visitor> => {
    const { browser, page } = await house.open(personId, courseId);
    return visitorIn(browser, page);
  };
  await lms.addCourse('course');
  await lms.addPerson('course', { id: 'manager', name: 'Mo Manager', role: 'instructor' });
  await lms.addPerson('course', { id: 'mentor', name: 'May Mentor', role: 'mentor' });
  for (let index = 0; index < FELLOWS; index += 1)
    await lms.addPerson('course', { id: `f${index}`, name: `Fellow ${index}` });
  const manager = await visit('manager');
  await services.course.courses.saveSettings(scope, { oneTrack: 'Data Science' });
  await enqueueSync(services.jobs, scope, { mayVanish: 0 });
  await services.jobs.runDue();
  const personIds = Array.from({ length: FELLOWS }, (_, index) => idOf(index));
  const groupId = await placeAll(house, scope, personIds);
  const fellow = await visit('f0');
  return {
    house,
    manager,
    fellow,
    visit,
    idOf,
    async meet(daysAgo, title, others = {}) {
      const { group, course } = services;
      const startsAt = new Date(Date.now() - daysAgo * DAY_MS);
      const link = { link: 'https://discord.gg/a', channel: 'Discord', plannedBy: 'manager' };
      const [meetupId = ''] = await group.meetups.plan(scope, [
        { groupId, title, startsAt, endsAt: new Date(startsAt.getTime() + 3_600_000), ...link },
      ]);
      const words = personIds.map((personId, index) => ({
        personId,
        groupId,
        occurredAt: startsAt,
        outcome: others[index] ?? ('met' as const),
      }));
      await course.evidence.record(scope, 'meetup', meetupId, words, 'manager');
    },
    async post() {
      await manager.submit(await manager.get('/grades/post'), '/grades/post');
      await services.jobs.runDue();
      return manager.get('/grades/posting');
    },
    async goOn(laterMs = 0) {
      aheadMs = laterMs;
      await services.jobs.runDue();
      aheadMs = 0;
    },
    audit: (action) =>
      house.database.connection.collection('audit').find({ courseId: scope.courseId, action }).toArray(),
    close: () => house.close(),
  };
}

function visitorIn(browser: Browser, page: Page): Visitor {
  const base = /^.*\/l\/[\w-]+/.exec(page.url)?.[0] ?? '';
  return {
    get: (target) => browser.get(base + target),
    submit: (on, action, fields = {}) => browser.submit(on, action, fields),
  };
}

/** One group of everybody, published three weeks ago. */
async function placeAll({ services }: House, scope: CourseScope, personIds: readonly string[]) {
  const { course, group } = services;
  const id = newId();
  const from = new Date(Date.now() - 21 * DAY_MS);
  const publishing = { publishId: newId(), version: 1, count: personIds.length, checksum: '' };
  await course.courses.bindPublish(scope, 0, publishing);
  await group.groups.insertGroups(scope, [
    {
      id,
      courseId: scope.courseId,
      name: 'Ikeja Builders',
      nameFolded: 'ikeja builders',
      track: 'Data Science',
      place: 'Ikeja, Lagos',
      rung: 'lga',
      why: { needed: 4, here: personIds.length, lower: [] },
      timeZone: 'Africa/Lagos',
      fromVersion: 1,
      createdAt: from,
    },
  ]);
  const rows = personIds.map((personId) => ({ personId, groupId: id, guest: false, from }));
  await group.groups.openMemberships(scope, 1, rows);
  await course.courses.flipVersion(scope, publishing);
  return id;
}
