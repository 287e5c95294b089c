import path from 'node:path';
import { pino } from 'pino';
import { Agent, request } from 'undici';
import { readConfig } from '../../src/config.ts';
import { openDatabase } from '../../src/database/index.ts';
import { CLAIM } from '../../src/lti/claims.ts';
import { createServices } from '../../src/services.ts';
import { someClaims } from '../lti/support/builders.ts';
import { type LocalPlatform, startLocalPlatform } from '../lti/support/local-platform.ts';
import type { Bench } from './bench.ts';
import { median } from './peak.ts';
import { operationsOf } from './serving/operations.ts';
import { addressOf, freePort, type Program, startEngine, startProgram } from './serving/program.ts';

const LAUNCHES = 400;
const PEOPLE = 200;
const AT_ONCE = 16;
const ROUNDS = 5;
const HERE = import.meta.dirname;
const MAIN = path.resolve(HERE, '../../src/main.ts');
const BARE = path.resolve(HERE, 'serving/bare-ltijs.mjs');

type Side = { readonly program: Program; readonly login: string; readonly launch: string };

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
    await launchAll(ours, lms);
    await launchAll(bare, lms);
    for (let round = 0; round < ROUNDS; round++) {
      seconds.ours.push(await launchAll(ours, lms));
      seconds.bare.push(await launchAll(bare, lms));
    }
    const [own, other] = [median(seconds.ours), median(seconds.bare)];
    print({
      what: `${LAUNCHES} launches: launches a second`,
      value: (LAUNCHES / own).toFixed(0),
      comparison: `${(LAUNCHES / other).toFixed(0)} bare ltijs`,
      ratio: (own / other).toFixed(2),
    });
    const operations = await operationsOf(engine.uri, () => launchAll(ours, lms));
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

async function startTool(lms: LocalPlatform, address: (name: string) => string): Promise<Side> {
  const port = await freePort();
  const environment = {
    PUBLIC_URL: `http://localhost:${port}`,
    MONGODB_URI: address('tool'),
    SESSION_SECRET: 'bench session secret, long enough for it',
    ENCRYPTION_KEY: 'bench encryption key, long enough for it',
    LTI_ALLOW_PRIVATE_NETWORK: 'true',
    LOG_LEVEL: 'fatal',
  };
  await register(environment, lms);
  const program = await startProgram(MAIN, port, environment);
  return { program, login: '/lti/login', launch: '/lti/launch' };
}

async function register(environment: Readonly<Record<string, string>>, lms: LocalPlatform): Promise<void> {
  const config = readConfig(environment);
  const log = pino({ level: 'silent' });
  const { mongodbUri: uri, cacheDirectory } = config;
  const database = await openDatabase({ uri, cacheDirectory, log });
  const services = await createServices({ config, database, log });
  await database.ensure();
  await services.door.platforms.register(lms.registration());
  await services.close();
  await database.close();
}

async function startBare(lms: LocalPlatform, uri: string): Promise<Side> {
  const { issuer, clientId } = lms.registration();
  const environment = { MONGODB_URI: uri, ISSUER: issuer, CLIENT_ID: clientId };
  return {
    program: await startProgram(BARE, await freePort(), environment),
    login: '/login',
    launch: '/',
  };
}

type Begun = { readonly state: string; readonly nonce: string; readonly cookie: string };

/** Answers seconds: all logins, then all launches with their pages; in between the platform signs. */
async function launchAll(side: Side, lms: LocalPlatform): Promise<number> {
  const agent = new Agent({ connections: AT_ONCE, keepAliveTimeout: 60_000 });
  const target = side.program.url + side.launch;
  const { issuer, clientId } = lms.registration();
  const people = Array.from({ length: LAUNCHES }, (_, at) => `person-${at % PEOPLE}`);
  const started = performance.now();
  const begun = await inTurns(people, (person) => login(side, agent, { issuer, clientId, target, person }));
  const loggedIn = performance.now();
  const tokens = await Promise.all(
    begun.map(({ nonce }, at) => lms.sign(claimsOf(lms, target, nonce, people[at] ?? ''))),
  );
  const signed = performance.now();
  await inTurns(begun, ({ state, cookie }, at) =>
    launch(target, agent, { state, cookie, idToken: tokens[at] ?? '' }),
  );
  const ended = performance.now();
  await agent.close();
  return (loggedIn - started + (ended - signed)) / 1000;
}

function claimsOf(lms: LocalPlatform, target: string, nonce: string, sub: string): Record<string, unknown> {
  const iat = Math.floor(Date.now() / 1000);
  const { issuer: iss, clientId: aud } = lms.registration();
  return someClaims({ iss, aud, sub, iat, exp: iat + 300, nonce, [CLAIM.targetLinkUri]: target });
}

type Wish = {
  readonly issuer: string;
  readonly clientId: string;
  readonly target: string;
  readonly person: string;
};

async function login(side: Side, agent: Agent, { issuer, clientId, target, person }: Wish): Promise<Begun> {
  const query = new URLSearchParams({
    iss: issuer,
    client_id: clientId,
    login_hint: person,
    target_link_uri: target,
    lti_deployment_id: '1',
  });
  const answer = await request(`${side.program.url}${side.login}?${query.toString()}`, { dispatcher: agent });
  await answer.body.dump();
  const location = new URL(String(answer.headers['location']));
  const { searchParams } = location;
  return {
    state: searchParams.get('state') ?? '',
    nonce: searchParams.get('nonce') ?? '',
    cookie: cookiesOf(answer.headers),
  };
}

/** Posts the token and follows to the page. @throws where the page is not 200 */
async function launch(
  target: string,
  agent: Agent,
  { state, cookie, idToken }: { state: string; cookie: string; idToken: string },
): Promise<void> {
  let answer = await request(target, {
    method: 'POST',
    dispatcher: agent,
    headers: { cookie, 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ state, id_token: idToken }).toString(),
  });
  let [address, kept] = [target, cookie];
  while (answer.statusCode >= 300 && answer.statusCode < 400) {
    await answer.body.dump();
    kept = [kept, cookiesOf(answer.headers)].filter((part) => part !== '').join('; ');
    address = new URL(String(answer.headers['location']), address).href;
    answer = await request(address, { dispatcher: agent, headers: { cookie: kept } });
  }
  await answer.body.text();
  if (answer.statusCode !== 200) throw new Error(`${address} answered ${answer.statusCode}.`);
}

function cookiesOf(headers: Readonly<Record<string, string | string[] | undefined>>): string {
  return [headers['set-cookie'] ?? []]
    .flat()
    .map((line) => line.split(';')[0])
    .join('; ');
}

/** Does the work for each, so many at once; answers in their order. */
async function inTurns<T, R>(items: readonly T[], work: (item: T, at: number) => Promise<R>): Promise<R[]> {
  const answers = new Array<R>(items.length);
  let next = 0;
  const runner = async (): Promise<void> => {
    for (let at = next++; at < items.length; at = next++) answers[at] = await work(items[at] as T, at);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, runner));
  return answers;
}
