import { pino } from 'pino';
import type { ProfileFields } from '../../src/course/profiles/profile.ts';
import { createCourseRoom, type CourseStores } from '../../src/course/room.ts';
import type { Database } from '../../src/database/index.ts';
import { newId } from '../../src/database/index.ts';
import { DEFAULT_RULES } from '../../src/formation/engine/types.ts';
import type { ProposalStore } from '../../src/formation/proposals/proposals.store.ts';
import { createFormationRoom } from '../../src/formation/room.ts';
import { createGroupRoom } from '../../src/group/room.ts';
import { createJobs, type Jobs } from '../../src/jobs/index.ts';
import { createNoticeStore, type NoticeStore } from '../../src/notices/notices.store.ts';
import type { LtiRole } from '../../src/lti/types.ts';
import { courseScope, type CourseScope } from '../../src/scope.ts';
import { openTestDatabase } from '../support/database.ts';

const log = pino({ level: 'silent' });
export const BEGIN = new Date('2026-11-02T08:00:00Z');
export const IKEJA = { lga: 'Ikeja', state: 'Lagos', zone: 'South West', country: 'Nigeria' };

/** A course on a real engine with the rooms that groups stand on, and a clock that a test can set. */
export type TestCourse = {
  readonly database: Database;
  readonly course: CourseStores;
  readonly proposals: ProposalStore;
  readonly formation: ReturnType<typeof createFormationRoom>;
  readonly group: ReturnType<typeof createGroupRoom>;
  readonly jobs: Jobs;
  readonly notices: NoticeStore;
  readonly clock: () => Date;
  setClock(at: string): void;
  /** A new course; tests of one file share the database, not the course. */
  begin(): Promise<CourseScope>;
  person(scope: CourseScope, sub: string, role?: LtiRole): Promise<string>;
  /** A fellow with a track and a place. */
  fellow(scope: CourseScope, sub: string, profile?: Partial<ProfileFields>): Promise<string>;
  /** A sync that finds these people gone. */
  leave(scope: CourseScope, personIds: readonly string[]): Promise<void>;
  /** An open proposal with one group for each list of people. */
  propose(scope: CourseScope, groups: readonly (readonly string[])[]): Promise<string>;
};

/** On a database of the run's engine, or on the one given. */
export async function openCourse(given?: Database, now: () => Date = () => BEGIN): Promise<TestCourse> {
  const database = given ?? (await openTestDatabase());
  let set: Date | null = null;
  const clock = () => set ?? now();
  const jobs = createJobs({ database, log, clock });
  const rosterSource = {
    members() {
      throw new Error('No roster is read here.');
    },
  };
  const { stores: course } = createCourseRoom({ database, clock, log, jobs, rosterSource, rooms: () => [] });
  const notices = createNoticeStore(database, clock);
  const formation = createFormationRoom({
    database,
    clock,
    jobs,
    course,
    published: () => group.stores.published,
  });
  const { proposals, setup, records } = formation.stores;
  const group = createGroupRoom({
    ...{ database, clock, log, jobs, course, proposals, records, notices, setup },
    panels: () => [],
  });
  await database.ensure();
  const person: TestCourse['person'] = async (scope, sub, role = 'learner') => {
    const told = { platformId: 'platform', sub, name: sub, email: null, role, testUser: false };
    return (await course.enrolments.recordLaunch(scope, told)).personId;
  };
  return {
    database,
    course,
    proposals,
    formation,
    group,
    jobs,
    notices,
    clock,
    person,
    setClock(at) {
      set = new Date(at);
    },
    async begin() {
      set = null;
      const services = { membershipsUrl: null, lineItemsUrl: null, lineItemUrl: null, scopes: [] };
      const launched = {
        platformId: 'platform',
        deploymentId: '1',
        contextId: newId(),
        title: 'Course',
        label: null,
      };
      return courseScope((await course.courses.record({ ...launched, services })).id);
    },
    async fellow(scope, sub, profile = {}) {
      const personId = await person(scope, sub);
      const fields = { track: 'Data Science', ...IKEJA, ...profile };
      await course.profiles.replace(scope, personId, fields, 'form');
      return personId;
    },
    async leave({ courseId }, personIds) {
      await database.connection
        .collection('enrolments')
        .updateMany(
          { courseId, personId: { $in: [...personIds] } },
          { $set: { state: 'left', leftAt: clock() } },
        );
    },
    async propose(scope, groups) {
      const id = newId();
      await proposals.begin(scope, id, { rules: DEFAULT_RULES, anywhere: false, createdBy: 'manager' });
      await proposals.fill(scope, id, {
        snapshot: 'snapshot',
        people: groups.flat().length,
        byRung: { lga: groups.flat().length },
        bySize: {},
        leadUnknown: 0,
        terms: [],
        unplaced: [],
        groups: groups.map((memberIds, ordinal) => ({
          ordinal,
          name: `Group ${ordinal + 1}`,
          nameFolded: `group ${ordinal + 1}`,
          track: 'Software Development',
          place: 'Ikeja',
          rung: 'lga' as const,
          memberIds: [...memberIds],
          guestIds: [],
          prints: memberIds.map(() => 'print'),
          why: { needed: 4, here: memberIds.length, lower: [] },
          facts: { leads: 1, slots: null },
        })),
      });
      return id;
    },
  };
}
