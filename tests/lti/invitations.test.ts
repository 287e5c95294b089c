import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { CLAIM, PLATFORM_CONFIGURATION, TOOL_CONFIGURATION } from '../../src/lti/claims.ts';
import { startLocalPlatform, type LocalPlatform } from './support/local-platform.ts';
import { startTool, type Tool } from './support/tool.ts';

let lms: LocalPlatform;
let tool: Tool;
beforeAll(async () => {
  tool = await startTool({ registration: 'invite' });
});
afterAll(() => tool.close());
beforeEach(async () => {
  lms = await startLocalPlatform();
  tool.clock.reset();
  await tool.empty();
});
afterEach(() => lms.close());

const wish = (invitation: string, more: Record<string, string> = {}) => ({
  invitation,
  openid_configuration: `${lms.issuer}/openid-configuration?tenant=7`,
  registration_token: 'once-1',
  ...more,
});
const look = (fields: Record<string, string>, method = 'GET') =>
  fetch(`${tool.address}/lti/register?${new URLSearchParams(fields).toString()}`, { method });
const accept = (fields: Record<string, string>) =>
  fetch(`${tool.address}/lti/register`, { method: 'POST', body: new URLSearchParams(fields) });
const invite = async (platformId: string | null = null) =>
  (await tool.door.invitations.issue(platformId)).token;

describe('the page for installing by hand, where platforms come by invitation', () => {
  test('names no registration address that would be refused, and says how to get an invitation', async () => {
    const page = await (await look({})).text();
    expect(page).not.toContain(`value="${tool.origin}/lti/register"`);
    expect(page).not.toContain('registration address below');
    expect(page).toContain('<a href="#invitation">How to get an invitation</a>');
    expect(page).toMatch(/id="invitation"[\s\S]*good once, for seven days[\s\S]*npm run platforms -- invite/);
    expect(page).toContain('PUBLIC_URL and MONGODB_URI');
  });

  test('says nothing of getting one to whoever has one', async () => {
    const page = await (await look({ invitation: await invite() })).text();
    expect(page).not.toContain('How to get an invitation');
    expect(page).not.toContain('registration address below');
  });

  test('where registration is open, names its address', async () => {
    const open = await startTool();
    const page = await (await fetch(`${open.address}/lti/register`)).text();
    expect(page).toContain(`value="${open.origin}/lti/register"`);
    expect(page).not.toContain('invitation');
    await open.close();
  });
});

describe('an invitation', () => {
  test('opened by a person is the address to give to the platform, and is not used up', async () => {
    const token = await invite();
    const page = await (await look({ invitation: token })).text();
    expect(page).toContain(`value="${tool.origin}/lti/register?invitation=${token}"`);
    expect((await look({ invitation: token })).status).toBe(200);
  });

  test('opened by a platform shows whom it would connect and asks; nothing is called, nothing used up', async () => {
    const token = await invite();
    for (const method of ['GET', 'HEAD', 'GET']) await look(wish(token), method);
    const answer = await look(wish(token));
    const page = await answer.text();
    expect(page).toContain(`Connect ${new URL(lms.issuer).host} with Peer Group?`);
    expect(answer.headers.get('content-security-policy')).toContain(`frame-ancestors 'self' ${lms.issuer}`);
    expect(lms.seen).toEqual([]);
    expect(await tool.door.platforms.list()).toEqual([]);
  });

  test('accepted registers the platform, whose next launch works, and is used up', async () => {
    const token = await invite();
    const answer = await accept(wish(token));
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('Peer Group is installed');
    expect(lms.seen.map(({ method, path, authorization }) => [method, path, authorization])).toEqual([
      ['GET', '/openid-configuration?tenant=7', 'Bearer once-1'],
      ['POST', '/registrations', 'Bearer once-1'],
    ]);
    const launch = await tool.launch(
      lms,
      { aud: 'registered-1', [CLAIM.deploymentId]: '7' },
      {},
      { client_id: 'registered-1' },
    );
    expect(launch.status).toBe(303);
    for (const again of [await look(wish(token)), await accept(wish(token))])
      expect([again.status, await tool.codeOf(again)]).toEqual([403, 'lti_invitation_unknown']);
  });

  test('is good once, even accepted many times at the same instant', async () => {
    const token = await invite();
    const answers = await Promise.all(Array.from({ length: 5 }, () => accept(wish(token))));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 403, 403, 403, 403]);
    expect(lms.seen.filter(({ method }) => method === 'POST')).toHaveLength(1);
  });

  test('is not used up by a registration that came to nothing', async () => {
    const token = await invite();
    lms.answers['/registrations'] = { status: 500 };
    expect(await tool.codeOf(await accept(wish(token)))).toBe('lti_registration_refused');
    lms.answers['/registrations'] = { body: { client_id: 'c-2', deployment_id: 'd' } };
    expect((await accept(wish(token))).status).toBe(200);
  });

  test('ends after seven days, and is swept', async () => {
    const token = await invite();
    tool.clock.advance(7 * 86_400_000);
    expect(await tool.codeOf(await look(wish(token)))).toBe('lti_invitation_unknown');
    expect(await tool.codeOf(await accept(wish(token)))).toBe('lti_invitation_unknown');
    expect(await tool.door.sweep()).toBe(1);
  });

  test.each(['', 'x', 'x'.repeat(5000), '{"$ne":null}'])('that is %j opens nothing', async (token) => {
    const answer = await accept(wish(token));
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(lms.seen).toEqual([]);
  });

  test('leaves only a hash in the database, and nothing in the log', async () => {
    const token = await invite();
    await look(wish(token));
    await accept(wish(token));
    expect(JSON.stringify(await tool.documents('lti_invitations'))).not.toContain(token);
    expect(tool.logged).toContain('platform registered');
    for (const secret of [token, 'once-1']) expect(tool.logged).not.toContain(secret);
  });
});

