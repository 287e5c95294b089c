import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type CryptoKey, generateKeyPair, importJWK } from 'jose';
import { AGS_SCOPE, MEDIA, NRPS_SCOPE } from '../../src/demo-lms/protocol/vocabulary.ts';
import { openLms, type TestLms } from './support/lms.ts';

let house: TestLms;
let members: string;
beforeAll(async () => {
  house = await openLms();
  await house.lms.addCourse('c1');
  members = `${house.lms.url}/services/courses/c1/members?type=1`;
});
afterAll(() => house.close());
beforeEach(() => house.lms.behaviour.reset());

const second = (): number => Math.floor(house.now().getTime() / 1_000);

describe('a client assertion is refused', () => {
  it.each<[string, () => Record<string, unknown>]>([
    ['without an issuer', () => ({ iss: undefined })],
    ['of an unknown client', () => ({ iss: 'nobody', sub: 'nobody' })],
    ['for another subject', () => ({ sub: 'somebody' })],
    ['for another audience', () => ({ aud: 'https://elsewhere.example/token' })],
    ['from a second in the future', () => ({ iat: second() + 2 })],
    ['without a time of issue', () => ({ iat: undefined })],
    ['that has ended', () => ({ iat: second() - 120, exp: second() - 60 })],
    ['without an end', () => ({ exp: undefined })],
    ['that lives longer than five minutes', () => ({ iat: second() - 5, exp: second() + 300 })],
    ['without an id', () => ({ jti: undefined })],
  ])('%s', async (_what, change) => {
    const { tool } = house;
    const answer = await tool.askToken({}, await tool.sign(tool.assertion(change())));
    expect([answer.status, answer.body]).toEqual([400, { error: 'invalid_client' }]);
  });

  it('that was used before', async () => {
    const { tool } = house;
    const assertion = await tool.sign(tool.assertion());
    const answers = await Promise.all([tool.askToken({}, assertion), tool.askToken({}, assertion)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
  });

  it('that another key signed', async () => {
    const { tool } = house;
    const { privateKey } = await generateKeyPair('RS256');
    expect((await tool.askToken({}, await tool.sign(tool.assertion(), {}, privateKey))).status).toBe(400);
  });

  it('that its own key signed with another algorithm', async () => {
    const { tool } = house;
    const key = (await importJWK(tool.privateJwk, 'PS256')) as CryptoKey;
    const assertion = await tool.sign(tool.assertion(), { alg: 'PS256' }, key);
    expect((await tool.askToken({}, assertion)).status).toBe(400);
  });

  it.each(['a.b.c', '', 'nonsense'])('that is none: %j', async (assertion) => {
    expect((await house.tool.askToken({}, assertion)).status).toBe(400);
  });
});

describe('a token request is refused', () => {
  it.each<[string, Record<string, string>, string]>([
    ['for another grant', { grant_type: 'password' }, 'unsupported_grant_type'],
    ['with another kind of assertion', { client_assertion_type: 'saml' }, 'invalid_request'],
    ['for scopes that nobody has', { scope: 'everything' }, 'invalid_scope'],
  ])('%s', async (_what, fields, error) => {
    const answer = await house.tool.askToken(fields);
    expect([answer.status, answer.body]).toEqual([400, { error }]);
  });

  it('of a tool that is switched off', async () => {
    await house.lms.store.tools.updateOne({ _id: house.tool.clientId }, { $set: { active: false } });
    expect((await house.tool.askToken()).status).toBe(400);
    await house.lms.store.tools.updateOne({ _id: house.tool.clientId }, { $set: { active: true } });
  });
});

describe('a token', () => {
  it('carries what was asked for and granted, and says so', async () => {
    const { body } = await house.tool.askToken({ scope: `${NRPS_SCOPE} nonsense` });
    expect(body).toMatchObject({ token_type: 'Bearer', expires_in: 3600, scope: NRPS_SCOPE });
  });

  it('opens nothing that it has no scope for', async () => {
    const token = await house.tool.token([AGS_SCOPE.score]);
    const answer = await house.tool.call(members, { token, headers: { accept: MEDIA.members } });
    expect(answer.status).toBe(403);
  });

  it.each(['', 'made-up'])('that is none opens nothing: %j', async (token) => {
    const answer = await house.tool.call(members, { token, headers: { accept: MEDIA.members } });
    expect(answer.status).toBe(401);
  });

  it('ends', async () => {
    const token = await house.tool.token();
    const open = () => house.tool.call(members, { token, headers: { accept: MEDIA.members } });
    expect((await open()).status).toBe(200);
    house.advance(3_601_000);
    expect((await open()).status).toBe(401);
  });

  it('outlives a restart: it stands in the database, and only as a hash', async () => {
    const token = await house.tool.token();
    const kept = await house.database.connection.collection('lms_secrets').find({}).toArray();
    expect(kept.length).toBeGreaterThan(0);
    expect(JSON.stringify(kept)).not.toContain(token);
  });
});

describe('a test can let a service', () => {
  it('fail once, and count', async () => {
    house.lms.behaviour.fail('token', [{ status: 503, headers: { 'retry-after': '7' } }]);
    const [failed, good] = [await house.tool.askToken(), await house.tool.askToken()];
    expect([failed.status, failed.headers.get('retry-after'), good.status]).toEqual([503, '7', 200]);
    expect(house.lms.behaviour.requests.token).toBe(2);
  });

  it('drop the connection', async () => {
    house.lms.behaviour.fail('token', [{ manner: 'drop' }]);
    await expect(house.tool.askToken()).rejects.toThrow();
  });

  it('hang', async () => {
    house.lms.behaviour.fail('keys', [{ manner: 'hang' }]);
    const answer = fetch(`${house.lms.url}/keys`, { signal: AbortSignal.timeout(200) });
    await expect(answer).rejects.toThrow();
  });

  it('do its work and lose the answer', async () => {
    const assertion = await house.tool.sign(house.tool.assertion());
    house.lms.behaviour.fail('token', [{ manner: 'lose' }]);
    await expect(house.tool.askToken({}, assertion)).rejects.toThrow();
    expect((await house.tool.askToken({}, assertion)).status).toBe(400);
  });
});
