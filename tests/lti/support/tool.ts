import { readFileSync } from 'node:fs';
import path from 'node:path';
import { request, createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { pino } from 'pino';
import { PROJECT_ROOT, type Config } from '../../../src/config.ts';
import { createDoor, type Door } from '../../../src/lti/door.ts';
import type { Launch } from '../../../src/lti/types.ts';
import { failurePage, nothingHere } from '../../../src/web/failure.ts';
import { securityHeaders } from '../../../src/web/headers.ts';
import type { Pages } from '../../../src/web/page.ts';
import { readWords } from '../../../src/web/words.ts';
import { openTestDatabase } from '../../support/database.ts';
import { ltiConfig, someClaims } from './builders.ts';
import { CLAIM } from '../../../src/lti/claims.ts';
import type { LocalPlatform } from './local-platform.ts';

const words = JSON.parse(readFileSync(path.join(PROJECT_ROOT, 'locales/en/lti.json'), 'utf8')) as {
  errors: Record<string, string>;
};

/** What the demo and its tests are known as; the server listens on a port of its own. */
const PUBLIC_URL = 'http://localhost:3000';

export type Login = {
  readonly answer: Response;
  readonly location: URL;
  readonly state: string;
  readonly nonce: string;
  /** As a browser would send it back. */
  readonly cookie: string;
};

export type Tool = Awaited<ReturnType<typeof startTool>>;

/** The door on a server of its own, over the real database; what it lets in is remembered. */
export async function startTool(change: Partial<Config> = {}) {
  const database = await openTestDatabase();
  const launches: Launch[] = [];
  const lines: string[] = [];
  const ended: string[] = [];
  let ahead = 0;
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) });
  const door: Door = await createDoor({
    config: { ...someConfig(), ...change },
    database,
    log,
    clock: () => new Date(Date.now() + ahead),
    onLaunch: (launch, { keepsCookies }) => {
      launches.push(launch);
      return Promise.resolve({ address: '/l/launch-1/', key: keepsCookies ? null : 'frame-key-1' });
    },
    endSessions: (platformId) => {
      ended.push(platformId);
      return Promise.resolve(3);
    },
    links: {
      targets: () => [{ path: '/group/meetups', label: 'group:nav.meetups' }],
      column: {
        resourceId: 'participation',
        tag: 'participation',
        label: 'grades:column',
        scoreMaximum: 100,
      },
    },
  });
  await database.ensure();
  const app = express().set('trust proxy', 1);
  app.locals['pages'] = await somePages();
  const server = createServer(
    app.use(securityHeaders(PUBLIC_URL), door.app, nothingHere).use(failurePage(log)),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const address = `http://127.0.0.1:${port}`;

  const login = async (
    lms: LocalPlatform,
    change: Record<string, string | undefined> = {},
    how: { method?: string; headers?: Record<string, string> } = {},
  ): Promise<Login> => {
    const fields = new URLSearchParams(defined({ ...loginOf(lms), ...change }));
    const post = how.method === 'POST';
    const answer = await fetch(`${address}/lti/login${post ? '' : `?${fields.toString()}`}`, {
      redirect: 'manual',
      method: post ? 'POST' : 'GET',
      headers: how.headers ?? {},
      ...(post ? { body: fields } : {}),
    });
    const location = new URL(answer.headers.get('location') ?? 'http://none.invalid');
    return {
      answer,
      location,
      state: location.searchParams.get('state') ?? '',
      nonce: location.searchParams.get('nonce') ?? '',
      cookie: answer.headers
        .getSetCookie()
        .map((cookie) => cookie.split(';')[0])
        .join('; '),
    };
  };
  const post = (form: Record<string, string>, cookie: string) =>
    fetch(`${address}/lti/launch`, {
      method: 'POST',
      redirect: 'manual',
      headers: { cookie },
      body: new URLSearchParams(form),
    });
  const claims = (lms: LocalPlatform, change: Record<string, unknown>) => {
    const iat = Math.floor(Date.now() / 1000);
    const target = `${PUBLIC_URL}/lti/launch`;
    return someClaims({ iss: lms.issuer, iat, exp: iat + 60, [CLAIM.targetLinkUri]: target, ...change });
  };

  return {
    origin: PUBLIC_URL,
    address,
    door,
    launches,
    /** Platforms whose sessions were ended. */
    ended,
    clock: { advance: (ms: number) => void (ahead += ms), reset: () => void (ahead = 0) },
    get logged() {
      return lines.join('');
    },
    login,
    post,
    claims,
    /** From login to the tool's answer, as a browser would go. */
    async launch(
      lms: LocalPlatform,
      change: Record<string, unknown> = {},
      header: Record<string, unknown> = {},
      begun: Record<string, string> = {},
    ) {
      const { state, nonce, cookie } = await login(lms, begun);
      return post({ state, id_token: await lms.sign(claims(lms, { nonce, ...change }), header) }, cookie);
    },
    /** The reason in the log that belongs to the reference on a refusal's page, which has words of its own. */
    async codeOf(answer: Response): Promise<string> {
      const page = await answer.text();
      const reference = /reference: ([0-9A-F]{8})/.exec(page)?.[1] ?? 'none';
      const code = /"code":"(\w+)"/.exec(lines.find((line) => line.includes(reference)) ?? '')?.[1] ?? 'none';
      const told = /<p class="lead">(.+?)<\/p>/.exec(page)?.[1] ?? '';
      if (code.startsWith('lti_') && told !== words.errors[code]) throw new Error(`No words for ${code}.`);
      return code;
    },
    /** A request whose path no client library tidies up. */
    raw: (method: string, path: string, body: string, headers: Record<string, string>) =>
      new Promise<{ status: number; headers: IncomingHttpHeaders }>((resolve, reject) => {
        request({ port, host: '127.0.0.1', method, path, headers, agent: false }, (res) => {
          res.resume();
          resolve({ status: res.statusCode ?? 0, headers: res.headers });
        })
          .on('error', reject)
          .end(body);
      }),
    /** Takes the database away while the work is done. */
    async withoutDatabase<T>(work: () => Promise<T>): Promise<T> {
      const client = database.connection.getClient();
      await client.close();
      try {
        return await work();
      } finally {
        await client.connect();
      }
    },
    /** As freshly installed: no platform, login or invitation is left. */
    async empty() {
      const { collections } = database.connection;
      await Promise.all(
        Object.values(collections)
          .filter(({ name }) => name.startsWith('lti_'))
          .map((collection) => collection.deleteMany({})),
      );
    },
    documents: (collection: string) => database.connection.collection(collection).find({}).toArray(),
    async close() {
      await door.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await database.close();
    },
  };
}

export function someConfig(): Config {
  return {
    port: 0,
    host: '127.0.0.1',
    publicUrl: PUBLIC_URL,
    mongodbUri: '',
    sessionSecret: 's'.repeat(32),
    encryptionKey: Buffer.alloc(32, 7),
    previousEncryptionKey: null,
    registration: 'open',
    allowPrivateNetwork: true,
    trustedProxies: 0,
    logLevel: 'silent',
    cacheDirectory: '',
    lti: ltiConfig,
  };
}

let people = 0;

/** As another person each time, for one person opens the tool only so often in a minute. */
function loginOf(lms: LocalPlatform) {
  people += 1;
  return {
    iss: lms.issuer,
    login_hint: `hint ${people}`,
    target_link_uri: `${PUBLIC_URL}/lti/launch`,
    lti_message_hint: '{"launch": 7}',
    client_id: 'client-1',
    lti_deployment_id: '1',
  };
}

function defined(fields: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

async function somePages(): Promise<Pages> {
  return {
    views: path.join(PROJECT_ROOT, 'views'),
    words: await readWords(path.join(PROJECT_ROOT, 'locales')),
    asset: (name) => `/assets/${name}`,
    menu: () => [],
  };
}
