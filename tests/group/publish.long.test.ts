import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { personIdOf } from '../../src/course/identity.ts';
import { enqueuePublish, PUBLISH } from '../../src/group/publish/publish.job.ts';
import type { CourseScope } from '../../src/scope.ts';
import { BEGIN, openCourse, type TestCourse } from './course.ts';

const CHILD = path.join(import.meta.dirname, 'support/publisher.child.ts');
/** The first is left in peace, to see how long the work takes. */
const ROUNDS = 5;
/** With the pairs among them, fewer than a job's ten attempts, since each crash counts as one. */
const KILLS = 6;
const JOINERS = 3_000;
const LEAVERS = 300;
const SIZE = 6;
/** Longer than a lease, so that each process may take up what the one before it held. */
const HOUR_MS = 3_600_000;

let house: TestCourse;
let scope: CourseScope;
/** By version, everybody's group: all that a reader may ever see. */
const truth = new Map<number, ReadonlyMap<string, string>>([[0, new Map()]]);
let starts = 0;

beforeAll(async () => {
  house = await openCourse();
  scope = await house.begin();
});
afterAll(async () => {
  await house.jobs.stop();
  await house.database.close();
});

/**
 * Lets a process work, and answers how long it did; null where it was killed before that: after `life` milliseconds, or
 * as soon as the publish is bound.
 */
async function work(life?: number | 'bound'): Promise<number | null> {
  starts += 1;
  const args = [
    process.env['TEST_MONGODB_URI'] ?? '',
    house.database.connection.name,
    String(BEGIN.getTime() + starts * HOUR_MS),
    ...(typeof life === 'number' ? [String(life)] : []),
  ];
  const child = spawn(process.execPath, ['--import', 'tsx', CHILD, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (life === 'bound') void killOnceBound(child);
  let said = '';
  child.stdout.on('data', (words: Buffer) => (said += words.toString()));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  if (code !== 0 && signal !== 'SIGKILL')
    throw new Error(`a worker ended with ${code ?? signal ?? 'nothing'}`);
  return said.startsWith('done ') ? Number(said.slice('done '.length)) : null;
}

async function killOnceBound(child: ChildProcess): Promise<void> {
  while (child.exitCode === null && child.signalCode === null) {
    if (await isBound()) child.kill('SIGKILL');
    else await delay(1);
  }
}

/** New fellows, some who leave, and a proposal; answers what must be true once it is published. */
async function prepare(round: number): Promise<{ proposalId: string; after: Map<string, string> }> {
  const before = truth.get(round - 1) ?? new Map<string, string>();
  const subs = Array.from({ length: JOINERS }, (_, index) => `fellow-${round}-${index}`);
  const people = { role: 'learner', testUser: false, status: 'active', email: null } as const;
  const members = subs.map((sub) => ({ ...people, sub, name: sub, givenName: null, familyName: null }));
  await house.course.sync.apply(scope, 'platform', `sync-${round}`, members);
  const leavers = [...before.keys()].slice(0, LEAVERS);
  await house.leave(scope, leavers);
  const ids = subs.map((sub) => personIdOf('platform', sub));
  const groups = Array.from({ length: JOINERS / SIZE }, (_, at) => ids.slice(at * SIZE, (at + 1) * SIZE));
  const proposalId = await house.propose(scope, groups);
  const after = new Map(before);
  for (const personId of leavers) after.delete(personId);
  for (const [at, group] of groups.entries())
    for (const personId of group) after.set(personId, `${proposalId}.${at}`);
  return { proposalId, after };
}

/** What readers see, all the while: a whole version or the whole version before it. Answers how often it looked. */
async function watch(until: AbortSignal): Promise<number> {
  let looks = 0;
  while (!until.aborted) {
    const { groupsVersion } = await house.course.courses.select(scope);
    const seen = await house.group.stores.groups.places(scope, groupsVersion);
    const expected = truth.get(groupsVersion);
    if (expected === undefined) throw new Error(`nobody published version ${groupsVersion}`);
    const wrong = [...seen].filter(([personId, groupId]) => expected.get(personId) !== groupId);
    expect({ version: groupsVersion, seen: seen.size, wrong: wrong.length }).toEqual({
      version: groupsVersion,
      seen: expected.size,
      wrong: 0,
    });
    looks += 1;
    await delay(50);
  }
  return looks;
}

const isBound = async (): Promise<boolean> => (await house.course.courses.select(scope)).publishing !== null;
const isDone = async (): Promise<boolean> => (await house.jobs.findLatest(scope, PUBLISH))?.state === 'done';

/** Workers that die at random moments of their work, sometimes two at once; answers how many left a publish half done. */
async function underFire(workMs: number): Promise<number> {
  let halfDone = 0;
  for (let kill = 0; kill < KILLS && !(await isDone()); kill += 1) {
    if (kill === 0) {
      // One that dies half done for certain: the others may miss it on a machine whose pace changes.
      await work('bound');
      if (await isBound()) halfDone += 1;
      continue;
    }
    const lives = kill % 3 === 2 ? [Math.random(), Math.random()] : [Math.random()];
    // What is left of a bound publish takes less.
    const left = (await isBound()) ? workMs / 3 : workMs;
    await Promise.all(lives.map((part) => work(part * left)));
    if (await isBound()) halfDone += 1;
  }
  return halfDone;
}

it('publishes everything once though its workers are killed at random moments, and readers never see half', async () => {
  let halfDone = 0;
  let workMs = 0;
  for (let round = 1; round <= ROUNDS; round += 1) {
    house.setClock(new Date(BEGIN.getTime() + round * 60_000).toISOString());
    const { proposalId, after } = await prepare(round);
    truth.set(round, after);
    await enqueuePublish(house.jobs, scope, { proposalId, by: 'manager' });
    const stop = new AbortController();
    const watching = watch(stop.signal);
    if (round > 1) halfDone += await underFire(workMs);
    const calm = await work();
    if (round === 1) workMs = calm ?? 0;
    stop.abort();
    expect(await watching).toBeGreaterThan(0);

    const { groupsVersion, publishing } = await house.course.courses.select(scope);
    expect({ groupsVersion, publishing }).toEqual({ groupsVersion: round, publishing: null });
    expect(await house.proposals.select(scope, proposalId)).toMatchObject({
      ...{ state: 'published' },
      publication: { people: JOINERS, gone: 0, placed: 0, ended: round === 1 ? 0 : LEAVERS },
    });
    expect((await house.jobs.findLatest(scope, PUBLISH))?.state).toBe('done');
    const memberships = house.database.connection.collection('memberships');
    expect(await memberships.countDocuments({ courseId: scope.courseId })).toBe(round * JOINERS);
    const open = await house.group.stores.groups.places(scope, round);
    expect(open.size).toBe(after.size);
    // Groups that everybody has left are closed.
    expect(await house.group.stores.groups.count(scope, round)).toBe(new Set(after.values()).size);
  }
  // Otherwise the kills missed what they were for.
  expect(halfDone).toBeGreaterThan(0);
});