describe('a platform that is registered already', () => {
  const registered = async () => {
    await accept(wish(await invite()));
    const [platform] = await tool.door.platforms.list();
    if (platform === undefined) throw new Error('Not registered.');
    return platform;
  };

  test('is not changed by an invitation that does not name it', async () => {
    const before = await registered();
    const answer = await accept(wish(await invite()));
    expect([answer.status, await tool.codeOf(answer)]).toEqual([409, 'lti_platform_exists']);
    expect(await tool.door.platforms.list()).toEqual([before]);
  });

  test('is changed by one that names it, and keeps its id and its key', async () => {
    const before = await registered();
    const token = await invite(before.id);
    expect(await (await look(wish(token))).text()).toContain(
      `This replaces how ${before.name} is registered`,
    );
    lms.answers['/openid-configuration'] = {
      body: lms.configuration({ token_endpoint: `${lms.issuer}/token2` }),
    };
    lms.answers['/registrations'] = {
      body: { client_id: 'registered-2', [TOOL_CONFIGURATION]: { deployment_id: '8' } },
    };
    expect((await accept(wish(token))).status).toBe(200);
    expect(await tool.door.platforms.list()).toEqual([
      {
        ...before,
        clientId: 'registered-2',
        tokenUrl: `${lms.issuer}/token2`,
        tokenAudience: `${lms.issuer}/token2`,
        deploymentIds: ['7', '8'],
      },
    ]);
  });

  test('is not changed by another platform, which is asked for nothing', async () => {
    const before = await registered();
    const other = await startLocalPlatform();
    const answer = await accept(
      wish(await invite(before.id), { openid_configuration: `${other.issuer}/openid-configuration` }),
    );
    expect([answer.status, await tool.codeOf(answer)]).toEqual([403, 'lti_invitation_other']);
    expect(other.seen.filter(({ method }) => method === 'POST')).toEqual([]);
    expect(await tool.door.platforms.list()).toEqual([before]);
    await other.close();
  });
});

describe('what is left to do is said in the words of', () => {
  test.each([
    ['moodle', 'choose Activate'],
    ['canvas', 'enable the app'],
    ['desire2learn', 'add a deployment'],
    ['BlackboardLearn', 'set the tool&#39;s status to Approved'],
  ])('%s', async (product_family_code, words) => {
    lms.answers['/openid-configuration'] = {
      body: lms.configuration({ [PLATFORM_CONFIGURATION]: { product_family_code } }),
    };
    expect(await (await accept(wish(await invite()))).text()).toContain(words);
  });
});

test('the address for Canvas describes the tool as Canvas reads it', async () => {
  const configuration = await (await fetch(`${tool.address}/lti/canvas.json`)).json();
  expect(configuration).toMatchObject({
    title: 'Peer Group',
    oidc_initiation_url: `${tool.origin}/lti/login`,
    target_link_uri: `${tool.origin}/lti/launch`,
    public_jwk_url: `${tool.origin}/lti/keys`,
    custom_fields: { timezone: '$Person.address.timezone' },
    extensions: [
      {
        platform: 'canvas.instructure.com',
        privacy_level: 'public',
        settings: {
          placements: [
            { placement: 'course_navigation', message_type: 'LtiResourceLinkRequest', default: 'enabled' },
            { placement: 'assignment_selection', message_type: 'LtiDeepLinkingRequest' },
          ],
        },
      },
    ],
  });
});
