import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Database } from '../../src/database/index.ts';
import { createPlatformStore, type PlatformStore } from '../../src/lti/platforms.store.ts';
import { openTestDatabase } from '../support/database.ts';

const NEW_PLATFORM = {
  issuer: 'https://lms.example.org',
  authUrl: 'https://lms.example.org/auth',
  tokenUrl: 'https://lms.example.org/token',
  jwksUrl: 'https://lms.example.org/jwks',
};
const [old, fresh] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];

let database: Database;
let before: PlatformStore;
beforeEach(async () => {
  database = await openTestDatabase();
  before = storeWith(old);
  await database.ensure();
});
afterEach(() => database.close());

function storeWith(current: Buffer, ...previous: Buffer[]): PlatformStore {
  return createPlatformStore(database, { current, previous }, () => new Date());
}

test('a new ENCRYPTION_KEY: opens with both, seals all anew by a command, and then needs the new one alone', async () => {
  const ids: string[] = [];
  for (const clientId of ['a', 'b']) ids.push((await before.register({ ...NEW_PLATFORM, clientId })).id);
  await before.rotateKey(ids[0] ?? '', false);

  await expect(storeWith(fresh).signingKey(ids[0] ?? '')).rejects.toThrow('another ENCRYPTION_KEY');
  const during = storeWith(fresh, old);
  await expect(during.signingKey(ids[0] ?? '')).resolves.toBeDefined();
  await during.register({ ...NEW_PLATFORM, clientId: 'c' });

  expect(await during.reseal()).toBe(3);
  expect(await during.reseal()).toBe(0);
  for (const id of ids) await expect(storeWith(fresh).signingKey(id)).resolves.toBeDefined();
  await expect(before.signingKey(ids[0] ?? '')).rejects.toThrow('another ENCRYPTION_KEY');
});

test('sealing anew changes no key', async () => {
  const { id } = await before.register({ ...NEW_PLATFORM, clientId: 'a' });
  const pem = async (store: PlatformStore) =>
    (await store.signingKey(id)).privateKey.export({ type: 'pkcs8', format: 'pem' });
  const was = await pem(before);
  await storeWith(fresh, old).reseal();
  expect(await pem(storeWith(fresh))).toBe(was);
});

test('sealing anew twice at the same time is sealing once', async () => {
  for (const clientId of ['a', 'b', 'c']) await before.register({ ...NEW_PLATFORM, clientId });
  const [one, two] = await Promise.all([storeWith(fresh, old).reseal(), storeWith(fresh, old).reseal()]);
  expect(one + two).toBe(3);
  for (const { id } of await before.list())
    await expect(storeWith(fresh).signingKey(id)).resolves.toBeDefined();
});
