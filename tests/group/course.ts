import { pino } from 'pino';
import { createCourseRoom, type CourseStores } from '../../src/course/room.ts';
import type { Database } from '../../src/database/index.ts';
import { newId } from '../../src/database/index.ts';
import { DEFAULT_RULES } from '../../src/formation/engine/types.ts';
import { createProposalStore, type ProposalStore } from '../../src/formation/proposals/proposals.store.ts';
import { createGroupRoom } from '../../src/group/room.ts';
import { createJobs, type Jobs } from '../../src/jobs/index.ts';
import { courseScope, type CourseScope } from '../../src/scope.ts';
import { openTestDatabase } from '../support/database.ts';

const log = pino({ level: 'silent' });
export const BEGIN = new Date('2026-11-02T08:00:00Z');

/** A course on a real engine with the rooms that groups stand on, and a clock that a test can set. */
export type TestCourse = {
  readonly database: Database;
  readonly course: CourseStores;
  readonly proposals: ProposalStore;
  readonly group: ReturnType<typeof createGroupRoom>;
  readonly jobs: Jobs;
  readonly clock: () => Date;
  setClock(at: string): void;
  /** A new course; tests of one file share the database, not the course. */
  begin(): Promise<CourseScope>;
  person(scope: CourseScope, sub: string, role?: 'learner' | 'instructor'): Promise<string>;
  /** An open proposal with one group for each list of people. */
  propose(scope: CourseScope, groups: readonly (readonly string[])[]): Promise<string>;
};

export async function openCourse(): Promise<TestCourse> {
  const database = await openTestDatabase();
  let now = BEGIN;
  const clock = () => now;
  const jobs = createJobs({ database, log, clock });
  const rosterSource = {
    members() {
      throw new Error('No roster is read here.');
    },
  };
  const { stores: course } = createCourseRoom({ database, clock, log, jobs, rosterSource, rooms: () => [] });
  const proposals = createProposalStore(database, clock);
  const group = createGroupRoom({ database, clock, log, jobs, course, proposals, panels: () => [] });
  await database.ensure();
  return {
    database,
    course,
    proposals,
    group,
    jobs,
    clock,
    setClock(at) {
      now = new Date(at);
    },
    async begin() {
      now = BEGIN;
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
    async person(scope, sub, role = 'learner') {
      const told = { platformId: 'platform', sub, name: sub, email: null, role, testUser: false };
      return (await course.enrolments.recordLaunch(scope, told)).personId;
    },
    async propose(scope, groups) {
      const id = newId();
      await proposals.begin(scope, id, { rules: DEFAULT_RULES, createdBy: 'manager' });
      await proposals.fill(scope, id, {
        snapshot: 'snapshot',
        people: groups.flat().length,
        byRung: { lga: groups.length },
        terms: [],
        unplaced: [],
        groups: groups.map((memberIds, ordinal) => ({
          ordinal,
          name: `Group ${ordinal + 1}`,
          nameFolded: `group ${ordinal + 1}`,
          track: 'Software Development',
          place: 'Ikeja, Lagos',
          rung: 'lga' as const,
          memberIds: [...memberIds],
          guestIds: [],
          why: { localCount: memberIds.length, needed: 4 },
        })),
      });
      return id;
    },
  };
}
