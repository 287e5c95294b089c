import { type Database, isDuplicateKey, newId } from '../database/index.ts';
import { Conflict, NotFound } from '../errors.ts';
import { platformModel, type PlatformDocument, type PlatformUpdate } from './platforms.model.ts';
import { completePlatform, type NewPlatform, type Platform } from './platforms.ts';
import { isSealedWith } from './sealed.ts';
import {
  type Keyring,
  makeKey,
  openKey,
  type PublicJwk,
  resealed,
  retiredOf,
  type SigningKey,
  signingOf,
  toJwk,
} from './signing-keys.ts';

export type { PublicJwk, SigningKey } from './signing-keys.ts';

/** What the operator may set of a registration. */
export type PlatformSettings = Partial<
  Pick<Platform, 'name' | 'tokenAudience' | 'serviceHosts' | 'frameOrigins' | 'state'>
>;

const MOST_FRAME_ORIGINS = 50;
/** Logins come by the hundred and platforms hardly ever change. */
const LOGIN_FRESH_MS = 5_000;

/** Where an id is asked for, an unknown one throws NotFound `lti_platform_unknown`; `find…` answer null. */
export type PlatformStore = {
  /**
   * Registers a platform with a key pair of its own, in one write.
   * @throws Conflict `lti_platform_exists`: a registered (issuer, client_id) is never changed from outside.
   */
  register(platform: NewPlatform): Promise<Platform>;
  /**
   * Replaces what the platform says of itself, its client id included; ours stays: id, keys, known and
   * revoked deployments.
   * @throws Conflict lti_platform_exists: another registration has this client id
   */
  reregister(id: string, platform: NewPlatform): Promise<Platform>;
  find(id: string): Promise<Platform | null>;
  select(id: string): Promise<Platform>;
  findByClient(issuer: string, clientId: string): Promise<Platform | null>;
  /**
   * Whom a login may be of: all of an issuer, or the one with this client id. What this process has no part in changing
   * shows up to five seconds late, so nothing but the way to the LMS may rest on it: the launch reads anew.
   */
  forLogin(issuer: string, clientId: string | null): Promise<readonly Platform[]>;
  list(): Promise<readonly Platform[]>;
  /** Remembers a deployment that a staff launch made known; nothing where the registration lists its deployments. */
  learnDeployment(id: string, deploymentId: string): Promise<void>;
  /** Remembers a page host that a signed launch came from, where an issuer's pages are on many; a few dozen at most. */
  learnFrameOrigin(id: string, origin: string): Promise<void>;
  set(id: string, settings: PlatformSettings): Promise<Platform>;
  /** Refuses this deployment's launches from now on. */
  revokeDeployment(id: string, deploymentId: string): Promise<void>;
  /**
   * Adds a key, which is published at once and signs after the overlap.
   * @param atOnce the old ones are not trusted any more: the new one signs now and is alone
   */
  rotateKey(id: string, atOnce: boolean): Promise<void>;
  /** Deletes keys that nobody needs any more; answers how many. */
  retireKeys(): Promise<number>;
  /** Seals all private keys with the current ENCRYPTION_KEY; answers how many were sealed with an earlier one. */
  reseal(): Promise<number>;
  /** The key for client assertions and deep linking answers. */
  signingKey(id: string): Promise<SigningKey>;
  /** Every public key of the tool, for /lti/keys (RFC 7517). */
  publicKeys(): Promise<readonly PublicJwk[]>;
};

/**
 * Keeps registered platforms.
 * @param keyring private keys at rest are sealed with it
 */
