/**
 * A process that posts a course's grades, to be killed by a test. Says "ready" before it begins and "done" when the
 * line is empty; a pause it was told to make, it makes.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { createCourseRoom } from '../../../src/course/room.ts';
import { openDatabase } from '../../../src/database/index.ts';
import { createDeliver } from '../../../src/grades/gradebook/deliver.job.ts';
import { createDeliveryStore } from '../../../src/grades/gradebook/deliveries.store.ts';
import { createDrain } from '../../../src/grades/gradebook/drain.job.ts';
import { createLineItemStore } from '../../../src/grades/gradebook/line-items.store.ts';
import { createOutboxStore } from '../../../src/grades/gradebook/outbox.store.ts';
import { createPoster } from '../../../src/grades/gradebook/post.job.ts';
import { createProspects } from '../../../src/grades/gradebook/prospects.store.ts';
import { Paused } from '../../../src/grades/gradebook/refusals.job.ts';
import { createStandings } from '../../../src/grades/participation/standings.store.ts';
import { createGroupStore } from '../../../src/group/groups/groups.store.ts';
import { createJobs } from '../../../src/jobs/index.ts';
import { courseScope } from '../../../src/scope.ts';
import { CACHE_DIRECTORY } from '../../support/database.ts';
import { gradebookOf } from './lms.ts';

const LEASE_MS = 1_000;
const [uri, name, lmsUrl, courseId, runId] = process.argv.slice(2);
if (uri === undefined || name === undefined || lmsUrl === undefined || courseId === undefined)
  throw new Error('usage: posting.child URI DATABASE LMS COURSE [RUN]');
const log = pino({ level: 'silent' });
const clock = (): Date => new Date();
const random = Math.random;
const database = await openDatabase({ uri, name, cacheDirectory: CACHE_DIRECTORY, log });
const jobs = createJobs({ database, log, clock });
const rosterSource = {
  members() {
    throw new Error('No roster is read here.');
  },
};
const { stores: course } = createCourseRoom({ database, clock, log, jobs, rosterSource, rooms: () => [] });
const standings = createStandings({ course, groups: createGroupStore(database) });
const outbox = createOutboxStore(database, clock);
const gradebook = gradebookOf(lmsUrl, clock);
const deliveries = createDeliveryStore(database, clock);
const deliver = createDeliver({ clock, random, gradebook, deliveries });
const post = createPoster({
  clock,
  random,
  course,
  gradebook,
  lineItems: createLineItemStore(database, clock, LEASE_MS),
  outbox,
  prospects: createProspects({ standings, outbox }),
  drain: createDrain({ enrolments: course.enrolments, deliveries, deliver, leaseMs: LEASE_MS }),
});
process.stdout.write('ready\n');
for (;;) {
  try {
    await post({
      scope: courseScope(courseId),
      payload: { runId: runId ?? null },
      jobId: 'job',
      attempt: 1,
      signal: new AbortController().signal,
      progress: () => Promise.resolve(),
    });
    break;
  } catch (error) {
    if (!(error instanceof Paused)) throw error;
    await delay(Math.min(error.retryAfterMs, LEASE_MS));
  }
}
process.stdout.write('done\n');
await database.close();
