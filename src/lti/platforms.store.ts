import {
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';
import { promisify } from 'node:util';
import { type Database, isDuplicateKey, newId } from '../database/index.ts';
import { Conflict, NotFound } from '../errors.ts';
import { platformModel, type KeptKey, type PlatformDocument } from './platforms.model.ts';
import { completePlatform, type NewPlatform, type Platform } from './platforms.ts';
import { seal, unseal } from './sealed.ts';

const makeKeyPair = promisify(generateKeyPair);

export type SigningKey = { readonly kid: string; readonly privateKey: KeyObject };
export type PublicJwk = JsonWebKey & { readonly kid: string; readonly alg: 'RS256'; readonly use: 'sig' };

export type PlatformStore = {
  /**
   * Registers a platform with a key pair of its own, in one write.
   * @throws Conflict `lti_platform_exists`: a registered (issuer, client_id) is never changed from outside.
   */
  register(platform: NewPlatform): Promise<Platform>;
  /**
   * Replaces what the platform says of itself, its client id included; ours stays: id, keys, known and
   * revoked deployments.
   * @throws NotFound lti_platform_unknown, Conflict lti_platform_exists: another registration has this client id
   */
  reregister(id: string, platform: NewPlatform): Promise<Platform>;
  find(id: string): Promise<Platform | null>;
  /** @throws NotFound `lti_platform_unknown` */
  select(id: string): Promise<Platform>;
  findByClient(issuer: string, clientId: string): Promise<Platform | null>;
  listByIssuer(issuer: string): Promise<readonly Platform[]>;
  list(): Promise<readonly Platform[]>;
  /** Remembers a deployment that a staff launch made known; nothing where the registration lists its deployments. */
  learnDeployment(id: string, deploymentId: string): Promise<void>;
  /** The newest key, for client assertions and deep linking answers. @throws NotFound `lti_platform_unknown` */
  signingKey(id: string): Promise<SigningKey>;
  /** Every public key of the tool, for /lti/keys (RFC 7517). */
  publicKeys(): Promise<readonly PublicJwk[]>;
};

/**
 * Keeps registered platforms.
 * @param encryptionKey 32 bytes; private keys at rest are sealed with it
 */
export function createPlatformStore(
  database: Database,
  encryptionKey: Buffer,
  clock: () => Date,
): PlatformStore {
  const platforms = platformModel(database);
  const findDocument = (id: string) => platforms.findById(id).lean<PlatformDocument>().exec();
  const selectDocument = async (id: string) => {
    const document = await findDocument(id);
    if (document === null) throw new NotFound('lti_platform_unknown');
    return document;
  };
  const list = async (filter: { issuer?: string }) =>
    (await platforms.find(filter).sort({ createdAt: 1 }).lean<PlatformDocument[]>().exec()).map(toPlatform);

  return {
    async register(given) {
      const key = await makeKey(encryptionKey, clock());
      const document = { _id: newId(), ...completePlatform(given), keys: [key], createdAt: clock() };
      try {
        await platforms.create(document);
      } catch (error) {
        if (isDuplicateKey(error)) throw new Conflict('lti_platform_exists');
        throw error;
      }
      return toPlatform(document);
    },
    async reregister(id, given) {
      const {
        revokedDeploymentIds: _kept,
        state: _asBefore,
        deploymentIds,
        ...told
      } = completePlatform(given);
      const change = { $set: told, $addToSet: { deploymentIds: { $each: deploymentIds } } };
      const after = await platforms
        .findOneAndUpdate({ _id: id }, change, { returnDocument: 'after' })
        .lean<PlatformDocument>()
        .exec()
        .catch((error: unknown) => {
          throw isDuplicateKey(error) ? new Conflict('lti_platform_exists') : error;
        });
      if (after === null) throw new NotFound('lti_platform_unknown');
      return toPlatform(after);
    },
    async find(id) {
      const document = await findDocument(id);
      return document === null ? null : toPlatform(document);
    },
    select: async (id) => toPlatform(await selectDocument(id)),
    async findByClient(issuer, clientId) {
      const document = await platforms.findOne({ issuer, clientId }).lean<PlatformDocument>().exec();
      return document === null ? null : toPlatform(document);
    },
    listByIssuer: (issuer) => list({ issuer }),
    list: () => list({}),
    async learnDeployment(id, deploymentId) {
      const change = { $addToSet: { deploymentIds: deploymentId } };
      await platforms
        .updateOne({ _id: id, deployments: 'learn', revokedDeploymentIds: { $ne: deploymentId } }, change)
        .exec();
    },
    async signingKey(id) {
      const { keyId, privateKey } = newestKey(await selectDocument(id));
      const pem = unseal(encryptionKey, purposeOf(keyId), privateKey);
      return { kid: keyId, privateKey: createPrivateKey(pem) };
    },
    async publicKeys() {
      const documents = await platforms.find({}, { keys: 1 }).lean<Pick<PlatformDocument, 'keys'>[]>().exec();
      return documents.flatMap(({ keys }) => keys).map(toJwk);
    },
  };
}

/** RSA-2048, made off the event loop: a larger key takes a second and more of a web process. */
async function makeKey(encryptionKey: Buffer, createdAt: Date): Promise<KeptKey> {
  const { publicKey, privateKey } = await makeKeyPair('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const keyId = newId();
  return { keyId, publicKey, privateKey: seal(encryptionKey, purposeOf(keyId), privateKey), createdAt };
}

function purposeOf(keyId: string): string {
  return `lti signing key ${keyId}`;
}

function newestKey({ keys }: { keys: readonly KeptKey[] }): KeptKey {
  const key = keys.at(-1);
  if (key === undefined) throw new Error('A platform is without a key.');
  return key;
}

function toPlatform({ _id, keys, ...rest }: PlatformDocument): Platform {
  return { ...rest, id: _id, keyId: newestKey({ keys }).keyId };
}

function toJwk({ keyId, publicKey }: KeptKey): PublicJwk {
  return { ...createPublicKey(publicKey).export({ format: 'jwk' }), kid: keyId, alg: 'RS256', use: 'sig' };
}