export function createPlatformStore(database: Database, keyring: Keyring, clock: () => Date): PlatformStore {
  const platforms = platformModel(database);
  const forLogins = new Map<string, { readonly until: number; readonly found: readonly Platform[] }>();
  const known = (document: PlatformDocument | null): PlatformDocument => {
    if (document === null) throw new NotFound('lti_platform_unknown');
    return document;
  };
  const toPlatform = ({ _id, keys, ...rest }: PlatformDocument): Platform => ({
    ...rest,
    id: _id,
    keyId: signingOf(keys, clock()).keyId,
  });
  const findDocument = (filter: { _id?: string; issuer?: string; clientId?: string }) =>
    platforms.findOne(filter).lean<PlatformDocument>().exec();
  const change = async (id: string, update: PlatformUpdate): Promise<PlatformDocument> => {
    const document = await platforms
      .findOneAndUpdate({ _id: id }, update, { returnDocument: 'after' })
      .lean<PlatformDocument>()
      .exec()
      .finally(() => forLogins.clear());
    return known(document);
  };
  const list = async (filter: { issuer?: string; clientId?: string }) =>
    (await platforms.find(filter).sort({ createdAt: 1 }).lean<PlatformDocument[]>().exec()).map(toPlatform);
  const keysOf = (filter: object) =>
    platforms.find(filter, { keys: 1 }).lean<Pick<PlatformDocument, '_id' | 'keys'>[]>().exec();

  return {
    async register(given) {
      const key = await makeKey(keyring, clock());
      const document = { _id: newId(), ...completePlatform(given), keys: [key], createdAt: clock() };
      await platforms.create(document).catch(asConflict);
      forLogins.clear();
      return toPlatform(document);
    },
    async reregister(id, given) {
      const { revokedDeploymentIds: _ours, state: _too, deploymentIds, ...told } = completePlatform(given);
      // A registration that names no deployment must not open a platform whose deployments are listed.
      const { deployments, ...rest } = told;
      const $set = deployments === 'listed' ? { ...rest, deployments } : rest;
      const update = { $set, $addToSet: { deploymentIds: { $each: deploymentIds } } };
      return toPlatform(await change(id, update).catch(asConflict));
    },
    async find(id) {
      const document = await findDocument({ _id: id });
      return document === null ? null : toPlatform(document);
    },
    select: async (id) => toPlatform(known(await findDocument({ _id: id }))),
    async findByClient(issuer, clientId) {
      const document = await findDocument({ issuer, clientId });
      return document === null ? null : toPlatform(document);
    },
    async forLogin(issuer, clientId) {
      const key = JSON.stringify([issuer, clientId]);
      const kept = forLogins.get(key);
      const now = clock().getTime();
      if (kept !== undefined && kept.until > now) return kept.found;
      const found = await list(clientId === null ? { issuer } : { issuer, clientId });
      // Made-up issuers are not kept, nor is a refusal: what is registered or enabled works at once, everywhere.
      if (found.length > 0 && found.every(({ state }) => state === 'active'))
        forLogins.set(key, { until: now + LOGIN_FRESH_MS, found });
      return found;
    },
    list: () => list({}),
    async learnDeployment(id, deploymentId) {
      const learning = { _id: id, deployments: 'learn', revokedDeploymentIds: { $ne: deploymentId } };
      await platforms.updateOne(learning, { $addToSet: { deploymentIds: deploymentId } }).exec();
    },
    async learnFrameOrigin(id, origin) {
      const room = { _id: id, [`frameOrigins.${MOST_FRAME_ORIGINS - 1}`]: { $exists: false } };
      await platforms.updateOne(room, { $addToSet: { frameOrigins: origin } }).exec();
      forLogins.clear();
    },
    set: async (id, settings) => toPlatform(await change(id, { $set: settings })),
    async revokeDeployment(id, deploymentId) {
      await change(id, { $addToSet: { revokedDeploymentIds: deploymentId } });
    },
    async rotateKey(id, atOnce) {
      const key = await makeKey(keyring, clock());
      await change(id, atOnce ? { $set: { keys: [key] } } : { $push: { keys: key } });
    },
    async retireKeys() {
      let retired = 0;
      for (const { _id, keys } of await keysOf({ 'keys.1': { $exists: true } })) {
        const keyIds = retiredOf(keys, clock()).map(({ keyId }) => keyId);
        if (keyIds.length > 0)
          await platforms.updateOne({ _id }, { $pull: { keys: { keyId: { $in: keyIds } } } }).exec();
        retired += keyIds.length;
      }
      return retired;
    },
    async reseal() {
      let count = 0;
      for (const { _id, keys } of await keysOf({}))
        for (const key of keys.filter(({ privateKey }) => !isSealedWith(keyring.current, privateKey))) {
          const { keyId, privateKey } = key;
          // By its sealed text: what another run sealed meanwhile is left alone.
          const asRead = { _id, keys: { $elemMatch: { keyId, privateKey } } };
          const update = { $set: { 'keys.$.privateKey': resealed(keyring, key) } };
          count += (await platforms.updateOne(asRead, update).exec()).modifiedCount;
        }
      return count;
    },
    async signingKey(id) {
      return openKey(keyring, signingOf(known(await findDocument({ _id: id })).keys, clock()));
    },
    publicKeys: async () => (await keysOf({})).flatMap(({ keys }) => keys).map(toJwk),
  };
}

function asConflict(error: unknown): never {
  throw isDuplicateKey(error) ? new Conflict('lti_platform_exists') : error;
}
