import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { CLAIM } from '../../src/lti/claims.ts';
import { ROLE } from './support/builders.ts';
import { startLocalPlatform, type LocalPlatform } from './support/local-platform.ts';
import { type Login, startTool, type Tool } from './support/tool.ts';

let lms: LocalPlatform;
let tool: Tool;
const unhandled: unknown[] = [];
const remember = (reason: unknown) => void unhandled.push(reason);

beforeAll(async () => {
  process.on('unhandledRejection', remember);
  lms = await startLocalPlatform();
  tool = await startTool();
  await tool.door.platforms.register(lms.registration());
});
afterAll(async () => {
  await tool.close();
  await lms.close();
  process.off('unhandledRejection', remember);
  expect(unhandled).toEqual([]);
});
beforeEach(() => {
  tool.launches.length = 0;
});

describe('login', () => {
  test.each(['GET', 'POST'])(
    'by %s goes to the authorization address, whose own query stays',
    async (method) => {
      const { answer, location } = await tool.login(lms, { login_hint: 'hint 1' }, { method });
      expect(answer.status).toBe(302);
      expect(location.origin + location.pathname).toBe(`${lms.issuer}/auth`);
      expect(Object.fromEntries(location.searchParams)).toMatchObject({
        tenant: '7',
        response_type: 'id_token',
        response_mode: 'form_post',
        scope: 'openid',
        prompt: 'none',
        client_id: 'client-1',
        redirect_uri: `${tool.origin}/lti/launch`,
        login_hint: 'hint 1',
        lti_message_hint: '{"launch": 7}',
      });
    },
  );

  test('leaves a cookie that a frame keeps and that belongs to this host alone', async () => {
    const { answer } = await tool.login(lms);
    const [cookie] = answer.headers.getSetCookie();
    expect(cookie).toMatch(/^__Host-lti-[0-9a-f]{16}=/);
    for (const attribute of ['Path=/', 'Secure', 'HttpOnly', 'SameSite=None', 'Partitioned', 'Max-Age=600']) {
      expect(cookie).toContain(attribute);
    }
  });

  test('needs no client_id where the issuer has one registration', async () => {
    expect((await tool.login(lms, { client_id: undefined })).answer.status).toBe(302);
  });

  test('takes the detour only in a frame whose cookies are in doubt', async () => {
    const framed = { 'sec-fetch-dest': 'iframe' };
    const first = await tool.login(lms, { login_hint: 'hint 1' }, { headers: framed });
    expect(first.answer.status).toBe(200);
    expect(first.answer.headers.getSetCookie().join()).toContain('__Host-lti-probe=1');
    const page = await first.answer.text();
    expect(page).toContain('name="cookies_tried" value="1"');
    expect(page).toContain('target="_blank"');
    expect(page).toContain('name="login_hint" value="hint 1"');
    const blocked = await tool.login(lms, { cookies_tried: '1' }, { headers: framed });
    expect(blocked.answer.status).toBe(200);
    expect(await blocked.answer.text()).not.toContain('cookies_tried');
    const kept = { ...framed, cookie: '__Host-lti-probe=1' };
    expect((await tool.login(lms, {}, { headers: kept })).answer.status).toBe(302);
    const open = { ...framed, 'sec-fetch-storage-access': 'active' };
    expect((await tool.login(lms, {}, { headers: open })).answer.status).toBe(302);
  });

  test.each<[string, Record<string, string | undefined>, number, string]>([
    ['no issuer', { iss: undefined }, 400, 'lti_login_incomplete'],
    ['no hint', { login_hint: undefined }, 400, 'lti_login_incomplete'],
    ['no target', { target_link_uri: undefined }, 400, 'lti_login_incomplete'],
    ['an issuer that is too long', { iss: 'x'.repeat(2001) }, 400, 'lti_login_incomplete'],
    ['a foreign target', { target_link_uri: 'https://evil.example/lti/launch' }, 400, 'lti_login_target'],
    ['a target without a scheme', { target_link_uri: '//evil.example' }, 400, 'lti_login_target'],
    ['an unknown issuer', { iss: 'https://nobody.example' }, 403, 'lti_platform_unknown'],
    ['an unknown client', { client_id: 'client-9' }, 403, 'lti_platform_unknown'],
    ['an operator for an issuer', { iss: undefined, 'iss[$ne]': 'x' }, 400, 'lti_login_incomplete'],
  ])('refuses %s', async (_what, change, status, code) => {
    const { answer } = await tool.login(lms, change);
    expect([answer.status, await tool.codeOf(answer)]).toEqual([status, code]);
  });

  test('refuses a parameter that comes twice', async () => {
    const answer = await fetch(`${tool.address}/lti/login?iss=a&iss=b&login_hint=c&target_link_uri=d`);
    expect([answer.status, await tool.codeOf(answer)]).toEqual([400, 'lti_request_malformed']);
  });

  test('never guesses between two registrations of one issuer', async () => {
    const second = await startLocalPlatform();
    await tool.door.platforms.register(second.registration());
    await tool.door.platforms.register({ ...second.registration(), clientId: 'client-2' });
    const { answer } = await tool.login(second, { client_id: undefined });
    expect([answer.status, await tool.codeOf(answer)]).toEqual([400, 'lti_client_ambiguous']);
    expect((await tool.login(second, { client_id: 'client-2' })).answer.status).toBe(302);
    await second.close();
  });
});

