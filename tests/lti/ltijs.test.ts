import { generateKeyPairSync } from 'node:crypto';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { SignJWT } from 'jose';
import type { PlatformKey } from '../../src/lti/key-sets.ts';
import { createLtijs, type Ltijs } from '../../src/lti/ltijs/provider.ts';
import { aPlatform, ORIGIN, someClaims } from './support/builders.ts';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const key = { ...publicKey.export({ format: 'jwk' }), kid: 'k1' } as unknown as PlatformKey;
const platform = aPlatform({ authUrl: 'https://lms.example.org/auth?tenant=7' });
const login = {
  platform,
  loginHint: 'a b&c=1#d',
  messageHint: '{"x":"ọ"}',
  deploymentId: '1',
  redirectUri: `${ORIGIN}/lti/launch`,
};

/** A token of now, for ltijs has a clock of its own. */
function tokenWith(change: Record<string, unknown> = {}): Promise<string> {
  const iat = Math.floor(Date.now() / 1000);
  return new SignJWT(someClaims({ iat, exp: iat + 300, ...change }))
    .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
    .sign(privateKey);
}

let ltijs: Ltijs;
beforeEach(() => {
  ltijs = createLtijs('a secret of the test');
});
const validate = async (change?: Record<string, unknown>) => {
  const [query, idToken] = [await ltijs.beginLogin(login), await tokenWith(change)];
  await ltijs.validate({ platform, idToken, state: query.get('state') ?? '', key });
};

describe('ltijs, asked in private', () => {
  test('makes the authentication request, with every hint unaltered', async () => {
    const query = Object.fromEntries(await ltijs.beginLogin(login));
    expect(query).toMatchObject({
      response_type: 'id_token',
      response_mode: 'form_post',
      scope: 'openid',
      prompt: 'none',
      client_id: 'client-1',
      redirect_uri: `${ORIGIN}/lti/launch`,
      login_hint: 'a b&c=1#d',
      lti_message_hint: '{"x":"ọ"}',
    });
    expect(query['state']).toMatch(/^[0-9a-f]{50}$/);
  });

  test('accepts a good launch', async () => {
    await expect(validate()).resolves.toBeUndefined();
  });

  test.each([
    ['a token older than two minutes', { iat: Math.floor(Date.now() / 1000) - 130 }, 'lti_token_too_old'],
    ['another issuer', { iss: 'https://other.example.org' }, 'lti_validation'],
    ['another audience', { aud: 'client-2' }, 'lti_validation'],
    ['a token without sub', { sub: undefined }, 'lti_validation'],
  ])('refuses %s', async (_what, change, code) => {
    await expect(validate(change)).rejects.toMatchObject({ status: 401, code });
  });

  test('refuses a token signed with another key', async () => {
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' });
    const launch = { platform, idToken: await tokenWith(), state: 'a'.repeat(50) };
    const wrong = { ...other, kid: 'k1' } as unknown as PlatformKey;
    await expect(ltijs.validate({ ...launch, key: wrong })).rejects.toMatchObject({ code: 'lti_validation' });
  });

  test.each([{ roles: 'Instructor' }, { nonce: { $ne: null } }, { aud: { a: 1 } }])(
    'survives odd claims that the guard would have stopped: %j',
    async (change) => {
      await validate(change).catch(() => undefined);
      await validate({ nonce: 'nonce-2' });
    },
  );

  test('keeps many questions at the same time apart', async () => {
    const queries = await Promise.all(Array.from({ length: 30 }, () => ltijs.beginLogin(login)));
    expect(new Set(queries.map((query) => query.get('state'))).size).toBe(30);
  });
});
