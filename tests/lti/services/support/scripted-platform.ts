import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { jwtVerify } from 'jose';
import { pino } from 'pino';
import { completePlatform, type Platform } from '../../../../src/lti/platforms.ts';
import { createServiceClient, type ServiceClient } from '../../../../src/lti/services/service-client.ts';
import type { CourseServices } from '../../../../src/lti/types.ts';

export type Answer = { status?: number; headers?: Record<string, string>; body?: unknown };
export type Asked = { method: string; path: string; headers: IncomingMessage['headers']; body: string };

export type Recording = {
  method: string;
  url: string;
  sent?: string;
  status: number;
  headers: Record<string, string>;
  body: unknown;
};
const RECORDINGS = path.resolve(import.meta.dirname, '../../../fixtures/moodle-4.5');
const MOODLE = 'http://localhost:8081';
const AGS = 'https://purl.imsglobal.org/spec/lti-ags/scope/';
export const ALL_SCOPES = ['lineitem', 'lineitem.readonly', 'result.readonly', 'score'].map(
  (name) => AGS + name,
);
export const START = new Date('2026-11-24T10:00:00.000Z');

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** A platform that answers each path by script, in turn, the last answer from then on; its token endpoint is strict. */
export async function startScriptedPlatform() {
  const scripts = new Map<string, Answer[]>();
  const asked: Asked[] = [];
  const assertions: Record<string, unknown>[] = [];
  const pauses: number[] = [];
  let now = START.getTime();
  let token: Answer | null = null;
  const server = createServer((req, res) => {
    void (async () => {
      let body = '';
      for await (const chunk of req) body += String(chunk);
      const address = req.url ?? '';
      asked.push({ method: req.method ?? '', path: address, headers: req.headers, body });
      const answer = address === '/token' ? await tokenAnswer(body) : next(`${req.method ?? ''} ${address}`);
      if (answer.status === 0) {
        res.destroy();
        return;
      }
      res.writeHead(answer.status ?? 200, onTheWire(answer.headers ?? {}));
      res.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? ''));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const next = (key: string): Answer => {
    const answers = scripts.get(key) ?? [{ status: 404 }];
    return (answers.length > 1 ? answers.shift() : answers[0]) ?? { status: 404 };
  };
  const tokenAnswer = async (body: string): Promise<Answer> => {
    const form = new URLSearchParams(body);
    const { payload } = await jwtVerify(form.get('client_assertion') ?? '', publicKey, {
      audience: platform.tokenAudience,
      issuer: platform.clientId,
      currentDate: new Date(now),
    });
    assertions.push(payload);
    return (
      token ?? {
        body: {
          access_token: `token-${assertions.length}`,
          token_type: 'Bearer',
          expires_in: 3600,
          scope: form.get('scope'),
        },
      }
    );
  };
  const platform: Platform = {
    ...completePlatform({
      issuer: url,
      clientId: 'client-1',
      authUrl: `${url}/auth`,
      tokenUrl: `${url}/token`,
      jwksUrl: `${url}/jwks`,
      deploymentIds: ['7'],
    }),
    tokenAudience: `${url}/token-audience`,
    id: 'platform-1',
    keyId: 'key-1',
    createdAt: START,
  };
  const client: ServiceClient = createServiceClient({
    platforms: { find: (id) => Promise.resolve(id === platform.id ? platform : null) },
    signingKey: () => Promise.resolve({ kid: 'key-1', privateKey }),
    allowPrivateNetwork: true,
    log: pino({ level: 'silent' }),
    clock: () => new Date(now),
    pause: (ms) => {
      pauses.push(ms);
      return Promise.resolve();
    },
  });
  return {
    url,
    platform,
    client,
    asked,
    assertions,
    pauses,
    /** Answers of `GET /path?query`, in turn; status 0 drops the connection. */
    script(request: string, ...answers: Answer[]) {
      scripts.set(request, answers);
    },
    /** Scripts what a Moodle 4.5 answered, in turn by request; its address becomes ours. */
    replay(name: string): Recording[] {
      const text = readFileSync(path.join(RECORDINGS, `${name}.json`), 'utf8').replaceAll(MOODLE, url);
      const read = JSON.parse(text) as Recording | Recording[];
      const recordings = Array.isArray(read) ? read : [read];
      for (const { method, url: asked, status, headers, body } of recordings) {
        const key = `${method} ${asked.slice(url.length)}`;
        scripts.set(key, [...(scripts.get(key) ?? []), { status, headers, body }]);
      }
      return recordings;
    },
    scriptToken(answer: Answer | null) {
      token = answer;
    },
    /** What was asked but for tokens, as `GET /path`. */
    calls: () => asked.filter(({ path }) => path !== '/token').map(({ method, path }) => `${method} ${path}`),
    pass(ms: number) {
      now += ms;
    },
    services: (change: Partial<CourseServices> = {}): CourseServices => ({
      membershipsUrl: `${url}/members`,
      lineItemsUrl: `${url}/items?type_id=1`,
      lineItemUrl: null,
      scopes: ALL_SCOPES,
      ...change,
    }),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
export type ScriptedPlatform = Awaited<ReturnType<typeof startScriptedPlatform>>;

/** Headers as a platform sends them: UTF-8, which Node takes byte by byte. */
function onTheWire(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Buffer.from(value).toString('latin1')]),
  );
}

/** What a promise was refused with, as `kind code`. */
export async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await promise.then(
    () => null,
    (thrown: unknown) => thrown as { kind?: string; code?: string },
  );
  return error === null ? 'none' : `${String(error.kind)} ${String(error.code)}`;
}
