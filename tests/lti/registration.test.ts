import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { CLAIM, TOOL_CONFIGURATION } from '../../src/lti/claims.ts';
import { toolRegistration } from '../../src/lti/registration/tool.ts';
import { readConfiguration } from '../../src/lti/registration/configuration.ts';
import { readAnswer } from '../../src/lti/registration/answer.ts';
import { ltiConfig, moodle } from './support/builders.ts';
import { startLocalPlatform, type LocalPlatform } from './support/local-platform.ts';
import { someConfig, startTool, type Tool } from './support/tool.ts';

let lms: LocalPlatform;
let tool: Tool;
beforeAll(async () => {
  tool = await startTool();
});
afterAll(() => tool.close());
beforeEach(async () => {
  lms = await startLocalPlatform();
  await tool.empty();
});
afterEach(() => lms.close());

const register = (query: Record<string, string>, at = tool) =>
  fetch(`${at.address}/lti/register?${new URLSearchParams(query).toString()}`);
const openly = (more: Record<string, string> = {}, at = tool) =>
  register(
    {
      openid_configuration: `${lms.issuer}/openid-configuration?tenant=7`,
      registration_token: 'once-1',
      ...more,
    },
    at,
  );

describe('dynamic registration', () => {
  test('installs the tool, and the next launch works', async () => {
    const answer = await openly();
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('Peer Group is installed');
    const [platform] = await tool.door.platforms.list();
    expect(platform).toMatchObject({
      issuer: lms.issuer,
      clientId: 'registered-1',
      family: 'moodle',
      deployments: 'listed',
      deploymentIds: ['7'],
      tokenAudience: `${lms.issuer}/token`,
      serviceHosts: [new URL(lms.issuer).host],
      frameOrigins: [lms.issuer],
    });
    const launch = await tool.launch(
      lms,
      { aud: 'registered-1', [CLAIM.deploymentId]: '7' },
      {},
      { client_id: 'registered-1' },
    );
    expect(launch.status).toBe(303);
  });

  test('keeps the query of the configuration address and carries the token both times', async () => {
    await openly();
    expect(lms.seen.map(({ method, path, authorization }) => [method, path, authorization])).toEqual([
      ['GET', '/openid-configuration?tenant=7', 'Bearer once-1'],
      ['POST', '/registrations', 'Bearer once-1'],
    ]);
  });

  test('says of the tool what lti-config.json says', async () => {
    await openly();
    expect(JSON.parse(lms.seen.at(-1)?.body ?? '')).toMatchObject({
      application_type: 'web',
      client_name: 'Peer Group',
      initiate_login_uri: `${tool.origin}/lti/login`,
      redirect_uris: [`${tool.origin}/lti/launch`],
      jwks_uri: `${tool.origin}/lti/keys`,
      token_endpoint_auth_method: 'private_key_jwt',
      scope: ltiConfig.scopes.join(' '),
      [TOOL_CONFIGURATION]: {
        domain: 'localhost:3000',
        target_link_uri: `${tool.origin}/lti/launch`,
        custom_parameters: ltiConfig.customParameters,
      },
    });
  });

  test.each<[string, Record<string, unknown>, string, string[]]>([
    ['at the top (Canvas)', { deployment_id: 'd-1' }, 'listed', ['d-1']],
    ['as a number', { deployment_id: 12 }, 'listed', ['12']],
    ['nowhere', {}, 'learn', []],
  ])('takes a deployment id that stands %s', async (_where, more, deployments, deploymentIds) => {
    lms.answers['/registrations'] = { status: 201, body: { client_id: 'c', ...more } };
    await openly();
    expect(await tool.door.platforms.list()).toMatchObject([{ deployments, deploymentIds }]);
  });

  test('never changes a platform that is registered already', async () => {
    await openly();
    const before = await tool.door.platforms.list();
    const again = await openly();
    expect([again.status, await tool.codeOf(again)]).toEqual([409, 'lti_platform_exists']);
    expect(await tool.door.platforms.list()).toEqual(before);
  });

  test('of one platform three times at once leaves it once, with its key', async () => {
    await Promise.all([openly(), openly(), openly()]);
    const platforms = await tool.door.platforms.list();
    expect(platforms).toHaveLength(1);
    await expect(tool.door.signingKey(platforms[0]?.id ?? '')).resolves.toMatchObject({
      kid: platforms[0]?.keyId,
    });
  });
});

