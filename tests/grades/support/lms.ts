import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { completePlatform, type Platform } from '../../../src/lti/platforms.ts';
import { createGradebook } from '../../../src/lti/services/gradebook.ts';
import { createServiceClient } from '../../../src/lti/services/service-client.ts';
import type { CourseServices, Gradebook } from '../../../src/lti/types.ts';

const AGS = 'https://purl.imsglobal.org/spec/lti-ags/scope/';
const SCOPES = ['lineitem', 'lineitem.readonly', 'result.readonly', 'score'].map((name) => AGS + name);
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

type Service = 'token' | 'items' | 'item' | 'results' | 'scores';
/** `lose` does the work and never answers; `drop` closes at once. */
type Fault = { status?: number; headers?: Record<string, string>; body?: string; manner?: 'lose' | 'drop' };
export type Posted = { sub: string; score: number; at: string; status: number; overStaff: boolean };
type Grade = { score: number; second: number };

/** An AGS gradebook over HTTP with Moodle's manners, which records every score it is sent. */
export async function startRecordingLms(clock: () => Date = () => new Date()) {
  let made = 0;
  const items: { id: string; resourceId: string; tag: string; label: string }[] = [];
  const grades = new Map<string, Grade | null>();
  const posted: Posted[] = [];
  const faults: { service: Service; sub: string | null; times: number; fault: Fault }[] = [];
  const unknown = new Set<string>();
  const asked: Record<Service, number> = { token: 0, items: 0, item: 0, results: 0, scores: 0 };
  const manners = {
    /** Null answers at once. */
    beforeScore: null as null | (() => Promise<void>),
    /** Moodle's coupled columns: a teacher's override stays, yet the tool is told that all is well. */
    locked: new Set<string>(),
    /** A course that ends at 20 points a hundred: what the platform's own maximum is. */
    maximum: 100,
    down: false,
  };
  const takeFault = (service: Service, sub: string | null): Fault | null => {
    asked[service] += 1;
    if (manners.down) return { status: 503 };
    const index = faults.findIndex((one) => one.service === service && (one.sub === null || one.sub === sub));
    const found = faults[index];
    if (found === undefined) return null;
    if (--found.times <= 0) faults.splice(index, 1);
    return found.fault;
  };

  const takeScore = (sub: string, body: { scoreGiven: number; timestamp: string } & object): number => {
    const overStaff =
      (body as Record<string, { prioritize_non_tool_grade?: boolean }>)[
        'https://canvas.instructure.com/lti/submission'
      ]?.prioritize_non_tool_grade === false;
    const second = Math.floor(Date.parse(body.timestamp) / 1_000);
    const known = grades.get(sub) ?? null;
    const status = unknown.has(sub) ? 502 : known !== null && known.second >= second ? 409 : 200;
    posted.push({ sub, score: body.scoreGiven, at: body.timestamp, status, overStaff });
    if (status === 200 && !manners.locked.has(sub)) grades.set(sub, { score: body.scoreGiven, second });
    return status;
  };

  const answer = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    let body = '';
    for await (const chunk of req) body += String(chunk);
    const here = new URL(req.url ?? '', url);
    const send = (status: number, value: unknown = []) => {
      res.writeHead(status, { 'content-type': 'application/json' });
      res.end(typeof value === 'string' ? value : JSON.stringify(value));
    };
    const [, , name = ''] = here.pathname.split('/');
    const service: Service =
      here.pathname === '/token' ? 'token' : here.pathname === '/items' ? 'items' : 'item';
    const which: Service = here.pathname.endsWith('/scores')
      ? 'scores'
      : here.pathname.endsWith('/results')
        ? 'results'
        : service;
    const score =
      which === 'scores'
        ? (JSON.parse(body) as { userId: string; scoreGiven: number; timestamp: string })
        : null;
    const sub = score?.userId ?? here.searchParams.get('user_id');
    if (which === 'scores' && manners.beforeScore !== null) await manners.beforeScore();
    const fault = takeFault(which, sub);
    if (fault?.manner === 'drop') {
      res.destroy();
      return;
    }
    if (fault?.status !== undefined) {
      res.writeHead(fault.status, fault.headers).end(fault.body ?? '');
      return;
    }
    if (which === 'token') {
      const scope = new URLSearchParams(body).get('scope');
      send(200, { access_token: 't', token_type: 'Bearer', expires_in: 3600, scope });
      return;
    }
    if (which === 'items' && req.method === 'POST') {
      const item = {
        ...(JSON.parse(body) as (typeof items)[0]),
        id: `${url}/item/${(made += 1)}?type_id=1`,
      };
      items.push(item);
      send(201, item);
      return;
    }
    if (which === 'items') {
      send(200, items);
      return;
    }
    const item = items.find(({ id }) => new URL(id).pathname === `/item/${name}`);
    if (item === undefined) send(404);
    else if (which === 'item') send(200, item);
    else if (score !== null) {
      const status = takeScore(score.userId, score);
      if (fault?.manner === 'lose') res.destroy();
      else send(status, '');
    } else {
      const grade = grades.get(sub ?? '') ?? null;
      const shown = grade === null || grade.score === 0 ? {} : shownOf(grade.score);
      send(200, grade === null ? [] : [{ userId: sub, scoreOf: item.id, ...shown }]);
    }
  };
  // A zero grade reads back without a score, as on Moodle.
  const shownOf = (score: number) => ({
    resultScore: (score * manners.maximum) / 100,
    resultMaximum: manners.maximum,
  });

  const server = createServer((req, res) => void answer(req, res));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    items,
    posted,
    asked,
    manners,
    unknown,
    services: (change: Partial<CourseServices> = {}): CourseServices => ({
      membershipsUrl: null,
      lineItemsUrl: `${url}/items`,
      lineItemUrl: null,
      scopes: SCOPES,
      ...change,
    }),
    grade: (sub: string): number | null => grades.get(sub)?.score ?? null,
    /** As a teacher does in the LMS's own gradebook, now. */
    setGrade(sub: string, score: number | null) {
      const second = Math.floor(clock().getTime() / 1_000);
      grades.set(sub, score === null ? null : { score, second });
    },
    /** The next calls of this service (for this person) meet the fault. */
    fail(
      service: Service,
      fault: Fault,
      { sub = null, times = 1 }: { sub?: string | null; times?: number } = {},
    ) {
      faults.push({ service, sub, times, fault });
    },
    heal() {
      faults.length = 0;
      manners.down = false;
    },
    /** The column and all its grades are gone. */
    loseColumn() {
      items.length = 0;
      grades.clear();
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
export type RecordingLms = Awaited<ReturnType<typeof startRecordingLms>>;

/** The real AGS client of the platform at this address. */
export function gradebookOf(url: string, clock: () => Date): Gradebook {
  const platform: Platform = {
    ...completePlatform({
      issuer: url,
      clientId: 'client',
      authUrl: `${url}/auth`,
      tokenUrl: `${url}/token`,
      jwksUrl: `${url}/jwks`,
      deploymentIds: ['1'],
    }),
    id: 'platform',
    keyId: 'key',
    createdAt: clock(),
  };
  return createGradebook(
    createServiceClient({
      platforms: { find: () => Promise.resolve(platform) },
      signingKey: () => Promise.resolve({ kid: 'key', privateKey }),
      allowPrivateNetwork: true,
      log: pino({ level: 'silent' }),
      clock,
      pause: () => Promise.resolve(),
    }),
  );
}
