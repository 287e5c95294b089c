import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { newId } from '../../src/database/index.ts';
import { type GradedGroup, openGrades, type TestGrades } from './support/course.ts';

const WORKER = path.join(import.meta.dirname, 'support/posting.child.ts');
const FELLOWS = 30_000;
const BATCH = 1_000;
const MEETUPS = 4;
/** What the process has for all it keeps, itself included: the course's scores and evidence do not fit into it. */
const HEAP_MB = 128;

let house: TestGrades;
beforeAll(async () => {
  house = await openGrades();
});
afterAll(() => house.end());

it(`posts ${FELLOWS} scores, each once, by a process whose memory does not grow with them`, async () => {
  const course = await house.openGroup(1);
  await fill(course);
  await house.grades.stores.lineItems.open(course.scope, 'participation', 'Peer participation');
  const { connection } = house.database;
  const uri = process.env['TEST_MONGODB_URI'] ?? '';
  const args = [uri, connection.name, house.lms.url, course.scope.courseId, newId()];
  const heap = `--max-old-space-size=${HEAP_MB}`;
  const child = spawn(process.execPath, [heap, '--import', 'tsx', WORKER, ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(house.lms.posted).toHaveLength(FELLOWS);
  expect(new Set(house.lms.posted.map(({ sub }) => sub)).size).toBe(FELLOWS);
  const { posted } = await house.grades.stores.outbox.count(
    course.scope,
    `${course.scope.courseId}.participation`,
  );
  expect(posted).toBe(FELLOWS);
});

/** Copies of the first fellow, with a place in the group and a word on each meetup. */
async function fill({ scope, groupId, people }: GradedGroup): Promise<void> {
  const { database, course } = house;
  const enrolments = database.connection.collection<{ _id: string }>('enrolments');
  const memberships = database.connection.collection<{ _id: string }>('memberships');
  const [first = ''] = people;
  const of = { courseId: scope.courseId, personId: first };
  const [person, place] = await Promise.all([enrolments.findOne(of), memberships.findOne(of)]);
  for (let start = 0; start < FELLOWS; start += BATCH) {
    const numbers = Array.from({ length: BATCH }, (_, index) => start + index);
    const ids = numbers.map((number) => (number === 0 ? first : `fellow-${number}`));
    const copies = (row: object | null) =>
      numbers.slice(start === 0 ? 1 : 0).map((number) => {
        const personId = `fellow-${number}`;
        return { ...row, _id: `${scope.courseId}.${personId}`, personId };
      });
    await enrolments.insertMany(
      copies(person).map((row) => ({ ...row, sub: row.personId, nameFolded: row.personId })),
    );
    await memberships.insertMany(copies(place));
    for (let meetup = 0; meetup < MEETUPS; meetup += 1) {
      const words = ids.map((personId, index) => ({
        personId,
        groupId,
        outcome: (index + meetup) % 3 === 0 ? ('missed' as const) : ('met' as const),
        occurredAt: new Date(Date.now() - (meetup + 1) * 3_600_000),
      }));
      await course.evidence.record(scope, 'meetup', `meetup-${start}-${meetup}`, words, 'manager');
    }
  }
}
