import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SYNC } from '../../src/course/roster/sync.job.ts';
import { newId } from '../../src/database/index.ts';
import { DEFAULT_RULES } from '../../src/formation/engine/types.ts';
import { PROPOSE } from '../../src/formation/proposals/propose.job.ts';
import { PUBLISH } from '../../src/group/publish/publish.job.ts';
import type { CourseScope } from '../../src/scope.ts';
import { type House, openHouse } from '../support/house.ts';
import { Browser, type Page, textOf } from '../support/http.ts';

let house: House;
let scope: CourseScope;
let sent: string[] = [];
beforeAll(async () => {
  house = await openHouse({ onCommand: (name) => sent.push(name) });
  for (const courseId of ['new', 'grouped']) {
    await house.lms.addCourse(courseId);
    await house.lms.addPerson(courseId, { id: `${courseId}-manager`, name: 'Mo', role: 'instructor' });
    for (const name of ['Ada', 'Bola', 'Chidi', 'Dayo', 'Efe'])
      await house.lms.addPerson(courseId, { id: `${courseId}-${name}`, name });
  }
  await house.open('grouped-manager', 'grouped');
  const { courses } = house.services.course;
  await house.open('new-Ada', 'new');
  const [row] = await house.database.connection
    .collection<{ _id: string }>('courses')
    .find({ contextId: 'grouped' })
    .toArray();
  scope = { courseId: row?._id } as CourseScope;
  await courses.saveSettings(scope, { oneTrack: 'Data Science' });
  const run = async (kind: string, payload: unknown): Promise<void> => {
    await house.services.jobs.enqueue({ kind, courseId: scope.courseId, key: scope.courseId, payload });
    await house.services.jobs.runDue();
  };
  await run(SYNC, { mayVanish: 0 });
  const proposalId = newId();
  await run(PROPOSE, { proposalId, rules: DEFAULT_RULES, by: 'manager' });
  await run(PUBLISH, { proposalId, by: 'manager' });
  const [group] = await house.services.group.groups.list(scope, 1, null, null, 1);
  const now = Date.now();
  const times = { startsAt: new Date(now - 3_600_000), endsAt: new Date(now + 3_600_000) };
  const meetup = { title: 'Review', link: 'https://meet.google.com/abc', channel: 'Google Meet', ...times };
  await house.services.group.meetups.plan(scope, [{ ...meetup, groupId: group?.id ?? '', plannedBy: 'm' }]);
});
afterAll(() => house.close());

/** The commands that were sent to the database while a page was made. */
async function counting(work: () => Promise<Page>): Promise<{ page: Page; commands: readonly string[] }> {
  sent = [];
  const page = await work();
  return { page, commands: [...sent] };
}

describe('A warm launch', () => {
  it('of somebody known without track and place costs seven round trips with their page', async () => {
    const launch = () => house.open('new-Ada', 'new').then(({ page }) => page);
    await launch();
    const { page, commands } = await counting(launch);
    expect([page.status, new URL(page.url).pathname]).toEqual([200, expect.stringMatching(/\/me\/profile$/)]);
    expect(commands.length).toBeLessThanOrEqual(7);
  });

  it('of a member of a group costs five besides the six of their page', async () => {
    const launch = () => house.open('grouped-Ada', 'grouped').then(({ page }) => page);
    await launch();
    const { page, commands } = await counting(launch);
    expect([page.status, new URL(page.url).pathname]).toEqual([200, expect.stringMatching(/\/group$/)]);
    expect(commands.length).toBeLessThanOrEqual(11);
  });
});

describe('My Peer Group', () => {
  it('costs six round trips, with members, the meetup and the participation on it', async () => {
    const { browser, page: first } = await house.open('grouped-Ada', 'grouped');
    const { page, commands } = await counting(() => browser.get(first.url));
    for (const words of ['Bola', 'Review', 'Your participation']) expect(textOf(page.html)).toContain(words);
    expect(commands).toHaveLength(6);
  });

  it('finds person and course beside a row by their indexes', async () => {
    for (const aggregate of ['sessions', 'memberships']) {
      const asked = { aggregate, pipeline: [...house.services.visitors.beside], cursor: {} };
      const how = JSON.stringify(
        await house.database.connection.db?.command({ explain: asked, verbosity: 'executionStats' }),
      );
      const scans = [...how.matchAll(/"collectionScans":\D*(\d+)/g)].map(([, count]) => count);
      expect(scans).toEqual(['0', '0']);
      expect(how).toContain('"courseId_1_personId_1"');
    }
  });

  it('shows at the next look what changed: a role, a name, the group', async () => {
    const { browser, page } = await house.open('grouped-Ada', 'grouped');
    const { people } = await rolesOf();
    await house.services.course.enrolments.setRole(scope, people.get('Ada') ?? '', 'visitor');
    expect((await browser.get(page.url)).status).toBe(403);
    await house.services.course.enrolments.setRole(scope, people.get('Ada') ?? '', null);
    await house.services.course.enrolments.setRole(scope, people.get('Bola') ?? '', 'mentor');
    const after = textOf((await browser.get(page.url)).html);
    expect(after).toContain('4 fellows learning together');
  });

  it('opens for no browser that has only the address', async () => {
    const { page } = await house.open('grouped-Chidi', 'grouped');
    expect((await new Browser().get(page.url)).status).toBe(401);
  });
});

async function rolesOf() {
  const rows = await house.services.course.enrolments.list(scope, {}, null, 20);
  return { people: new Map(rows.map(({ name, personId }) => [name ?? '', personId])) };
}
