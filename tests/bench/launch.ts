import path from 'node:path';
import { type LocalPlatform, startLocalPlatform } from '../lti/support/local-platform.ts';
import type { Bench } from './bench.ts';
import { median } from './peak.ts';
import { launchAll, type Side, startTool } from './serving/launching.ts';
import { operationsOf } from './serving/operations.ts';
import { addressOf, freePort, startEngine, startProgram } from './serving/program.ts';

const LAUNCHES = 400;
const PEOPLE = 200;
const ROUNDS = 5;
const BARE = path.resolve(import.meta.dirname, 'serving/bare-ltijs.mjs');
const people = Array.from({ length: LAUNCHES }, (_, at) => `person-${at % PEOPLE}`);

/**
 * From login to the first page, beside the smallest ltijs app with its own database layer, on one engine and with one
 * write concern; each server is a process of its own, and tokens are signed while no clock runs.
 */
export const bench: Bench = async (print) => {
  const engine = await startEngine();
  const lms = await startLocalPlatform();
  const ours = await startTool(lms, (name) => addressOf(engine, name));
  const bare = await startBare(lms, addressOf(engine, 'bare'));
  try {
    const seconds: { ours: number[]; bare: number[] } = { ours: [], bare: [] };
    // The first round warms both up and makes the people known.
    await launchAll(ours, lms, people);
    await launchAll(bare, lms, people);
    for (let round = 0; round < ROUNDS; round++) {
      seconds.ours.push((await launchAll(ours, lms, people)).seconds);
      seconds.bare.push((await launchAll(bare, lms, people)).seconds);
    }
    const [own, other] = [median(seconds.ours), median(seconds.bare)];
    print({
      what: `${LAUNCHES} launches: launches a second`,
      value: (LAUNCHES / own).toFixed(0),
      comparison: `${(LAUNCHES / other).toFixed(0)} bare ltijs`,
      ratio: (own / other).toFixed(2),
    });
    const operations = await operationsOf(engine.uri, () => launchAll(ours, lms, people));
    print({
      what: 'database operations of a launch',
      value: (operations / LAUNCHES).toFixed(2),
      comparison: '7 allowed',
      ratio: (operations / LAUNCHES / 7).toFixed(2),
    });
  } finally {
    await ours.program.stop();
    await bare.program.stop();
    await lms.close();
    await engine.close();
  }
};

async function startBare(lms: LocalPlatform, uri: string): Promise<Side> {
  const { issuer, clientId } = lms.registration();
  const environment = { MONGODB_URI: uri, ISSUER: issuer, CLIENT_ID: clientId };
  return {
    program: await startProgram(BARE, await freePort(), environment),
    login: '/login',
    launch: '/',
  };
}
