import { Agent, request } from 'undici';
import { newId } from '../../src/database/index.ts';
import { DEFAULT_RULES } from '../../src/formation/engine/types.ts';
import { PROPOSE } from '../../src/formation/proposals/propose.job.ts';
import { PUBLISH } from '../../src/group/publish/publish.job.ts';
import { courseScope } from '../../src/scope.ts';
import type { Services } from '../../src/services.ts';
import { startLocalPlatform } from '../lti/support/local-platform.ts';
import type { Bench } from './bench.ts';
import { launchAll, type Opened, startTool } from './serving/launching.ts';
import { operationsOf } from './serving/operations.ts';
import { addressOf, startEngine } from './serving/program.ts';

const PEOPLE = 200;
const SECONDS = 20;
const A_SECOND = 100;
const people = Array.from({ length: PEOPLE }, (_, at) => `person-${at}`);

/** My Peer Group, warm: arrivals that keep their time whatever the server does, then a burst of all at once. */
export const bench: Bench = async (print) => {
  const engine = await startEngine();
  const lms = await startLocalPlatform();
  const tool = await startTool(lms, (name) => addressOf(engine, name));
  const agent = new Agent({ connections: 256, keepAliveTimeout: 60_000 });
  try {
    await launchAll(tool, lms, people);
    await tool.beside(formGroups);
    const { visits } = await launchAll(tool, lms, people);
    const open = (at: number) => visitPage(agent, visits[at % visits.length]);
    await inTime(A_SECOND * 5, open);
    const times = (await inTime(A_SECOND * SECONDS, open)).toSorted((a, b) => a - b);
    const at = (share: number) => times[Math.floor(times.length * share)] ?? NaN;
    print({
      what: `My Peer Group, ${A_SECOND} arrivals a second: p99`,
      value: `${at(0.99).toFixed(1)} ms`,
      comparison: `50 ms (p50 ${at(0.5).toFixed(1)} ms)`,
      ratio: (at(0.99) / 50).toFixed(2),
    });
    const bursts: number[] = [];
    for (let round = 0; round < 5; round++) bursts.push(await burst(open));
    const middle = bursts.toSorted((a, b) => a - b)[2] ?? NaN;
    print({
      what: `a burst of ${A_SECOND}: until all are done`,
      value: `${middle.toFixed(0)} ms`,
      comparison: '250 ms',
      ratio: (middle / 250).toFixed(2),
    });
    const operations = await operationsOf(engine.uri, () => burst(open));
    print({
      what: 'database round trips of the page',
      value: (operations / A_SECOND).toFixed(2),
      comparison: '6 allowed',
      ratio: (operations / A_SECOND / 6).toFixed(2),
    });
  } finally {
    await agent.close();
    await tool.program.stop();
    await lms.close();
    await engine.close();
  }
};

/** Publishes groups of all who came, each with a meetup that is planned. */
async function formGroups({ database, course, jobs, group }: Services): Promise<void> {
  const row = await database.connection.collection<{ _id: string }>('courses').findOne({});
  if (row === null) throw new Error('No course was launched.');
  const scope = courseScope(row._id);
  await course.courses.saveSettings(scope, { oneTrack: 'Data Science' });
  const proposalId = newId();
  for (const [kind, payload] of [
    [PROPOSE, { proposalId, rules: DEFAULT_RULES, by: 'bench' }],
    [PUBLISH, { proposalId, by: 'bench' }],
  ] as const) {
    await jobs.enqueue({ kind, courseId: scope.courseId, key: scope.courseId, payload });
    await jobs.runDue();
  }
  const groups = await group.groups.list(scope, 1, null, null, PEOPLE);
  if (groups.length === 0) throw new Error('No group was published.');
  const startsAt = new Date(Date.now() + 86_400_000);
  const when = { startsAt, endsAt: new Date(startsAt.getTime() + 3_600_000) };
  for (const { id: groupId } of groups)
    await group.meetups.plan(scope, [
      {
        ...when,
        groupId,
        title: 'Review',
        link: 'https://meet.google.com/abc',
        channel: 'Google Meet',
        plannedBy: '',
      },
    ]);
}

/** Milliseconds of each arrival, from the moment at which it was due. */
async function inTime(count: number, open: (at: number) => Promise<void>): Promise<number[]> {
  const begin = performance.now();
  return Promise.all(
    Array.from({ length: count }, async (_, at) => {
      const due = begin + (at * 1000) / A_SECOND;
      await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
      await open(at);
      return performance.now() - due;
    }),
  );
}

async function burst(open: (at: number) => Promise<void>): Promise<number> {
  const begin = performance.now();
  await Promise.all(Array.from({ length: A_SECOND }, (_, at) => open(at)));
  return performance.now() - begin;
}

async function visitPage(agent: Agent, visit: Opened | undefined): Promise<void> {
  if (visit === undefined) throw new Error('Nobody visits.');
  const headers = { cookie: visit.cookie, 'accept-encoding': 'gzip' };
  const answer = await request(visit.address, { dispatcher: agent, headers });
  await answer.body.arrayBuffer();
  if (answer.statusCode !== 200) throw new Error(`${visit.address} answered ${answer.statusCode}.`);
}
