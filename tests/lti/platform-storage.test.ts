import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { CLAIM } from '../../src/lti/claims.ts';
import { ROLE } from './support/builders.ts';
import { startLocalPlatform, type LocalPlatform } from './support/local-platform.ts';
import { startTool, type Tool } from './support/tool.ts';

let lms: LocalPlatform;
let tool: Tool;
beforeAll(async () => {
  lms = await startLocalPlatform();
  tool = await startTool();
  await tool.door.platforms.register(lms.registration());
  await tool.door.platforms.register({
    ...lms.registration(),
    clientId: 'client-b',
    family: 'blackboardlearn',
  });
});
afterAll(async () => {
  await tool.close();
  await lms.close();
});
beforeEach(() => {
  tool.launches.length = 0;
});

const FRAMED = { 'sec-fetch-dest': 'iframe' };
const OURS = { 'sec-fetch-site': 'same-origin' };

/** A framed login whose probe cookie did not come back; the page's script would put the key and go on. */
async function beginViaStorage(more: Record<string, string> = { lti_storage_target: 'lti_frame' }) {
  const begun = await tool.login(lms, { cookies_tried: '1', ...more }, { method: 'POST', headers: FRAMED });
  const page = await begun.answer.text();
  const data = dataOf(page);
  return { page, data, address: new URL(data['go'] ?? 'http://none.invalid'), answer: begun.answer };
}

/** Through authorization to the page that asks the platform for the key. */
async function launchViaStorage(change: Record<string, unknown> = {}) {
  const { data, address } = await beginViaStorage();
  const query = address.searchParams;
  const claims = tool.claims(lms, { nonce: query.get('nonce'), ...change });
  const answer = await tool.post({ state: query.get('state') ?? '', id_token: await lms.sign(claims) }, '');
  const page = await answer.text();
  return {
    key: data['value'] ?? '',
    answer,
    page,
    ticket: /name="ticket" value="([^"]+)"/.exec(page)?.[1] ?? '',
  };
}

const prove = (form: Record<string, string>, headers: Record<string, string> = OURS) =>
  fetch(`${tool.address}/lti/launch/proof`, {
    method: 'POST',
    redirect: 'manual',
    headers,
    body: new URLSearchParams(form),
  });

function dataOf(page: string): Record<string, string> {
  return Object.fromEntries(
    [...page.matchAll(/data-([a-z]+)="([^"]*)"/g)].map(([, name = '', value = '']) => [
      name,
      value.replaceAll('&amp;', '&'),
    ]),
  );
}

describe('a login in a frame that keeps no cookie', () => {
  test('gives the platform a key to keep, at the origin of its authorization address alone', async () => {
    const { data, answer } = await beginViaStorage();
    expect(answer.status).toBe(200);
    expect(data).toMatchObject({ do: 'put', target: 'lti_frame', origin: lms.issuer });
    expect(data['value']).toMatch(/^[\w-]{32}$/);
    expect(data['go']).toMatch(`${lms.issuer}/auth?`);
    expect(answer.headers.getSetCookie()).toEqual([]);
  });

  test('keeps only a hash of that key', async () => {
    const { data } = await beginViaStorage();
    expect(JSON.stringify(await tool.documents('lti_logins'))).not.toContain(data['value']);
  });

  test('asks a platform that does not say where it keeps data, if its software may', async () => {
    const { data } = await beginViaStorage({ client_id: 'client-b' });
    expect(data).toMatchObject({ do: 'put', target: '' });
  });

  test('offers a window of its own where the platform has no storage, without spending its hint', async () => {
    const { page } = await beginViaStorage({});
    expect(page).toContain('Open in a new window');
    expect(page).not.toContain('platform-storage');
    expect(page).not.toContain(`${lms.issuer}/auth`);
  });

  test('offers that window without script too', async () => {
    const { page } = await beginViaStorage();
    expect(page).toMatch(/<section class="stack narrow" id="window">[\s\S]*target="_blank"/);
  });
});

