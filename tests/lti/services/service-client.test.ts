import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { linkOf } from '../../../src/lti/services/links.ts';
import { decodeOnce } from '../../../src/lti/services/plain-text.ts';
import type { ServiceError } from '../../../src/lti/service-error.ts';
import {
  type Answer,
  refusal,
  type ScriptedPlatform,
  startScriptedPlatform,
} from './support/scripted-platform.ts';

let lms: ScriptedPlatform;
beforeEach(async () => {
  lms = await startScriptedPlatform();
});
afterEach(() => lms.close());

const get = (scopes: readonly string[] = ['a']) =>
  lms.client.call(lms.platform.id, { url: `${lms.url}/thing`, scopes });
const post = () =>
  lms.client.call(lms.platform.id, { url: `${lms.url}/thing`, method: 'POST', scopes: ['a'], body: '{}' });
const errorOf = (promise: Promise<unknown>): Promise<ServiceError> =>
  promise.then(
    () => {
      throw new Error('It was answered.');
    },
    (error: unknown) => error as ServiceError,
  );

describe('A token', () => {
  test('is asked for with an assertion of its own that a platform without leeway takes', async () => {
    lms.script('GET /thing', { body: 1 });
    await get();
    await get(['b']);
    const [first, second] = lms.assertions;
    const seconds = Date.parse('2026-11-24T10:00:00Z') / 1_000;
    expect(first).toMatchObject({ iss: 'client-1', sub: 'client-1', aud: lms.platform.tokenAudience });
    expect(first?.['https://purl.imsglobal.org/spec/lti/claim/deployment_id']).toBe('7');
    expect(seconds - Number(first?.['iat'])).toBeGreaterThanOrEqual(5);
    expect(seconds - Number(first?.['iat'])).toBeLessThanOrEqual(10);
    expect(Number(first?.['exp']) - Number(first?.['iat'])).toBeLessThanOrEqual(300);
    expect(first?.['jti']).not.toBe(second?.['jti']);
  });

  test('is asked for once by many calls at a time, and kept until a minute before its end', async () => {
    lms.script('GET /thing', { body: 1 });
    await Promise.all(Array.from({ length: 8 }, () => get()));
    expect(lms.assertions).toHaveLength(1);
    lms.pass(3_539_000);
    await get();
    expect(lms.assertions).toHaveLength(1);
    lms.pass(2_000);
    await get();
    expect(lms.assertions).toHaveLength(2);
  });

  test('names the deployment of the course that it is for, and serves no other', async () => {
    lms.script('GET /thing', { body: 1 });
    const of = (deploymentId: string) =>
      lms.client.call(lms.platform.id, { url: `${lms.url}/thing`, scopes: ['a'], deploymentId });
    for (const deployment of ['7', '8', '8', '7']) await of(deployment);
    expect(
      lms.assertions.map((claims) => claims['https://purl.imsglobal.org/spec/lti/claim/deployment_id']),
    ).toEqual(['7', '8']);
    expect(lms.asked.at(-1)?.headers.authorization).toBe('Bearer token-1');
  });

  test('is kept by scopes, whatever their order', async () => {
    lms.script('GET /thing', { body: 1 });
    await get(['a', 'b']);
    await get(['b', 'a']);
    await get(['a']);
    expect(lms.assertions).toHaveLength(2);
  });

  test('of fewer scopes than asked for is refused', async () => {
    lms.scriptToken({ body: { access_token: 't', expires_in: 60, scope: 'b c' } });
    expect(await refusal(get())).toBe('permanent service_scope_refused');
  });

  test.each([
    [{ status: 400, body: { error: 'invalid_client' } }, 'permanent service_token_refused'],
    [{ status: 400, body: { error: 'invalid_scope' } }, 'permanent service_scope_refused'],
    [{ status: 200, body: 'not JSON' }, 'permanent service_token_refused'],
    [{ status: 503 }, 'retry service_failed'],
    [{ status: 403, body: 'Rate Limit Exceeded' }, 'retry service_busy'],
    [{ status: 0 }, 'retry service_unreachable'],
  ])('that a platform answers with %j is "%s"', async (answer: Answer, expected) => {
    lms.scriptToken(answer);
    expect(await refusal(post())).toBe(expected);
  });

  test('refused with 401 is dropped and one more tried, even where many calls held it', async () => {
    lms.script('GET /thing', { status: 401 }, { status: 401 }, { status: 401 }, { body: 1 });
    await Promise.all([get(), get(), get()]);
    expect(lms.assertions).toHaveLength(2);
  });

  test('refused twice is given up', async () => {
    lms.script('GET /thing', { status: 401 });
    expect(await refusal(get())).toBe('permanent service_token_refused');
    expect(lms.calls()).toHaveLength(2);
  });
});

