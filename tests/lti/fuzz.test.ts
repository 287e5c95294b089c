import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { startLocalPlatform, type LocalPlatform } from './support/local-platform.ts';
import { startTool, type Tool } from './support/tool.ts';

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

const name = fc.constantFrom(
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
    'lti_deployment_id',
  ],
);
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
  fc.constantFrom('client-1', 'http://localhost:3000/lti/launch', 'http://127.0.0.1:1/x', 'hint'),
  fc.constant('known issuer'),
);
const field = fc.tuple(name, value);
const path = fc.constantFrom(
  '/lti/login',
  '/lti/launch',
  '/lti/keys',
  '/lti/register',
  '/lti/',
  '/lti/launch/..',
);
const type = fc.constantFrom(
  'application/x-www-form-urlencoded',
  'application/json',
  'text/plain',
  'nonsense/;;',
);

test('no request gets a 5xx or ends the process', async () => {
  const form = (fields: readonly [string, string][]) =>
    fields
      .map(([key, text]) => [key, text === 'known issuer' ? lms.issuer : text].map(encoded).join('='))
      .join('&');
  await fc.assert(
    fc.asyncProperty(
      path,
      fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'OPTIONS'),
      type,
      fc.array(field, { maxLength: 6 }),
      fc.array(field, { maxLength: 6 }),
      async (target, method, contentType, query, body) => {
        const headers = { 'content-type': contentType, cookie: `__Host-lti-${'a'.repeat(16)}=x` };
        const { status } = await tool.raw(method, `${target}?${form(query)}`, form(body), headers);
        expect(status).toBeLessThan(500);
      },
    ),
    { numRuns: 600 },
  );
  expect((await tool.launch(lms)).status).toBe(303);
  expect(unhandled).toEqual([]);
});

/** Half a surrogate pair has no encoding; what a client sends then is anybody's guess. */
function encoded(text: string): string {
  return encodeURIComponent(text.replace(/\p{Cs}/gu, '%'));
}
