import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startLocalPlatform, type LocalPlatform } from './support/local-platform.ts';
import { startTool, type Tool } from './support/tool.ts';

let tool: Tool;
let lms: LocalPlatform;
let platformId: string;
beforeAll(async () => {
  tool = await startTool();
  lms = await startLocalPlatform();
  ({ id: platformId } = await tool.door.platforms.register({ ...lms.registration(), name: 'Our School' }));
});
afterAll(async () => {
  await tool.close();
  await lms.close();
});

type Pass = { readonly cookie: string; readonly csrf: string };
const ask = (path: string, cookie = '') =>
  fetch(`${tool.address}/lti/operator${path}`, { redirect: 'manual', headers: { cookie } });
const send = (path: string, fields: Record<string, string>, cookie = '') =>
  fetch(`${tool.address}/lti/operator${path}`, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie },
    body: new URLSearchParams(fields),
  });
const ticketOf = (link: string) => new URL(link).searchParams.get('ticket') ?? '';

async function enter(): Promise<Pass> {
  const answer = await send('/enter', { ticket: ticketOf(await tool.door.operatorLink()) });
  const cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const page = await (await ask('', cookie)).text();
  return { cookie, csrf: /name="_csrf" value="([^"]+)"/.exec(page)?.[1] ?? '' };
}

describe('the operator’s page is closed', () => {
  test.each(['', 'x', '__Host-peer-group-operator=', '__Host-peer-group-operator=9999999999999.x'])(
    'to a browser with %j for a pass',
    async (cookie) => {
      const answer = await ask('', cookie);
      expect([answer.status, await tool.codeOf(answer)]).toEqual([401, 'operator_link']);
      const act = await send(`/${platformId}/disable`, { _csrf: 'x' }, cookie);
      expect([act.status, await tool.codeOf(act)]).toEqual([401, 'operator_link']);
    },
  );

  test.each(['', 'made-up'])('to a link with the ticket %j', async (ticket) => {
    expect(await tool.codeOf(await send('/enter', { ticket }))).toBe('operator_link');
  });

  test('to a link that was used, or is ten minutes old', async () => {
    const ticket = ticketOf(await tool.door.operatorLink());
    expect((await send('/enter', { ticket })).status).toBe(303);
    expect(await tool.codeOf(await send('/enter', { ticket }))).toBe('operator_link');
    const old = ticketOf(await tool.door.operatorLink());
    tool.clock.advance(10 * 60_000);
    expect(await tool.codeOf(await send('/enter', { ticket: old }))).toBe('operator_link');
    tool.clock.reset();
  });

  test('after half an hour, and after leaving', async () => {
    const { cookie, csrf } = await enter();
    const left = await send('/leave', { _csrf: csrf }, cookie);
    expect(left.headers.getSetCookie().join()).toContain('Expires=Thu, 01 Jan 1970');
    tool.clock.advance(30 * 60_000);
    expect((await ask('', cookie)).status).toBe(401);
    tool.clock.reset();
  });

  test('to forms that are not its own', async () => {
    const { cookie } = await enter();
    for (const _csrf of ['', 'x', 'x'.repeat(43)]) {
      const answer = await send(`/${platformId}/disable`, { _csrf }, cookie);
      expect([answer.status, await tool.codeOf(answer)]).toEqual([403, 'form_outdated']);
    }
    expect(await tool.door.platforms.find(platformId)).toMatchObject({ state: 'active' });
  });

  test('to frames, and its cookie to every other site', async () => {
    const answer = await send('/enter', { ticket: ticketOf(await tool.door.operatorLink()) });
    for (const attribute of ['Secure', 'HttpOnly', 'SameSite=Strict', 'Path=/'])
      expect(answer.headers.getSetCookie()[0]).toContain(attribute);
    const { cookie } = await enter();
    const page = await ask('', cookie);
    expect(page.headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(page.headers.get('cache-control')).toBe('no-store');
  });
});

describe('the operator’s page', () => {
  test('is entered by a link that a preview does not use up', async () => {
    const link = await tool.door.operatorLink();
    expect(link.startsWith(`${tool.origin}/lti/operator/enter?ticket=`)).toBe(true);
    for (let times = 0; times < 3; times += 1)
      expect((await ask(`/enter?ticket=${ticketOf(link)}`)).status).toBe(200);
    expect((await send('/enter', { ticket: ticketOf(link) })).headers.get('location')).toBe('/lti/operator');
  });

  test('lists LMSs and how they are doing', async () => {
    await tool.launch(lms, { aud: 'another' });
    const { cookie } = await enter();
    for (;;) {
      const page = await (await ask('', cookie)).text();
      if (!page.includes('(lti_audience)')) continue;
      expect(page).toContain('Our School');
      expect(page).toContain('The client id in their settings has to be ours');
      break;
    }
  });

  test('switches off and on, rotates keys and invites, and leaves a line for each', async () => {
    const { cookie, csrf } = await enter();
    const act = (path: string, more = {}) => send(path, { _csrf: csrf, ...more }, cookie);
    expect((await act(`/${platformId}/disable`)).headers.get('location')).toBe('/lti/operator');
    expect(tool.ended).toEqual([platformId]);
    expect(await tool.codeOf((await tool.login(lms)).answer)).toBe('lti_platform_disabled');
    await act(`/${platformId}/enable`);
    expect((await tool.launch(lms)).status).toBe(303);
    await act(`/${platformId}/rotate`);
    expect(await tool.door.platforms.publicKeys()).toHaveLength(2);
    const invited = await (await act('/invite', { for: platformId })).text();
    const token = /invitation=([\w-]{32})"/.exec(invited)?.[1] ?? '';
    expect(await tool.door.invitations.find(token)).toMatchObject({ platformId });
    const lines = await tool.door.operatorLog.list(10);
    expect(lines.map(({ by, action }) => `${by}: ${action}`)).toEqual([
      'operator page: invite',
      'operator page: rotate keys',
      'operator page: enable',
      'operator page: disable',
    ]);
  });

  test('says of a platform that is not there that it is not', async () => {
    const { cookie, csrf } = await enter();
    for (const path of ['/nobody/disable', '/nobody/rotate'])
      expect((await send(path, { _csrf: csrf }, cookie)).status).toBe(404);
    expect((await send('/invite', { _csrf: csrf, for: 'nobody' }, cookie)).status).toBe(404);
  });
});