describe('its launch', () => {
  test('opens once the browser shows the key, in a frame that keeps its session without a cookie', async () => {
    const { ticket, key } = await launchViaStorage();
    expect(tool.launches).toEqual([]);
    const answer = await prove({ ticket, proof: key });
    expect(answer.status).toBe(200);
    expect(dataOf(await answer.text())).toMatchObject({ key: 'frame-key-1', address: '/l/launch-1/' });
    expect(answer.headers.get('location')).toBeNull();
    expect(answer.headers.get('content-security-policy')).toContain(`frame-ancestors 'self' ${lms.issuer}`);
    expect(tool.launches).toHaveLength(1);
    expect(tool.launches[0]?.person.name).toBe('Ada Obi');
  });

  test('opens nothing where the operator closed the door before the browser showed its key', async () => {
    const { id } = await tool.door.platforms.register({ ...lms.registration(), clientId: 'client-c' });
    const begun = await beginViaStorage({ lti_storage_target: 'lti_frame', client_id: 'client-c' });
    const query = begun.address.searchParams;
    const claims = tool.claims(lms, { nonce: query.get('nonce'), aud: 'client-c' });
    const sent = await tool.post({ state: query.get('state') ?? '', id_token: await lms.sign(claims) }, '');
    const ticket = /name="ticket" value="([^"]+)"/.exec(await sent.text())?.[1] ?? '';
    await tool.door.platforms.revokeDeployment(id, String(claims[CLAIM.deploymentId]));
    const answer = await prove({ ticket, proof: begun.data['value'] ?? '' });
    expect(await tool.codeOf(answer)).toBe('lti_deployment_revoked');
    expect(tool.launches).toEqual([]);
  });

  test('shows nothing personal before that, and keeps nothing of it in the clear', async () => {
    const { page, answer } = await launchViaStorage();
    expect(answer.status).toBe(200);
    const kept = JSON.stringify(await tool.documents('lti_tickets'));
    for (const personal of ['Ada', 'Obi', 'ada@example.org', 'person-1']) {
      expect(page).not.toContain(personal);
      expect(kept).not.toContain(personal);
      expect(tool.logged).not.toContain(personal);
    }
  });

  test('is refused with its reason when its token is bad, before any proof', async () => {
    const { data, address } = await beginViaStorage();
    expect(data['do']).toBe('put');
    const claims = tool.claims(lms, { nonce: 'another' });
    const form = { state: address.searchParams.get('state') ?? '', id_token: await lms.sign(claims) };
    expect(await tool.codeOf(await tool.post(form, ''))).toBe('lti_nonce_other');
  });

  test('goes straight in where the cookie came along after all', async () => {
    const { data, address } = await beginViaStorage();
    const query = address.searchParams;
    const state = query.get('state') ?? '';
    const idToken = await lms.sign(tool.claims(lms, { nonce: query.get('nonce') }));
    const cookie = `__Host-lti-${state.slice(0, 16)}=${data['value'] ?? ''}`;
    expect((await tool.post({ state, id_token: idToken }, cookie)).status).toBe(303);
  });

  test('offers deep linking to staff as well', async () => {
    const { ticket, key } = await launchViaStorage({
      [CLAIM.messageType]: 'LtiDeepLinkingRequest',
      [CLAIM.roles]: [ROLE.instructor],
      [CLAIM.deepLinkingSettings]: { deep_link_return_url: `${lms.issuer}/return` },
    });
    expect(await (await prove({ ticket, proof: key })).text()).toContain('Add to the course');
  });
});

describe('the proof is refused', () => {
  test.each([
    ['from another site', { 'sec-fetch-site': 'cross-site' }],
    ['from another host of the same site', { 'sec-fetch-site': 'same-site' }],
    ['typed in', { 'sec-fetch-site': 'none' }],
    ['without a word of where it comes from', {}],
  ])('%s, and the ticket stays good', async (_where, headers) => {
    const { ticket, key } = await launchViaStorage();
    const answer = await prove({ ticket, proof: key }, headers);
    expect([answer.status, await tool.codeOf(answer)]).toEqual([403, 'lti_proof_foreign']);
    expect(tool.launches).toEqual([]);
    expect((await prove({ ticket, proof: key })).status).toBe(200);
  });

  test.each(['', 'x', 'x'.repeat(32)])('with the key %j, which uses the ticket up', async (proof) => {
    const { ticket, key } = await launchViaStorage();
    const answer = await prove({ ticket, proof });
    expect([answer.status, await tool.codeOf(answer)]).toEqual([401, 'lti_state_other_browser']);
    expect(await tool.codeOf(await prove({ ticket, proof: key }))).toBe('lti_ticket_unknown');
    expect(tool.launches).toEqual([]);
  });

  test('with the key of another login', async () => {
    const [mine, theirs] = [await launchViaStorage(), await launchViaStorage()];
    const answer = await prove({ ticket: mine.ticket, proof: theirs.key });
    expect(await tool.codeOf(answer)).toBe('lti_state_other_browser');
  });

  test('a second time, even at the same instant', async () => {
    const { ticket, key } = await launchViaStorage();
    const answers = await Promise.all(Array.from({ length: 6 }, () => prove({ ticket, proof: key })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401, 401, 401, 401]);
    expect(tool.launches).toHaveLength(1);
  });

  test('a minute later', async () => {
    const { ticket, key } = await launchViaStorage();
    tool.clock.advance(60_000);
    expect(await tool.codeOf(await prove({ ticket, proof: key }))).toBe('lti_ticket_unknown');
    tool.clock.reset();
  });

  test.each<[string, Record<string, string>]>([
    ['no ticket', {}],
    ['a made-up ticket', { ticket: 'made-up', proof: 'x' }],
  ])('with %s', async (_what, form) => {
    expect(await tool.codeOf(await prove(form))).toBe('lti_ticket_unknown');
  });
});
