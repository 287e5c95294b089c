import { afterAll, beforeAll, expect } from '@jest/globals';
import fc from 'fast-check';
import { CLAIM } from '../../../src/lti/claims.ts';
import { type LocalPlatform, startLocalPlatform } from './local-platform.ts';
import { startTool, type Tool } from './tool.ts';

const NAMES = [
  ...[
    'state',
    'id_token',
    'iss',
    'iss[$ne]',
    'login_hint',
    'target_link_uri',
    'client_id',
    'lti_message_hint',
  ],
  ...[
    'ltik',
    'error',
    '__proto__',
    'constructor',
    'openid_configuration',
    'registration_token',
    'invitation',
  ],
  ...[
    'lti_deployment_id',
    'lti_storage_target',
    'cookies_tried',
    'ticket',
    'proof',
    'target',
    'target /',
    'column',
  ],
];
const KNOWN = 'known issuer';
const value = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.constantFrom(
    'a b',
    '{"$ne":null}',
    'a'.repeat(50),
    'eyJhbGciOiJub25lIn0.e30.',
    '//evil.example',
    '[]',
    '%00',
  ),
  fc.constantFrom('client-1', 'http://localhost:3000/lti/launch', 'http://127.0.0.1:1/x', 'hint', '\r\nx: y'),
  fc.constantFrom('x'.repeat(9_000), 'ọ'.repeat(3_000), '\u0000', '\ud800', '🙂'),
  fc.constant(KNOWN),
);
const fields = fc.array(fc.tuple(fc.constantFrom(...NAMES), value), { maxLength: 8 });
const PATHS = [
  ...['/lti/login', '/lti/launch', '/lti/launch/proof', '/lti/deep-link', '/lti/keys', '/lti/register'],
  ...[
    '/lti/canvas.json',
    '/lti/',
    '/lti/launch/..',
    '/lti//launch',
    '//evil.example/lti/launch',
    '/lti/LAUNCH/',
  ],
];
const TYPES = [
  'application/x-www-form-urlencoded',
  'application/json',
  'text/plain',
  'multipart/form-data',
  'nonsense/;;',
];
const DESTINATIONS = ['iframe', 'document', 'x'];
const SITES = ['same-origin', 'cross-site', 'none'];

/** Sends so many requests of any shape to the door; each has to be answered, and never by a fault of ours. */
async function fuzzRequests(tool: Tool, lms: LocalPlatform, runs: number): Promise<void> {
  const form = (given: readonly [string, string][]) =>
    given.map(([key, text]) => [key, text === KNOWN ? lms.issuer : text].map(encoded).join('=')).join('&');
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...PATHS),
      fc.constantFrom('GET', 'POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'),
      fc.constantFrom(...TYPES),
      fields,
      fields,
      fc.constantFrom(...DESTINATIONS),
      fc.constantFrom(...SITES),
      async (path, method, type, query, body, dest, site) => {
        const headers = {
          'content-type': type,
          cookie: `__Host-lti-${'a'.repeat(16)}=x`,
          'sec-fetch-dest': dest,
          'sec-fetch-site': site,
        };
        const { status, headers: answered } = await tool.raw(
          method,
          `${path}?${form(query).slice(0, 12_000)}`,
          form(body),
          headers,
        );
        if (status >= 500) throw new Error(`${method} ${path} was answered with ${status}.`);
        leadsNowhere(answered['location'], tool, lms);
      },
    ),
    { numRuns: runs },
  );
}

const json = fc.jsonValue({ maxDepth: 3 });
const claim = fc.constantFrom(
  ...['iss', 'aud', 'azp', 'exp', 'iat', 'nbf', 'nonce', 'sub', 'name'],
  ...Object.values(CLAIM),
);
const odd = fc.oneof(
  json,
  fc.constantFrom<unknown>(
    { $ne: null },
    ['Instructor', null],
    '__proto__',
    'x'.repeat(300),
    { id: { $gt: '' } },
    1e308,
  ),
);

/** Sends so many launches that are signed by the platform and whose claims are anything; answered, never by a fault. */
async function fuzzLaunches(tool: Tool, lms: LocalPlatform, runs: number): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(claim, odd), { minLength: 1, maxLength: 4 }), async (changes) => {
      const answer = await tool.launch(lms, Object.fromEntries(changes));
      await answer.text();
      if (answer.status >= 500)
        throw new Error(`${JSON.stringify(changes)} was answered with ${answer.status}.`);
      leadsNowhere(answer.headers.get('location') ?? undefined, tool, lms);
    }),
    { numRuns: runs },
  );
}

/** A redirect ends at our own page or at the platform's authorization address, whatever was sent. */
function leadsNowhere(location: string | undefined, tool: Tool, lms: LocalPlatform): void {
  if (location === undefined) return;
  const target = new URL(location, tool.origin);
  const ours = target.origin === tool.origin && target.pathname.startsWith('/l/');
  const theirs = target.origin === lms.issuer && target.pathname === '/auth';
  if (!ours && !theirs) throw new Error(`A redirect leads to ${location}.`);
}

/** Half a surrogate pair has no encoding; what a client sends then is anybody's guess. */
function encoded(text: string): string {
  return encodeURIComponent(text.replace(/\p{Cs}/gu, '%'));
}

/** A tool with one platform for a whole file of fuzzing; what it withstands ends with a launch that works. */
export function useFuzzedTool() {
  let lms: LocalPlatform;
  let tool: Tool;
  const unhandled: unknown[] = [];
  const remember = (reason: unknown) => void unhandled.push(reason);
  beforeAll(async () => {
    process.on('unhandledRejection', remember);
    lms = await startLocalPlatform();
    tool = await startTool({ registration: 'invite' });
    await tool.door.platforms.register(lms.registration());
  });
  afterAll(async () => {
    await tool.close();
    await lms.close();
    process.off('unhandledRejection', remember);
  });
  const stands = async (): Promise<void> => {
    expect((await tool.launch(lms)).status).toBe(303);
    expect(unhandled).toEqual([]);
  };
  return {
    async requests(count: number) {
      await fuzzRequests(tool, lms, count);
      await stands();
    },
    async launches(count: number) {
      await fuzzLaunches(tool, lms, count);
      await stands();
    },
  };
}
