import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SCOPES, TOOL_CONFIGURATION } from '../../src/demo-lms/protocol/vocabulary.ts';
import { Browser } from '../support/http.ts';
import { openLms, type TestLms } from './support/lms.ts';

type Json = Record<string, unknown>;
let house: TestLms;
beforeAll(async () => {
  house = await openLms('demo');
});
afterAll(() => house.close());

/** A registration token, as the administrator's page gives it to the tool. */
async function newToken(): Promise<string> {
  const browser = new Browser();
  await browser.post(`${house.lms.url}/person`, { person: '1' });
  const tools = await browser.get(`${house.lms.url}/tools`);
  const page = await browser.submit(tools, '/tools/registrations', {
    address: `${house.tool.url}/lti/register`,
  });
  return /registration_token=([\w-]+)/.exec(page.html)?.[1] ?? '';
}

describe('a registration is refused', () => {
  it.each([null, '', 'made-up'])('without a token that the LMS gave: %j', async (token) => {
    expect((await house.tool.register(token, house.tool.metadata())).status).toBe(401);
  });

  it('with a token that was used, by two at once as well', async () => {
    const token = await newToken();
    const register = () => house.tool.register(token, house.tool.metadata());
    const answers = await Promise.all([register(), register()]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401]);
    expect((await register()).status).toBe(401);
  });

  it('with a token that has ended', async () => {
    const token = await newToken();
    house.advance(31 * 60_000);
    expect((await house.tool.register(token, house.tool.metadata())).status).toBe(401);
  });

  it.each<[string, Json, Json]>([
    ['that is no web application', { application_type: 'native' }, {}],
    ['that takes no id_token', { response_types: ['code'] }, {}],
    ['without client credentials', { grant_types: ['implicit'] }, {}],
    ['without a login address', { initiate_login_uri: undefined }, {}],
    ['with a script for a login address', { initiate_login_uri: 'javascript:alert(1)' }, {}],
    ['without redirect addresses', { redirect_uris: [] }, {}],
    ['without a name', { client_name: '' }, {}],
    ['without keys', { jwks_uri: undefined }, {}],
    ['with a shared secret', { token_endpoint_auth_method: 'client_secret_basic' }, {}],
    ['without a tool configuration', { [TOOL_CONFIGURATION]: undefined }, {}],
    ['whose pages are not on its domain', {}, { domain: 'elsewhere.example' }],
    ['without a target', {}, { target_link_uri: undefined }],
  ])('of a tool %s', async (_what, change, configuration) => {
    const answer = await house.tool.register(await newToken(), house.tool.metadata(change, configuration));
    expect([answer.status, answer.body]).toEqual([400, { error: 'invalid_client_metadata' }]);
  });
});

describe('a registration', () => {
  it('answers as Moodle does: client id, granted scopes, deployment inside the tool configuration', async () => {
    const asked = house.tool.metadata({ scope: `${SCOPES[0] ?? ''} nonsense` });
    const { status, body } = await house.tool.register(await newToken(), asked);
    const answer = body as Json;
    expect(status).toBe(200);
    expect(answer).toMatchObject({ client_name: 'Test tool', scope: SCOPES[0] });
    expect(answer['client_id']).toMatch(/^[A-Za-z\d]{15}$/);
    expect(answer[TOOL_CONFIGURATION]).toMatchObject({ version: '1.3.0', deployment_id: expect.any(String) });
  });

  it('gives each installation a client id and a deployment of its own', async () => {
    const answers = [
      await house.tool.register(await newToken(), house.tool.metadata()),
      await house.tool.register(await newToken(), house.tool.metadata()),
    ].map(({ body }) => body as Json);
    const deployments = answers.map((answer) => (answer[TOOL_CONFIGURATION] as Json)['deployment_id']);
    expect(new Set(answers.map((answer) => answer['client_id'])).size).toBe(2);
    expect(new Set(deployments).size).toBe(2);
  });

  it('is announced by an OpenID configuration on the issuer’s own host', async () => {
    const answer = await fetch(`${house.lms.url}/.well-known/openid-configuration`);
    expect(await answer.json()).toMatchObject({
      issuer: house.lms.url,
      registration_endpoint: `${house.lms.url}/register`,
      scopes_supported: expect.arrayContaining([...SCOPES]),
    });
  });
});

describe('registering once more from code', () => {
  const tools = () => house.lms.store.tools;

  it('does nothing where the tool is installed and known on its own side', async () => {
    const before = await tools().countDocuments({});
    const newest = (await house.lms.store.findSiteTool())?._id;
    await house.lms.registerTool(house.tool.url, (clientId) => Promise.resolve(clientId === newest));
    expect(await tools().countDocuments({})).toBe(before);
    // What a start left behind that was cut short is switched off.
    expect(await tools().countDocuments({ active: true })).toBe(1);
  });

  it('installs it anew where its own side knows none, and leaves alone what was typed in by hand', async () => {
    const old = await house.lms.store.findSiteTool();
    await tools().updateOne({ _id: old?._id ?? '' }, { $set: { installed: 'manual' } });
    await house.lms.registerTool(house.tool.url, () => Promise.resolve(false));
    expect((await house.lms.store.findSiteTool())?._id).not.toBe(old?._id);
    expect((await tools().findOne({ _id: old?._id ?? '' }))?.active).toBe(true);
  });
});
