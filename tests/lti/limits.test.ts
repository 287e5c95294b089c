import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startLocalPlatform, type LocalPlatform } from './support/local-platform.ts';
import { startTool, type Tool } from './support/tool.ts';

let lms: LocalPlatform;
let tool: Tool;
beforeAll(async () => {
  lms = await startLocalPlatform();
  tool = await startTool({ registration: 'open' });
  await tool.door.platforms.register(lms.registration());
});
afterAll(async () => {
  await tool.close();
  await lms.close();
});

const from = (address: string) => ({ headers: { 'x-forwarded-for': address } });

test('one person opens the tool sixty times a minute, and no other person waits for it', async () => {
  const asAda = () => tool.login(lms, { login_hint: 'ada' });
  const statuses: number[] = [];
  for (let times = 0; times < 61; times += 1) statuses.push((await asAda()).answer.status);
  expect(statuses.slice(0, 60)).toEqual(Array(60).fill(302));
  expect(statuses[60]).toBe(429);
  expect(await tool.codeOf((await asAda()).answer)).toBe('too_many_requests');
  expect((await tool.login(lms, { login_hint: 'bola' })).answer.status).toBe(302);
  const elsewhere = { method: 'POST', ...from('41.58.0.20') } as const;
  expect((await tool.login(lms, { login_hint: 'ada' }, elsewhere)).answer.status).toBe(302);
});

describe('a public address', () => {
  test('begins a registration sixty times in ten minutes, and no other address waits for it', async () => {
    const wish = { openid_configuration: `${lms.issuer}/none` };
    const register = (address: string) =>
      fetch(`${tool.address}/lti/register?${new URLSearchParams(wish).toString()}`, from(address));
    const answers = await Promise.all(Array.from({ length: 61 }, () => register('41.58.0.7')));
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(1);
    expect((await register('41.58.0.8')).status).toBe(400);
  });

  test('of IPv6 counts by its network, for whoever has one address of it has them all', async () => {
    const wish = { openid_configuration: `${lms.issuer}/none` };
    const address = `${tool.address}/lti/register?${new URLSearchParams(wish).toString()}`;
    const answers = await Promise.all(
      Array.from({ length: 61 }, (_, index) =>
        fetch(address, from(`2c0f:f248:1:2:${index.toString(16)}::7`)),
      ),
    );
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(1);
    expect((await fetch(address, from('2c0f:f248:1:3::7'))).status).toBe(400);
  });

  test('is believed from the proxy in front alone, so that nobody counts as somebody else', async () => {
    const wish = { openid_configuration: `${lms.issuer}/none` };
    const address = `${tool.address}/lti/register?${new URLSearchParams(wish).toString()}`;
    const answers = await Promise.all(
      Array.from({ length: 61 }, (_, index) => fetch(address, from(`41.58.1.${index}, 41.58.0.9`))),
    );
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(1);
  });

  test('of a private network is a proxy that does not say for whom, and is not counted', async () => {
    const wish = { openid_configuration: `${lms.issuer}/none` };
    const address = `${tool.address}/lti/register?${new URLSearchParams(wish).toString()}`;
    const answers = await Promise.all(Array.from({ length: 80 }, () => fetch(address, from('10.0.0.1'))));
    expect(answers.map(({ status }) => status)).toEqual(Array(80).fill(400));
  });
});

test('a request line that holds a wrong address is a bad request', async () => {
  const { status } = await tool.raw('GET', 'http://foo:99999/lti/login', '', {});
  expect(status).toBe(400);
});

test('registering anew without a deployment does not open a platform that lists its own', async () => {
  const given = { ...lms.registration(), clientId: 'client-listed', deploymentIds: ['1'] };
  const { id } = await tool.door.platforms.register(given);
  const anew = await tool.door.platforms.reregister(id, { ...given, deploymentIds: [] });
  expect(anew).toMatchObject({ deployments: 'listed', deploymentIds: ['1'] });
});