describe('a hostile or broken registration is refused', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['an issuer on another host', { issuer: 'http://127.0.0.2:9' }, 'lti_registration_issuer'],
    ['no issuer', { issuer: undefined }, 'lti_registration_configuration'],
    [
      'a script for an authorization address',
      { authorization_endpoint: 'javascript:alert(1)' },
      'lti_registration_address',
    ],
    ['cloud metadata for a key set', { jwks_uri: 'http://169.254.169.254/keys' }, 'lti_registration_address'],
    ['a file for a token address', { token_endpoint: 'file:///etc/passwd' }, 'lti_registration_address'],
    ['an address that is an object', { token_endpoint: { a: 1 } }, 'lti_registration_configuration'],
    ['no RS256', { id_token_signing_alg_values_supported: ['ES256'] }, 'lti_registration_algorithm'],
  ])('configuration with %s', async (_what, change, code) => {
    lms.answers['/openid-configuration'] = { body: lms.configuration(change) };
    const answer = await openly();
    expect([answer.status, await tool.codeOf(answer)]).toEqual([400, code]);
    expect(await tool.door.platforms.list()).toEqual([]);
  });

  test.each([
    ['is no JSON', { body: '<html>' }, 'lti_registration_configuration'],
    ['is a list', { body: '[]' }, 'lti_registration_configuration'],
    ['is an error', { status: 500 }, 'lti_registration_configuration'],
    [
      'is a redirect',
      { status: 302, headers: { location: 'http://127.0.0.1:1/' } },
      'lti_registration_address',
    ],
    ['is too long', { body: 'x'.repeat(300_000) }, 'lti_registration_unreachable'],
  ])('configuration that %s', async (_what, given, code) => {
    lms.answers['/openid-configuration'] = given;
    expect(await tool.codeOf(await openly())).toBe(code);
  });

  test.each([
    ['an error', { status: 400, body: { error: 'invalid_token' } }, 'lti_registration_refused'],
    ['no client id', { body: {} }, 'lti_registration_answer'],
    ['a client id that is an object', { body: { client_id: { $ne: 1 } } }, 'lti_registration_answer'],
    ['no JSON', { body: 'ok' }, 'lti_registration_answer'],
  ])('answer with %s', async (_what, given, code) => {
    lms.answers['/registrations'] = given;
    expect(await tool.codeOf(await openly())).toBe(code);
    expect(await tool.door.platforms.list()).toEqual([]);
  });

  test.each([
    ['no address', 'somewhere'],
    ['a file', 'file:///etc/passwd'],
    ['a closed port', 'http://127.0.0.1:1/openid'],
    ['a name that does not exist', 'http://nobody.invalid/openid'],
  ])('configuration address that is %s', async (_what, address) => {
    const answer = await openly({ openid_configuration: address });
    expect(answer.status).toBe(400);
    expect(await tool.codeOf(answer)).toMatch(/^lti_registration_(address|unreachable)$/);
  });

  test('a token that would break a header', async () => {
    expect(await tool.codeOf(await openly({ registration_token: 'a\r\nx: y' }))).toBe(
      'lti_request_malformed',
    );
  });

  test('with the token nowhere in the log', async () => {
    await openly();
    await openly();
    expect(tool.logged).toContain('platform registered');
    expect(tool.logged).not.toContain('once-1');
  });
});

describe('where private networks are closed', () => {
  test('loopback is not reached, by number or by name', async () => {
    const strict = await startTool({ allowPrivateNetwork: false });
    for (const host of ['https://127.0.0.1:1', 'https://localhost:1', 'https://[::1]:1', lms.issuer]) {
      const answer = await openly({ openid_configuration: `${host}/c` }, strict);
      expect(await strict.codeOf(answer)).toBe('lti_registration_address');
    }
    expect(lms.seen).toEqual([]);
    await strict.close();
  });
});

describe('where registration is by invitation', () => {
  test('it is refused and nothing is fetched', async () => {
    const closed = await startTool({ registration: 'invite' });
    const answer = await openly({}, closed);
    expect([answer.status, await closed.codeOf(answer)]).toEqual([403, 'lti_registration_closed']);
    expect(lms.seen).toEqual([]);
    await closed.close();
  });
});

test('without parameters the page lists what to enter by hand', async () => {
  const page = await (await register({})).text();
  for (const value of [
    '/lti/login',
    '/lti/launch',
    '/lti/keys',
    'contextmembership.readonly',
    'timezone=$Person',
  ]) {
    expect(page).toContain(value);
  }
});

describe('the recorded registration of Moodle 4.5', () => {
  const recorded = (name: string) => ({ status: 200, headers: {}, text: JSON.stringify(moodle(name).body) });
  const configuration = readConfiguration(
    'http://localhost:8081/mod/lti/openid-configuration.php',
    recorded('registration-openid-configuration'),
    true,
  );

  test('is understood', () => {
    expect(configuration).toMatchObject({ issuer: 'http://localhost:8081', family: 'moodle' });
    expect(readAnswer(recorded('registration-answer'))).toMatchObject({
      clientId: 'msb6pOKa8jNJWEf',
      deploymentId: '2',
    });
  });

  test('is asked for no scope that it does not have', () => {
    const { scope } = toolRegistration(someConfig(), {
      ...configuration,
      scopes: [ltiConfig.scopes[0] ?? ''],
    });
    expect(scope).toBe(ltiConfig.scopes[0]);
  });
});

test('Canvas alone is told Canvas placements, and course navigation opens at once', () => {
  const of = (family: string) =>
    toolRegistration(someConfig(), { family, scopes: null, claims: null })[TOOL_CONFIGURATION].messages.map(
      ({ type, placements }) => [type, placements],
    );
  expect(of('canvas')).toEqual([
    ['LtiResourceLinkRequest', ['course_navigation', 'assignment_selection']],
    ['LtiDeepLinkingRequest', ['assignment_selection']],
  ]);
  expect(of('moodle').flat(2)).not.toContain('course_navigation');
});
