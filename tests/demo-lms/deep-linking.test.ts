import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AGS_CLAIM, CLAIM, DEEP_LINKING, MESSAGES } from '../../src/demo-lms/protocol/vocabulary.ts';
import { textOf } from '../support/http.ts';
import { openLms, type TestLms } from './support/lms.ts';

type Json = Record<string, unknown>;
type Settings = { deep_link_return_url: string; data: string; accept_types: string[] };
let house: TestLms;
let settings: Settings;
beforeAll(async () => {
  house = await openLms();
  await house.lms.addCourse('c1');
  await house.lms.addPerson('c1', { id: 'chidi', name: 'Chidi', role: 'instructor' });
});
afterAll(() => house.close());
beforeEach(async () => {
  const wish = { personId: 'chidi', courseId: 'c1', message: MESSAGES.deepLinking };
  const claims = await house.tool.launch(await house.lms.startLaunch(wish));
  expect(claims[`${CLAIM}message_type`]).toBe('LtiDeepLinkingRequest');
  expect(claims).not.toHaveProperty([`${CLAIM}resource_link`]);
  settings = claims[`${DEEP_LINKING}deep_linking_settings`] as Settings;
});

const link = (change: object = {}) => ({
  type: 'ltiResourceLink',
  title: 'A link',
  url: `${house.tool.url}/x`,
  ...change,
});
const answer = (items: unknown[], change: Json = {}): Json => {
  const second = Math.floor(house.now().getTime() / 1_000);
  return {
    iss: house.tool.clientId,
    aud: [house.lms.url],
    iat: second,
    exp: second + 60,
    nonce: randomUUID(),
    [`${CLAIM}deployment_id`]: '1',
    [`${CLAIM}message_type`]: 'LtiDeepLinkingResponse',
    [`${CLAIM}version`]: '1.3.0',
    [`${DEEP_LINKING}content_items`]: items,
    [`${DEEP_LINKING}data`]: settings.data,
    ...change,
  };
};
const send = async (claims: Json, url = settings.deep_link_return_url) =>
  fetch(url, { method: 'POST', body: new URLSearchParams({ JWT: await house.tool.sign(claims) }) });
const links = () => house.lms.store.links.countDocuments({ courseId: 'c1' });

describe('a deep linking answer is refused', () => {
  it.each<[string, () => Json]>([
    ['of another tool', () => answer([link()], { iss: 'nobody' })],
    ['for another LMS', () => answer([link()], { aud: 'https://elsewhere.example' })],
    ['that has ended', () => answer([link()], { iat: 1, exp: 2 })],
    ['without a nonce', () => answer([link()], { nonce: undefined })],
    ['for another deployment', () => answer([link()], { [`${CLAIM}deployment_id`]: '2' })],
    ['of another kind', () => answer([link()], { [`${CLAIM}message_type`]: 'LtiResourceLinkRequest' })],
    ['without the data of the request', () => answer([link()], { [`${DEEP_LINKING}data`]: undefined })],
    ['with other data', () => answer([link()], { [`${DEEP_LINKING}data`]: 'other' })],
    ['with something that was not asked for', () => answer([link({ type: 'html' })])],
    ['with a link to another domain', () => answer([link({ url: 'https://evil.example/' })])],
  ])('%s', async (_what, claims) => {
    const before = await links();
    expect((await send(claims())).status).toBe(400);
    expect(await links()).toBe(before);
  });

  it('that comes a second time, or to no request', async () => {
    const claims = answer([link()]);
    expect((await send(claims)).status).toBe(200);
    expect((await send(claims)).status).toBe(400);
    expect((await send(claims, `${house.lms.url}/deep-links?ticket=made-up`)).status).toBe(400);
    expect((await send(claims, `${house.lms.url}/deep-links`)).status).toBe(400);
  });
});

describe('a deep linking answer', () => {
  it('adds links to the course, and a coupled column where one comes along', async () => {
    const given = link({ title: 'Week 2', custom: { week: '2' }, lineItem: { scoreMaximum: 10, tag: 'w2' } });
    const page = await send(answer([given]));
    expect(textOf(await page.text())).toContain('Week 2');
    const added = await house.lms.store.links.findOne({ title: 'Week 2' });
    expect(added).toMatchObject({ toolId: house.tool.clientId, targetLinkUri: `${house.tool.url}/x` });
    const wish = { personId: 'chidi', courseId: 'c1', linkId: added!._id };
    const claims = await house.tool.launch(await house.lms.startLaunch(wish));
    expect(claims[`${CLAIM}target_link_uri`]).toBe(`${house.tool.url}/x`);
    expect(claims[`${CLAIM}custom`]).toMatchObject({ week: '2' });
    expect(claims[AGS_CLAIM]).toHaveProperty('lineitem');
  });

  it('with nothing in it changes nothing', async () => {
    const before = await links();
    const page = await send(answer([]));
    expect([page.status, textOf(await page.text())]).toEqual([
      200,
      expect.stringContaining('Nothing was added'),
    ]);
    expect(await links()).toBe(before);
  });
});
