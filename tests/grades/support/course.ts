import { pino } from 'pino';
import type { Outcome } from '../../../src/course/evidence/evidence.store.ts';
import { newId } from '../../../src/database/index.ts';
import { createDeliver, type DeliverDeps } from '../../../src/grades/gradebook/deliver.job.ts';
import { createDeliveryStore } from '../../../src/grades/gradebook/deliveries.store.ts';
import { createDrain } from '../../../src/grades/gradebook/drain.job.ts';
import { createPoster, enqueuePost, POST, PURPOSE } from '../../../src/grades/gradebook/post.job.ts';
import { createGradesRoom } from '../../../src/grades/room.ts';
import type { Work } from '../../../src/jobs/index.ts';
import type { CourseServices } from '../../../src/lti/types.ts';
import type { CourseScope } from '../../../src/scope.ts';
import { openCourse, type TestCourse } from '../../group/course.ts';
import { gradebookOf, type RecordingLms, startRecordingLms } from './lms.ts';

/** After the meetups of these tests. */
export const LATER = '2026-11-20T08:00:00Z';
/** As large as a group may be; more fellows are in several groups. */
const LARGEST = 10;
const MEETUP = new Date('2026-11-07T15:00:00Z');

/** The grades room on a real engine, with a recording LMS at the other end. */
export type TestGrades = TestCourse & {
  readonly lms: RecordingLms;
  readonly grades: ReturnType<typeof createGradesRoom>;
  /** Sets the clock to this many seconds after `LATER`. */
  pass(seconds: number): void;
  /** A new course with this many fellows, ten to a group. */
  openGroup(fellows: number, services?: Partial<CourseServices>): Promise<GradedGroup>;
  end(): Promise<void>;
};
export type GradedGroup = {
  readonly scope: CourseScope;
  readonly people: readonly string[];
  readonly groupId: string;
  /** What the LMS calls the fellow with this number. */
  readonly sub: (index: number) => string;
  /** A meetup with its roll; fellows who are not named were there. */
  meet(at: string, others?: Readonly<Record<number, Outcome>>): Promise<string>;
  /** Post grades, as the button does, and everything that is due then. */
  post(): Promise<void>;
  /** What is due now, without pressing the button. */
  goOn(): Promise<void>;
  row(index: number): Promise<Record<string, unknown>>;
  states(): Promise<unknown[]>;
  /** Scores that the LMS was sent for one fellow: score, timestamp, its answer. */
  posts(index: number): (readonly [score: number, at: string, status: number])[];
  /** Why the posting failed or waits. */
  failure(): Promise<string | null>;
  isActive(): Promise<boolean>;
  /** Puts a score for these fellows, or all of them, in line. */
  queue(score: number, indices?: readonly number[]): Promise<void>;
  /** A worker of its own, as another process would be, going on with the line. */
  worker(more?: Partial<DeliverDeps>): Promise<unknown>;
};

export async function openGrades(): Promise<TestGrades> {
  const house = await openCourse();
  const { database, clock, course, jobs, group } = house;
  const lms = await startRecordingLms(clock);
  const gradebook = gradebookOf(lms.url, clock);
  const { groups } = group.stores;
  const evidenceKinds = () => group.room.evidenceKinds;
  const log = pino({ level: 'silent' });
  const deps = { database, clock, log, jobs, course, groups, gradebook, evidenceKinds };
  const grades = createGradesRoom(deps);
  for (const timed of grades.room.timedJobs) jobs.every(timed.name, timed.everyMs, () => timed.run());
  await database.ensure();
  const { lineItems, outbox, prospects } = grades.stores;

  const openGroup: TestGrades['openGroup'] = async (fellows, services = {}) => {
    lms.heal();
    lms.loseColumn();
    lms.posted.length = 0;
    const scope = await house.begin();
    await course.courses.record({
      ...(await course.courses.select(scope)),
      services: lms.services(services),
    });
    const prefix = newId().slice(0, 6);
    const sub = (index: number): string => `${prefix}-${index}`;
    const people: string[] = [];
    for (let index = 0; index < fellows; index += 1) people.push(await house.person(scope, sub(index)));
    const classes = Array.from({ length: Math.ceil(fellows / LARGEST) }, (_, index) =>
      people.slice(index * LARGEST, (index + 1) * LARGEST),
    );
    const proposalId = await house.propose(scope, classes);
    await group.stores.publisher.publish(scope, { proposalId, by: 'manager' });
    const groupId = `${proposalId}.0`;
    const lineItemId = `${scope.courseId}.${PURPOSE}`;
    const row = async (index: number): Promise<Record<string, unknown>> => {
      const found = await outbox.find(scope, lineItemId, people[index] ?? '');
      if (found === null) throw new Error('no such row');
      return found;
    };
    return {
      scope,
      people,
      groupId,
      sub,
      async meet(at, others = {}) {
        const meetupId = newId();
        const words = people.map((personId, index) => ({
          personId,
          groupId: `${proposalId}.${Math.floor(index / LARGEST)}`,
          outcome: others[index] ?? ('met' as const),
          occurredAt: new Date(at),
        }));
        await course.evidence.record(scope, 'meetup', meetupId, words, 'manager');
        return meetupId;
      },
      async post() {
        await lineItems.open(scope, PURPOSE, 'Peer participation');
        await enqueuePost(jobs, scope.courseId, { runId: newId() });
        await jobs.runDue();
      },
      async goOn() {
        await jobs.runDue();
      },
      row,
      states: () => Promise.all(people.map(async (_person, index) => (await row(index))['state'])),
      posts: (index) =>
        lms.posted
          .filter((posted) => posted.sub === sub(index))
          .map(({ score, at, status }) => [score, at, status] as const),
      failure: async () => (await jobs.findLatest(scope, POST))?.errorCode ?? null,
      isActive: async () => (await jobs.findLatest(scope, POST))?.active === true,
      async queue(score, indices = [...people.keys()]) {
        const wanted = indices.map((index) => ({
          personId: people[index] ?? '',
          score,
          activityAt: MEETUP,
        }));
        await outbox.queue(scope, lineItemId, wanted, null);
      },
      async worker(more = {}) {
        const deliveries = createDeliveryStore(database, clock);
        const used = more.gradebook ?? gradebook;
        const deliver = createDeliver({ clock, random: () => 0.5, gradebook: used, deliveries, ...more });
        const { enrolments } = course;
        const drain = createDrain({ enrolments, deliveries, deliver, leaseMs: 60_000 });
        const post = createPoster({
          clock,
          random: () => 0.5,
          course,
          gradebook: used,
          lineItems,
          outbox,
          prospects,
          drain,
        });
        const work: Work<{ runId: string | null }> = {
          scope,
          payload: { runId: null },
          jobId: newId(),
          attempt: 1,
          signal: new AbortController().signal,
          progress: () => Promise.resolve(),
        };
        return post(work);
      },
    };
  };
  return {
    ...house,
    lms,
    grades,
    pass: (seconds) => house.setClock(new Date(Date.parse(LATER) + seconds * 1_000).toISOString()),
    openGroup,
    async end() {
      await lms.close();
      await database.close();
    },
  };
}
