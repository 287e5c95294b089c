import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import mongoose from 'mongoose';
import { CLAIM } from '../../../src/lti/claims.ts';
import { ROLE, someClaims } from './builders.ts';
import type { LocalPlatform } from './local-platform.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');

export type Begun = { readonly state: string; readonly nonce: string; readonly cookie: string };
/** Several processes of the tool, as an operator starts them, behind one address and over one database. */
export type Fleet = Awaited<ReturnType<typeof startFleet>>;

/** @param count processes; requests go to them in turn */
export async function startFleet(count: number) {
  const address = process.env['TEST_MONGODB_URI'];
  if (address === undefined) throw new Error('The global set-up has not started an engine.');
  const database = `test_${randomBytes(6).toString('hex')}`;
  const uri = address.replace(/\/(\?|$)/, `/${database}$1`);
  let turn = 0;
  const ports: number[] = [];
  const front = createServer((req, res) => {
    turn += 1;
    forward(req, res, ports[turn % ports.length] ?? 0);
  });
  const url = `http://localhost:${await listen(front)}`;
  const children: ChildProcess[] = [];
  for (let index = 0; index < count; index += 1) {
    const port = await freePort();
    ports.push(port);
    children.push(startTool(port, url, uri));
  }
  await Promise.all(ports.map((port, index) => ready(port, children[index])));
  const db = await mongoose.createConnection(uri).asPromise();

  const login = async (lms: LocalPlatform, more: Record<string, string> = {}): Promise<Begun> => {
    const query = new URLSearchParams({ ...loginOf(lms, url), ...more });
    const answer = await fetch(`${url}/lti/login?${query.toString()}`, { redirect: 'manual' });
    const location = new URL(answer.headers.get('location') ?? `http://none.invalid/${answer.status}`);
    return {
      state: location.searchParams.get('state') ?? '',
      nonce: location.searchParams.get('nonce') ?? '',
      cookie: cookiesOf(answer),
    };
  };
  /** @param to one of the processes, by its place; by default the next in turn */
  const post = async (lms: LocalPlatform, { state, nonce, cookie }: Begun, change = {}, to?: number) => {
    const base = to === undefined ? url : `http://localhost:${ports[to] ?? 0}`;
    const idToken = await lms.sign(claimsOf(lms, url, { nonce, ...change }));
    return fetch(`${base}/lti/launch`, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie },
      body: new URLSearchParams({ state, id_token: idToken }),
    });
  };
  return {
    url,
    login,
    post,
    rows: (collection: string) => db.collection(collection).find({}).toArray(),
    /** Installs the tool in this LMS, by open registration. */
    async install(lms: LocalPlatform): Promise<void> {
      const wish = new URLSearchParams({ openid_configuration: `${lms.issuer}/openid-configuration` });
      const answer = await fetch(`${url}/lti/register?${wish.toString()}`);
      if (answer.status !== 200) throw new Error(`Not registered: ${answer.status}`);
    },
    /** From login to the tool's answer, through whichever processes it goes. */
    launch: async (lms: LocalPlatform, change: Record<string, unknown> = {}) =>
      post(lms, await login(lms), change),
    /** The page that a launch led to, asked of each process. */
    pagesOf: (answer: Response) =>
      Promise.all(
        ports.map(async (port) => {
          const page = await fetch(`http://localhost:${port}${answer.headers.get('location') ?? ''}`, {
            headers: { cookie: cookiesOf(answer) },
          });
          await page.text();
          return page.status;
        }),
      ),
    async kill(index: number): Promise<void> {
      const child = children[index];
      child?.kill('SIGKILL');
      if (child !== undefined) await once(child, 'exit');
      ports.splice(index, 1);
    },
    async close(): Promise<void> {
      for (const child of children) {
        if (child.exitCode !== null || child.signalCode !== null) continue;
        child.kill('SIGKILL');
        await once(child, 'exit');
      }
      front.closeAllConnections();
      await new Promise((resolve) => front.close(resolve));
      await db.dropDatabase();
      await db.close();
    },
  };
}

function startTool(port: number, url: string, uri: string): ChildProcess {
  return spawn(process.execPath, ['--import', 'tsx', 'src/main.ts'], {
    cwd: ROOT,
    stdio: 'ignore',
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      PORT: String(port),
      PUBLIC_URL: url,
      MONGODB_URI: uri,
      SESSION_SECRET: 's'.repeat(32),
      ENCRYPTION_KEY: 'e'.repeat(32),
      LTI_REGISTRATION: 'open',
      LTI_ALLOW_PRIVATE_NETWORK: 'true',
      LOG_LEVEL: 'fatal',
    },
  });
}

async function ready(port: number, child: ChildProcess | undefined): Promise<void> {
  for (;;) {
    const answer = await fetch(`http://localhost:${port}/readyz`).catch(() => null);
    if (answer?.status === 200) return;
    if (child?.exitCode !== null) throw new Error('A process of the tool ended before it was ready.');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function forward(req: IncomingMessage, res: ServerResponse, port: number): void {
  const { method, url, headers } = req;
  const onward = request({ port, host: '127.0.0.1', method, path: url, headers }, (answer) => {
    res.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(res);
  });
  onward.on('error', () => res.destroy());
  req.pipe(onward);
}

let people = 0;

function loginOf(lms: LocalPlatform, url: string): Record<string, string> {
  people += 1;
  return {
    iss: lms.issuer,
    login_hint: `person-${people}`,
    target_link_uri: `${url}/lti/launch`,
    client_id: 'registered-1',
  };
}

function claimsOf(lms: LocalPlatform, url: string, change: Record<string, unknown>): Record<string, unknown> {
  const iat = Math.floor(Date.now() / 1000);
  people += 1;
  return someClaims({
    iss: lms.issuer,
    aud: 'registered-1',
    sub: `person-${people}`,
    iat,
    exp: iat + 60,
    [CLAIM.deploymentId]: '7',
    [CLAIM.roles]: [ROLE.learner],
    [CLAIM.targetLinkUri]: `${url}/lti/launch`,
    ...change,
  });
}

function cookiesOf(answer: Response): string {
  return answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ');
}

async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listen(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function listen(server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