describe.each([
  ['a teacher', ROLE.instructor, 'instructor'],
  ['a student', ROLE.learner, 'learner'],
])('a valid launch as %s', (_who, role, ltiRole) => {
  test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    ['plain', {}, { role: ltiRole }],
    ['with several roles', { [CLAIM.roles]: [role, 'http://example.org/roles#Gardener'] }, { role: ltiRole }],
    ['with a short role', { [CLAIM.roles]: [role.replace(/^.*#/, '')] }, { role: ltiRole }],
    ['with an unknown role', { [CLAIM.roles]: ['http://example.org/roles#Gardener'] }, { role: 'none' }],
    ['with an empty role', { [CLAIM.roles]: [''] }, { role: 'none' }],
    ['with no role', { [CLAIM.roles]: [] }, { role: 'none' }],
    ['with the email only', { name: undefined, given_name: undefined, family_name: undefined }, {}],
    ['with names only', { email: undefined }, {}],
    [
      'without personal data',
      { name: undefined, given_name: undefined, family_name: undefined, email: undefined },
      {},
    ],
    ['with vendor claims of null', { 'https://vendor.example/claim': null, [CLAIM.custom]: null }, {}],
  ])('%s passes', async (_what, change, expected) => {
    const answer = await tool.launch(lms, { [CLAIM.roles]: [role], ...change });
    expect(answer.status).toBe(303);
    expect(tool.launches).toHaveLength(1);
    expect(tool.launches[0]).toMatchObject(expected);
  });

  test('with an email but no context is answered by a page that says to open a course', async () => {
    const answer = await tool.launch(lms, {
      [CLAIM.roles]: [role],
      [CLAIM.context]: undefined,
      name: undefined,
    });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('Open this from a course');
    expect(tool.launches).toEqual([]);
  });
});

describe.each([
  ['a teacher', ROLE.instructor],
  ['a student', ROLE.learner],
])('a bad launch as %s is refused with its reason', (_who, role) => {
  test.each<[string, Record<string, unknown>, Record<string, unknown>, number, string]>([
    ['no kid', {}, { kid: undefined }, 400, 'lti_key_id_missing'],
    ['an incorrect kid', {}, { kid: 'nobody' }, 401, 'lti_key_unknown'],
    ['a wrong version', { [CLAIM.version]: '11.3' }, {}, 400, 'lti_version'],
    ['no version', { [CLAIM.version]: undefined }, {}, 400, 'lti_version'],
    ['incorrect times', { exp: 22222, iat: 11111 }, {}, 401, 'lti_expired'],
    ['no message type', { [CLAIM.messageType]: undefined }, {}, 400, 'lti_message_type_missing'],
    ['no roles', { [CLAIM.roles]: undefined }, {}, 400, 'lti_roles_missing'],
    ['no deployment', { [CLAIM.deploymentId]: undefined }, {}, 403, 'lti_deployment_missing'],
    ['an unknown deployment', { [CLAIM.deploymentId]: '99' }, {}, 403, 'lti_deployment_unknown'],
    ['no resource link', { [CLAIM.resourceLink]: undefined }, {}, 400, 'lti_resource_link'],
    ['no sub', { sub: undefined }, {}, 400, 'lti_subject_missing'],
    ['another nonce', { nonce: 'made-up' }, {}, 401, 'lti_nonce_other'],
    ['another issuer', { iss: 'https://other.example' }, {}, 401, 'lti_issuer'],
    ['another audience', { aud: 'client-9' }, {}, 401, 'lti_audience'],
    [
      'an issue a day ahead',
      { iat: Math.floor(Date.now() / 1000) + 86_400 },
      {},
      401,
      'lti_issued_in_future',
    ],
    ['an issue long ago', { iat: Math.floor(Date.now() / 1000) - 300 }, {}, 401, 'lti_token_too_old'],
  ])('%s', async (_what, claims, header, status, code) => {
    const answer = await tool.launch(lms, { [CLAIM.roles]: [role], ...claims }, header);
    expect([answer.status, await tool.codeOf(answer)]).toEqual([status, code]);
    expect(tool.launches).toEqual([]);
    expect(tool.logged).toContain(code);
  });

  test('an invalid LTI message', async () => {
    const { state, cookie } = await tool.login(lms);
    const answer = await tool.post({ state, id_token: await lms.sign({ name: 'badltilaunch' }) }, cookie);
    expect([answer.status, await tool.codeOf(answer)]).toEqual([401, 'lti_issuer']);
  });

  test('a token that is not signed', async () => {
    const { state, cookie, nonce } = await tool.login(lms);
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const idToken = `${part({ alg: 'none', kid: 'k1' })}.${part(tool.claims(lms, { nonce }))}.`;
    const answer = await tool.post({ state, id_token: idToken }, cookie);
    expect([answer.status, await tool.codeOf(answer)]).toEqual([400, 'lti_algorithm']);
  });

  test('a token of another platform', async () => {
    const other = await startLocalPlatform();
    const { state, cookie, nonce } = await tool.login(lms);
    const idToken = await other.sign(tool.claims(lms, { nonce }));
    const answer = await tool.post({ state, id_token: idToken }, cookie);
    expect([answer.status, await tool.codeOf(answer)]).toEqual([401, 'lti_signature']);
    await other.close();
  });
});

describe('what real platforms send', () => {
  const admin = ['institution/person#Administrator', 'system/person#SysAdmin'].map(
    (one) => `http://purl.imsglobal.org/vocab/lis/v2/${one}`,
  );
  test.each<[string, Record<string, unknown>, Record<string, unknown>]>([
    [
      'Canvas: blank family name, vendor claims of null, variables left as they were',
      {
        family_name: '',
        [CLAIM.custom]: { person: '$Person.sourcedId', zone: 'Africa/Lagos' },
        'https://purl.imsglobal.org/spec/lti/claim/lti1p1': null,
        [CLAIM.resourceLink]: { id: 'x', description: '<p>Read <b>this</b></p>', title: null },
      },
      { custom: { zone: 'Africa/Lagos' } },
    ],
    [
      'Canvas: an administrator with roles of the institution alone',
      { [CLAIM.roles]: admin },
      { role: 'administrator' },
    ],
    [
      'Canvas: the test student',
      { [CLAIM.roles]: [ROLE.learner, 'http://purl.imsglobal.org/vocab/lti/system/person#TestUser'] },
      { role: 'learner', testUser: true },
    ],
    [
      'Moodle: a course section, blank lis values, ids of digits',
      {
        sub: '5',
        [CLAIM.context]: { id: '2', label: '3MTT', title: '3MTT', type: ['CourseSection'] },
        'https://purl.imsglobal.org/spec/lti/claim/lis': {
          person_sourcedid: '',
          course_section_sourcedid: '',
        },
        [CLAIM.resourceLink]: { id: '1', title: 'My Peer Group', description: '' },
      },
      { resourceLinkId: '1', testUser: false },
    ],
    [
      'Blackboard: no document target',
      { [CLAIM.launchPresentation]: { return_url: 'https://x' } },
      { returnUrl: 'https://x' },
    ],
    ['Brightspace: a start of now', { nbf: Math.floor(Date.now() / 1000) }, {}],
    [
      'several audiences, ours among them, with azp',
      { aud: ['client-1', 'http://localhost:3000'], azp: 'client-1' },
      {},
    ],
  ])('%s', async (_what, claims, expected) => {
    expect((await tool.launch(lms, claims)).status).toBe(303);
    expect(tool.launches[0]).toMatchObject(expected);
  });

  test('fields beside the token and the state, which are not looked at', async () => {
    const { state, nonce, cookie } = await tool.login(lms);
    const form = {
      state,
      id_token: await lms.sign(tool.claims(lms, { nonce })),
      session_state: 'x',
      utf8: '✓',
    };
    expect((await tool.post({ ...form, lti_storage_target: 'post_message_forwarding' }, cookie)).status).toBe(
      303,
    );
  });
});

describe('two registrations of one issuer', () => {
  test('each let in their own people, by their client id, and never by the other’s', async () => {
    const cloud = await startLocalPlatform();
    const ids: string[] = [];
    for (const clientId of ['client-1', 'client-2']) {
      const { id } = await tool.door.platforms.register({ ...cloud.registration(), clientId });
      ids.push(id);
      const answer = await tool.launch(cloud, { aud: clientId, sub: 'same' }, {}, { client_id: clientId });
      expect(answer.status).toBe(303);
    }
    expect(tool.launches.map(({ platformId, person }) => [platformId, person.sub])).toEqual(
      ids.map((id) => [id, 'same']),
    );
    const crossed = await tool.launch(cloud, { aud: 'client-1' }, {}, { client_id: 'client-2' });
    expect([crossed.status, await tool.codeOf(crossed)]).toEqual([401, 'lti_audience']);
    await cloud.close();
  });
});

describe('one registration', () => {
  test('has several deployments, each with courses of its own, until one is revoked', async () => {
    const school = await startLocalPlatform();
    const { id } = await tool.door.platforms.register({
      ...school.registration(),
      deploymentIds: ['1', '2'],
    });
    const from = (deployment: string) => tool.launch(school, { [CLAIM.deploymentId]: deployment });
    for (const deployment of ['1', '2']) expect((await from(deployment)).status).toBe(303);
    expect(tool.launches.map(({ deploymentId }) => deploymentId)).toEqual(['1', '2']);
    await tool.door.platforms.revokeDeployment(id, '2');
    expect(await tool.codeOf(await from('2'))).toBe('lti_deployment_revoked');
    expect((await from('1')).status).toBe(303);
    await school.close();
  });

  test('of a cloud frames its launches on each school’s own pages, and nowhere else', async () => {
    const school = await startLocalPlatform();
    const canvas = {
      ...school.registration(),
      issuer: 'https://canvas.instructure.com',
      clientId: 'cloud-1',
    };
    const { id } = await tool.door.platforms.register(canvas);
    const launch = (page: string) =>
      tool.launch(
        school,
        { iss: canvas.issuer, aud: 'cloud-1', [CLAIM.launchPresentation]: { return_url: page } },
        {},
        { iss: canvas.issuer, client_id: 'cloud-1' },
      );
    const policyOf = async (page: string) => (await launch(page)).headers.get('content-security-policy');
    expect(await policyOf('https://school.instructure.com/courses/1')).not.toContain(
      'https://school.instructure.com',
    );
    expect(await policyOf('https://learn.school.example/courses/1')).toContain(
      'https://learn.school.example',
    );
    expect(await policyOf('https://school.instructure.com/courses/1')).toContain(
      ' https://*.instructure.com',
    );
    expect((await tool.door.platforms.find(id))?.frameOrigins).toContain('https://learn.school.example');
    // Elsewhere the issuer's own pages are all there are.
    const plain = await tool.launch(lms, {
      [CLAIM.launchPresentation]: { return_url: 'https://evil.example/' },
    });
    expect(plain.headers.get('content-security-policy')).not.toContain('evil.example');
    await school.close();
  });
});

describe('state and nonce', () => {
  test('are used once, even by two launches at the same instant', async () => {
    const { state, cookie, nonce } = await tool.login(lms);
    const form = { state, id_token: await lms.sign(tool.claims(lms, { nonce })) };
    const answers = await Promise.all(Array.from({ length: 8 }, () => tool.post(form, cookie)));
    expect(answers.map(({ status }) => status).sort()).toEqual([303, ...Array<number>(7).fill(401)]);
    expect(tool.launches).toHaveLength(1);
    expect(await tool.codeOf(await tool.post(form, cookie))).toBe('lti_state_used');
  });

  test('belong to the browser that began', async () => {
    const [mine, theirs] = [await tool.login(lms), await tool.login(lms)];
    const form = { state: mine.state, id_token: await lms.sign(tool.claims(lms, { nonce: mine.nonce })) };
    const forged = `${mine.cookie.split('=')[0] ?? ''}=${theirs.cookie.split('=')[1] ?? ''}`;
    const answer = await tool.post(form, forged);
    expect([answer.status, await tool.codeOf(answer)]).toEqual([401, 'lti_state_other_browser']);
  });

  test('belong together: the nonce of another login is refused', async () => {
    const [one, two] = [await tool.login(lms), await tool.login(lms)];
    const idToken = await lms.sign(tool.claims(lms, { nonce: two.nonce }));
    const answer = await tool.post({ state: one.state, id_token: idToken }, one.cookie);
    expect(await tool.codeOf(answer)).toBe('lti_nonce_other');
  });

  test('without the cookie there is a page with a way on, in a window of its own, and a reference', async () => {
    const { state, nonce } = await tool.login(lms, { login_hint: 'hint 1' });
    const answer = await tool.post({ state, id_token: await lms.sign(tool.claims(lms, { nonce })) }, '');
    expect(answer.status).toBe(401);
    const page = await answer.text();
    expect(page).toContain('Open in a new window');
    expect(page).toContain('name="login_hint" value="hint 1"');
    expect(page).not.toContain('Ada');
    expect(page).not.toContain('login_hint=');
    const reference = /give this reference: ([0-9A-F]{8})/.exec(page)?.[1] ?? 'none';
    expect(tool.logged.split('\n').find((line) => line.includes(reference))).toContain('lti_cookie_missing');
  });

  test('expire, and are swept', async () => {
    const { state, cookie, nonce } = await tool.login(lms);
    tool.clock.advance(10 * 60_000);
    const form = { state, id_token: await lms.sign(tool.claims(lms, { nonce })) };
    expect(await tool.codeOf(await tool.post(form, cookie))).toBe('lti_state_expired');
    expect(await tool.door.sweep()).toBeGreaterThan(0);
    expect(await tool.codeOf(await tool.post(form, cookie))).toBe('lti_state_unknown');
    tool.clock.reset();
  });
});

describe('the platform', () => {
  test('may rotate its keys between two launches', async () => {
    expect((await tool.launch(lms)).status).toBe(303);
    lms.rotateKeys();
    expect((await tool.launch(lms)).status).toBe(303);
  });

  test('may frame its refusals, and nobody else may', async () => {
    const known = await tool.launch(lms, { [CLAIM.version]: '1.1' });
    expect(known.headers.get('content-security-policy')).toContain(`frame-ancestors 'self' ${lms.issuer}`);
    const { answer } = await tool.login(lms, { iss: 'https://nobody.example' });
    expect(answer.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(known.headers.get('x-powered-by')).toBeNull();
  });

  test('may say that it could not sign the person in', async () => {
    const { state, cookie } = await tool.login(lms);
    const answer = await tool.post({ state, error: 'login_required', error_description: '<b>x</b>' }, cookie);
    expect(answer.status).toBe(400);
    expect(await answer.text()).not.toContain('<b>x</b>');
  });

  test('that names no deployment is known by its first staff launch, not before', async () => {
    const learning = await startLocalPlatform();
    await tool.door.platforms.register({ ...learning.registration(), deploymentIds: [] });
    const learner = { [CLAIM.roles]: [ROLE.learner], [CLAIM.deploymentId]: 'd-7' };
    expect(await tool.codeOf(await tool.launch(learning, learner))).toBe('lti_deployment_not_opened');
    expect((await tool.launch(learning, { ...learner, [CLAIM.roles]: [ROLE.instructor] })).status).toBe(303);
    expect((await tool.launch(learning, learner)).status).toBe(303);
    await learning.close();
  });

  test('whose key set hangs slows its own launches and no others', async () => {
    const hanging = await startLocalPlatform();
    await tool.door.platforms.register(hanging.registration());
    let release = () => {};
    const asked = new Promise<void>((reached) => {
      hanging.answers['/jwks'] = () => {
        reached();
        return new Promise((resolve) => (release = () => resolve({ status: 503 })));
      };
    });
    let answered = false;
    const slow = tool.launch(hanging).then((answer) => {
      answered = true;
      return answer;
    });
    await asked;
    const others = await Promise.all(Array.from({ length: 20 }, () => tool.launch(lms)));
    expect(others.map(({ status }) => status)).toEqual(Array(20).fill(303));
    expect(answered).toBe(false);
    release();
    expect(await tool.codeOf(await slow)).toBe('lti_keys_unavailable');
    await hanging.close();
  });

  test('whose key set is away refuses its own launches and no others', async () => {
    const away = await startLocalPlatform();
    await tool.door.platforms.register(away.registration());
    away.answers['/jwks'] = { status: 500 };
    const [refused, passed] = await Promise.all([tool.launch(away), tool.launch(lms)]);
    expect(passed.status).toBe(303);
    expect([refused.status, await tool.codeOf(refused)]).toEqual([401, 'lti_keys_unavailable']);
    await away.close();
  });
});

describe('what ends the process of a bare ltijs', () => {
  const json = { 'content-type': 'application/json' };
  const formType = { 'content-type': 'application/x-www-form-urlencoded' };
  const state = 'a'.repeat(50);
  test.each<[string, string, string, Record<string, string>, string]>([
    ['a state with a space', 'POST', '/lti/launch', formType, 'state=a b'],
    ['a state with a space at login', 'POST', '/lti/login', formType, 'state=a b'],
    ['a state that is an object', 'POST', '/lti/launch', json, '{"state":{"$ne":null}}'],
    ['a state that is a list', 'POST', '/lti/launch', json, '{"state":["a","b"],"id_token":"x"}'],
    ['a state that comes twice', 'POST', '/lti/launch', formType, `state=${state}&state=${state}&id_token=x`],
    ['a state that is a field', 'POST', '/lti/launch', formType, `state[$ne]=1&id_token=x`],
    ['no token', 'POST', '/lti/launch', formType, `state=${state}`],
    ['a token that is none', 'POST', '/lti/launch', formType, `state=${state}&id_token=a.b.c`],
    ['a token list', 'POST', '/lti/launch', formType, `state=${state}&id_token=a&id_token=b`],
    ['a ltik', 'POST', '/lti/launch', formType, `state=${state}&id_token=a.b.c&ltik=x.y.z`],
    ['an empty form', 'POST', '/lti/launch', formType, ''],
    [
      'a form that is too long',
      'POST',
      '/lti/launch',
      formType,
      `state=${state}&id_token=${'x'.repeat(300_000)}`,
    ],
    ['a thousand fields', 'POST', '/lti/launch', formType, 'a=1&'.repeat(1000)],
    [
      'a strange charset',
      'POST',
      '/lti/launch',
      { 'content-type': `${formType['content-type']}; charset=utf-7` },
      'a=1',
    ],
    ['broken escapes', 'POST', '/lti/launch', formType, `state=%ff%&id_token=%`],
    [
      'a prototype key',
      'POST',
      '/lti/launch',
      formType,
      `__proto__=1&constructor=2&state=${state}&id_token=a.b.c`,
    ],
    ['a GET', 'GET', '/lti/launch?state=a b&id_token=x', {}, ''],
  ])('is answered by a refusal: %s', async (_what, method, path, headers, body) => {
    const answer = await fetch(tool.address + path, {
      method,
      headers,
      ...(method === 'GET' ? {} : { body }),
    });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect((await tool.launch(lms)).status).toBe(303);
  });

  test.each<[string, Record<string, unknown>, number]>([
    ['roles as text', { [CLAIM.roles]: 'Instructor' }, 400],
    ['a nonce that is an object', { nonce: { $ne: null } }, 401],
    ['a sub that is an object', { sub: { $gt: '' } }, 400],
    ['an id of 100 kB', { [CLAIM.resourceLink]: { id: 'x'.repeat(100_000) } }, 400],
    ['a context that is a number', { [CLAIM.context]: 7 }, 400],
    ['an audience that is an object', { aud: { a: 1 } }, 401],
    ['an issuer that is a list', { iss: ['a'] }, 401],
  ])('is answered by a refusal although signed: %s', async (_what, claims, status) => {
    expect((await tool.launch(lms, claims)).status).toBe(status);
  });

  test('an id that is no ASCII is harmless', async () => {
    expect((await tool.launch(lms, { sub: 'ọkàn-🙂' })).status).toBe(303);
    expect(tool.launches[0]?.person.sub).toBe('ọkàn-🙂');
  });

  test.each(['//evil.example/x', '/lti//launch', '/lti/launch/x', '/login', '/', '/anything'])(
    'POST %s is not the door',
    async (path) => {
      const { state, cookie, nonce } = await tool.login(lms);
      const body = new URLSearchParams({ state, id_token: await lms.sign(tool.claims(lms, { nonce })) });
      const answer = await tool.raw('POST', path, body.toString(), { ...formType, cookie });
      expect([answer.status, answer.headers['location']]).toEqual([404, undefined]);
    },
  );
});

test('while the database is away, login, launch and keys answer 503, and all is well afterwards', async () => {
  const { state, cookie, nonce } = await tool.login(lms);
  const form = { state, id_token: await lms.sign(tool.claims(lms, { nonce })) };
  await tool.withoutDatabase(async () => {
    expect((await tool.login(lms)).answer.status).toBe(503);
    expect(await tool.codeOf(await tool.post(form, cookie))).toBe('database_away');
    expect((await fetch(`${tool.address}/lti/keys`)).status).toBe(503);
  });
  expect((await tool.post(form, cookie)).status).toBe(303);
});

test('a database that goes away and comes back in the middle of 50 launches loses none for good', async () => {
  const begun = await Promise.all(Array.from({ length: 50 }, () => tool.login(lms)));
  const answers: { status: number; words: string }[] = [];
  const launch = async ({ state, nonce, cookie }: Login) => {
    const answer = await tool.post({ state, id_token: await lms.sign(tool.claims(lms, { nonce })) }, cookie);
    answers.push({ status: answer.status, words: await answer.text() });
  };
  await Promise.all(begun.slice(0, 10).map(launch));
  const during = begun.slice(10, 40).map(launch);
  await tool.withoutDatabase(() => Promise.all([...during, ...begun.slice(40, 45).map(launch)]));
  await Promise.all(begun.slice(45).map(launch));
  const statuses = answers.map(({ status }) => status);
  expect(statuses).toHaveLength(50);
  expect(new Set(statuses)).toEqual(new Set([303, 503]));
  for (const { status, words } of answers)
    if (status === 503) expect(words).toContain('Our database is away for a moment. Nothing was lost');
  // Whoever was turned away opens the tool from the course again.
  const again = await Promise.all(statuses.filter((status) => status === 503).map(() => tool.launch(lms)));
  expect(again.map(({ status }) => status)).toEqual(Array(again.length).fill(303));
  expect(tool.launches).toHaveLength(50);
});

describe('keys', () => {
  test('are published, each platform with its own, and no private part', async () => {
    const answer = await fetch(`${tool.address}/lti/keys`);
    const { keys } = (await answer.json()) as { keys: Record<string, string>[] };
    const platforms = await tool.door.platforms.list();
    expect(keys.map(({ kid }) => kid).sort()).toEqual(platforms.map(({ keyId }) => keyId).sort());
    for (const key of keys) expect(Object.keys(key).sort()).toEqual(['alg', 'e', 'kid', 'kty', 'n', 'use']);
  });

  test('sign what the published key verifies, and lie sealed in the database', async () => {
    const [platform] = await tool.door.platforms.list();
    const { kid, privateKey } = await tool.door.signingKey(platform?.id ?? '');
    expect(kid).toBe(platform?.keyId);
    expect(privateKey.asymmetricKeyDetails?.modulusLength).toBe(2048);
    expect(JSON.stringify(await tool.documents('lti_platforms'))).not.toContain('PRIVATE KEY');
  });
});

test('nothing personal stays behind the door', async () => {
  await tool.launch(lms);
  const kept = JSON.stringify([await tool.documents('lti_logins'), await tool.documents('lti_platforms')]);
  // As whole values: three letters alone stand in a sealed key by chance.
  for (const personal of ['"Ada"', '"Obi"', 'Ada Obi', 'ada@example.org']) {
    expect(kept).not.toContain(personal);
    expect(tool.logged).not.toContain(personal);
  }
});
