import path from 'node:path';
import { pino } from 'pino';
import { Agent, request } from 'undici';
import { readConfig } from '../../../src/config.ts';
import { openDatabase } from '../../../src/database/index.ts';
import { CLAIM } from '../../../src/lti/claims.ts';
import { createServices, type Services } from '../../../src/services.ts';
import { someClaims } from '../../lti/support/builders.ts';
import type { LocalPlatform } from '../../lti/support/local-platform.ts';
import { freePort, type Program, startProgram } from './program.ts';

const AT_ONCE = 16;
const MAIN = path.resolve(import.meta.dirname, '../../../src/main.ts');

/** A server that people launch into. */
export type Side = { readonly program: Program; readonly login: string; readonly launch: string };

/**
 * The tool as a process of its own, with the platform registered.
 * @param address of the database of a name
 */
export async function startTool(
  lms: LocalPlatform,
  address: (name: string) => string,
): Promise<Side & { beside<T>(work: (services: Services) => Promise<T>): Promise<T> }> {
  const port = await freePort();
  const environment = {
    PUBLIC_URL: `http://localhost:${port}`,
    MONGODB_URI: address('tool'),
    SESSION_SECRET: 'bench session secret, long enough for it',
    ENCRYPTION_KEY: 'bench encryption key, long enough for it',
    LTI_ALLOW_PRIVATE_NETWORK: 'true',
    LOG_LEVEL: 'fatal',
  };
  const beside = <T>(work: (services: Services) => Promise<T>) => withServices(environment, work);
  await beside(({ door }) => door.platforms.register(lms.registration()));
  const program = await startProgram(MAIN, port, environment);
  return { program, login: '/lti/login', launch: '/lti/launch', beside };
}

async function withServices<T>(
  environment: Readonly<Record<string, string>>,
  work: (services: Services) => Promise<T>,
): Promise<T> {
  const config = readConfig(environment);
  const log = pino({ level: 'silent' });
  const { mongodbUri: uri, cacheDirectory } = config;
  const database = await openDatabase({ uri, cacheDirectory, log });
  const services = await createServices({ config, database, log });
  try {
    return await work(services);
  } finally {
    await services.close();
    await database.close();
  }
}

type Begun = { readonly state: string; readonly nonce: string; readonly cookie: string };
/** A page that a launch opened, and the cookies that it is asked for with. */
export type Opened = { readonly address: string; readonly cookie: string };

/** All logins, then all launches with their pages; while the platform signs in between, no clock runs. */
export async function launchAll(
  side: Side,
  lms: LocalPlatform,
  people: readonly string[],
): Promise<{ seconds: number; visits: readonly Opened[] }> {
  const agent = new Agent({ connections: AT_ONCE, keepAliveTimeout: 60_000 });
  const target = side.program.url + side.launch;
  const { issuer, clientId } = lms.registration();
  const started = performance.now();
  const begun = await inTurns(people, (person) => login(side, agent, { issuer, clientId, target, person }));
  const loggedIn = performance.now();
  const tokens = await Promise.all(
    begun.map(({ nonce }, at) => lms.sign(claimsOf(lms, target, nonce, people[at] ?? ''))),
  );
  const signed = performance.now();
  const visits = await inTurns(begun, ({ state, cookie }, at) =>
    launch(target, agent, { state, cookie, idToken: tokens[at] ?? '' }),
  );
  const ended = performance.now();
  await agent.close();
  return { seconds: (loggedIn - started + (ended - signed)) / 1000, visits };
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

/** Posts the token and follows to the page; answers where it is, and whose. @throws where the page is not 200 */
async function launch(
  target: string,
  agent: Agent,
  { state, cookie, idToken }: { state: string; cookie: string; idToken: string },
): Promise<Opened> {
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
  return { address, cookie: kept };
}

function cookiesOf(headers: Readonly<Record<string, string | string[] | undefined>>): string {
  return [headers['set-cookie'] ?? []]
    .flat()
    .map((line) => line.split(';')[0])
    .join('; ');
}

/** Does the work for each, so many at once; answers in their order. */
export async function inTurns<T, R>(
  items: readonly T[],
  work: (item: T, at: number) => Promise<R>,
): Promise<R[]> {
  const answers = new Array<R>(items.length);
  let next = 0;
  const runner = async (): Promise<void> => {
    for (let at = next++; at < items.length; at = next++) answers[at] = await work(items[at] as T, at);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, runner));
  return answers;
}
