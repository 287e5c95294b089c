import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { newId } from '../../src/database/index.ts';
import { openGrades, type TestGrades } from './support/course.ts';
import type { Posted } from './support/lms.ts';

const WORKER = path.join(import.meta.dirname, 'support/posting.child.ts');
const FELLOWS = 300;
const KILLS = 12;
/** A worker that is killed by what it sent has sent at most so many scores. */
const MOST_SENT = 40;
const HOUR_MS = 3_600_000;

let house: TestGrades;
beforeAll(async () => {
  house = await openGrades();
});
afterAll(() => house.end());

type Worker = { readonly child: ChildProcess; said(word: string): Promise<void> };

function startWorker(courseId: string, runId: string): Worker {
  const { connection } = house.database;
  const uri = process.env['TEST_MONGODB_URI'] ?? '';
  const args = ['--import', 'tsx', WORKER, uri, connection.name, house.lms.url, courseId, runId];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const heard = new Set<string>();
  lines.on('line', (line) => heard.add(line));
  return {
    child,
    async said(word) {
      while (!heard.has(word)) {
        if (child.exitCode !== null || child.signalCode !== null) throw new Error(`ended before ${word}`);
        await once(lines, 'line');
      }
    },
  };
}

/** Resolves when the LMS was sent this many scores more. */
function scoresSent(count: number): Promise<void> {
  let left = count;
  return new Promise((resolve) => {
    house.lms.manners.beforeScore = async () => {
      await delay(5 + Math.random() * 20);
      if (--left === 0) resolve();
    };
  });
}

/** A posting whose worker is killed at random moments, then one that may end; answers how many died at work. */
async function postUnderFire(courseId: string, runId: string): Promise<number> {
  let atWork = 0;
  for (let kill = 0; kill < KILLS; kill += 1) {
    const worker = startWorker(courseId, runId);
    const before = house.lms.posted.length;
    const sent = scoresSent(1 + Math.floor(Math.random() * MOST_SENT));
    await worker.said('ready');
    const ended = once(worker.child, 'exit');
    // By the clock, so that the column and the queueing are hit as well; by the scores sent, to hit the posting.
    await Promise.race([kill % 2 === 0 ? delay(Math.random() * 500) : sent, ended]);
    if (worker.child.kill('SIGKILL')) await ended;
    const posted = house.lms.posted.length - before;
    if (posted > 0 && posted < FELLOWS) atWork += 1;
  }
  const last = startWorker(courseId, runId);
  await last.said('done');
  await once(last.child, 'exit');
  return atWork;
}

it('loses, doubles and mistakes nothing while its workers are killed at random moments', async () => {
  const course = await house.openGroup(FELLOWS);
  const { scope } = course;
  const ago = (hours: number): string => new Date(Date.now() - hours * HOUR_MS).toISOString();
  const missing = (every: number) =>
    Object.fromEntries(
      Array.from({ length: FELLOWS }, (_, index) => index)
        .filter((index) => index % every === 0)
        .map((index) => [index, 'missed' as const]),
    );
  await course.meet(ago(5), missing(2));
  await house.grades.stores.lineItems.open(scope, 'participation', 'Peer participation');
  let atWork = await postUnderFire(scope.courseId, newId());
  // The same second is the hardest: scores change at once, and what happened is older than what was posted.
  await course.meet(ago(6), missing(3));
  atWork += await postUnderFire(scope.courseId, newId());
  await course.meet(ago(7), missing(5));
  atWork += await postUnderFire(scope.courseId, newId());
  expect(atWork).toBeGreaterThan(KILLS / 2);

  const scores = await house.grades.stores.standings.of(scope, course.people);
  expect(house.lms.items).toHaveLength(1);
  for (const [index, personId] of course.people.entries()) {
    const sub = course.sub(index);
    const expected = scores.get(personId)?.score ?? null;
    expect([sub, house.lms.grade(sub)]).toEqual([sub, expected]);
    expectClean(house.lms.posted.filter((one) => one.sub === sub));
  }
  const states = await house.grades.stores.outbox.count(scope, `${scope.courseId}.participation`);
  expect(states).toEqual({ waiting: 0, posted: FELLOWS, held: 0, kept: 0, refused: 0 });
});

/**
 * Of the scores that the LMS took for one fellow: none twice in a row, each at least a second after the last. A zero may
 * come twice: it reads back as none, so that a crash leaves no way to tell whether it arrived.
 */
function expectClean(posted: readonly Posted[]): void {
  const taken = posted.filter(({ status }) => status === 200);
  for (const [index, one] of taken.entries()) {
    const before = taken[index - 1];
    if (before === undefined) continue;
    if (one.score !== 0) expect(one.score).not.toBe(before.score);
    expect(Date.parse(one.at) - Date.parse(before.at)).toBeGreaterThanOrEqual(1_000);
  }
  // Also of those that were refused or never arrived: one second, one score.
  const scoreAt = new Map(posted.map(({ at, score }) => [at, score]));
  for (const { at, score } of posted) expect(scoreAt.get(at)).toBe(score);
}