describe('A bearer token', () => {
  test('goes to no host but those pinned at registration', async () => {
    const other = await startScriptedPlatform();
    const call = lms.client.call(lms.platform.id, { url: `${other.url}/thing`, scopes: ['a'] });
    expect(await refusal(call)).toBe('permanent service_host_foreign');
    expect(other.asked).toHaveLength(0);
    expect(lms.asked).toHaveLength(0);
    await other.close();
  });

  test('follows no redirect', async () => {
    lms.script('GET /thing', { status: 302, headers: { location: `${lms.url}/elsewhere` } });
    expect(await refusal(get())).toBe('permanent service_redirects');
    expect(lms.calls()).toEqual(['GET /thing']);
  });

  test('goes to no unknown platform', async () => {
    const call = lms.client.call('unknown', { url: `${lms.url}/thing`, scopes: ['a'] });
    expect(await refusal(call)).toBe('permanent service_platform_off');
  });

  test('comes with a User-Agent, which Canvas requires', async () => {
    lms.script('GET /thing', { body: 1 });
    await get();
    expect(lms.asked.at(-1)?.headers['user-agent']).toMatch(/^peer-group\//);
    expect(lms.asked.at(-1)?.headers.authorization).toBe('Bearer token-1');
  });
});

describe('The retry table', () => {
  test.each([
    [{ status: 403, body: '403 Forbidden (Rate Limit Exceeded)' }, 'retry service_busy'],
    [{ status: 403, headers: { 'x-rate-limit-remaining': '0.0' } }, 'retry service_busy'],
    [{ status: 403, headers: { 'x-rate-limit-remaining': '300.5' } }, 'permanent service_forbidden'],
    [{ status: 403 }, 'permanent service_forbidden'],
    [{ status: 429 }, 'retry service_busy'],
    [{ status: 500 }, 'retry service_failed'],
    [{ status: 502, body: '<html>Bad Gateway</html>' }, 'retry service_failed'],
    [{ status: 503 }, 'retry service_failed'],
    [{ status: 0 }, 'retry service_unreachable'],
    [{ status: 409, body: '[]' }, 'conflict service_timestamp'],
    [{ status: 400, body: 'A newer timestamp is stored' }, 'conflict service_timestamp'],
    [{ status: 400, body: 'Incorrect score received' }, 'permanent service_not_understood'],
    [{ status: 404 }, 'permanent service_gone'],
    [{ status: 410 }, 'permanent service_gone'],
    [{ status: 422 }, 'permanent service_person_not_gradable'],
    [{ status: 418 }, 'permanent service_refused'],
  ])('reads %j as "%s"', async (answer: Answer, expected) => {
    lms.script('POST /thing', answer);
    expect(await refusal(post())).toBe(expected);
  });

  test.each([200, 201, 202, 204])('takes %i as done, with or without a body', async (status) => {
    lms.script('POST /thing', { status, body: '' });
    expect((await post()).status).toBe(status);
  });

  test('honours Retry-After in seconds and as a date, up to ten minutes', async () => {
    const after = async (value: string): Promise<number | null> => {
      lms.script('POST /thing', { status: 429, headers: { 'retry-after': value } });
      return (await errorOf(post())).retryAfterMs;
    };
    expect(await after('7')).toBe(7_000);
    expect(await after('Tue, 24 Nov 2026 10:00:30 GMT')).toBe(30_000);
    expect(await after('86400')).toBe(600_000);
    expect(await after('soon')).toBeNull();
  });

  test('tries a read again with growing pauses, and no more than four times', async () => {
    lms.script('GET /thing', { status: 503 }, { status: 0 }, { status: 502 }, { body: 'here' });
    expect((await get()).text).toBe('here');
    expect(lms.pauses).toHaveLength(3);
    expect(lms.pauses[2]).toBeGreaterThan(lms.pauses[0] ?? Infinity);
    lms.script('GET /thing', { status: 503 });
    expect(await refusal(get())).toBe('retry service_failed');
    expect(lms.calls()).toHaveLength(8);
  });

  test('never sends a write twice by itself, since the first may have been taken', async () => {
    lms.script('POST /thing', { status: 502 });
    await refusal(post());
    expect(lms.calls()).toEqual(['POST /thing']);
  });

  test('leaves a long Retry-After to whoever called', async () => {
    lms.script('GET /thing', { status: 429, headers: { 'retry-after': '60' } });
    expect((await errorOf(get())).retryAfterMs).toBe(60_000);
    expect(lms.calls()).toHaveLength(1);
  });
});

describe('A Link header', () => {
  test.each([
    ['<https://lms/x?a=1>; rel="next"', 'https://lms/x?a=1'],
    ['<https://lms/x?a=1&amp;b=2>; rel=“next”', 'https://lms/x?a=1&b=2'],
    [Buffer.from('<https://lms/x>; rel=“next”').toString('latin1'), 'https://lms/x'],
    ['<https://lms/x>;rel=next', 'https://lms/x'],
    [
      '<https://lms/d>; rel="differences", <https://lms/x,y;z>; type="a"; rel="last next"',
      'https://lms/x,y;z',
    ],
    ['</next?page=2>; REL="Next"', '/next?page=2'],
    [`<https://lms/${'x'.repeat(9_000)}>; rel="next"`, `https://lms/${'x'.repeat(9_000)}`],
    ['<https://lms/d>; rel="differences"', null],
    ['<https://lms/d>; rel="nextish"', null],
    ['nonsense', null],
    ['', null],
  ])('number %# is read tolerantly', (header, expected) => {
    expect(linkOf(header, 'next')).toBe(expected);
  });
});

test.each([
  ['O&#039;Neil', "O'Neil"],
  ['Ade &amp; Sons', 'Ade & Sons'],
  ['&amp;lt;b&amp;gt;', '&lt;b&gt;'],
  ['&#x1F44B; Ng&#7885;', '\u{1F44B} Ngọ'],
  ['&#99999999; &nbsp; &#0;', '&#99999999; &nbsp; &#0;'],
  ['a\u0000b\n', 'a b'],
  ['   ', null],
  [null, null],
])('%j is decoded once to %j', (given, expected) => {
  expect(decodeOnce(given)).toBe(expected);
});
