import { createHash, randomBytes } from 'node:crypto';
import { type Database, insertRow } from '../database/index.ts';
import type { LoginEvidence } from './guard/evidence.ts';
import { loginModel, type LoginDocument, type LoginParameters } from './logins.model.ts';
import type { Platform } from './platforms.ts';

export type { LoginParameters } from './logins.model.ts';

/** A person may have to sign in to the LMS on the way. */
export const LOGIN_LIFE_MS = 10 * 60_000;

export type BegunLogin = {
  readonly nonce: string;
  /** For the browser alone; the database has its hash. */
  readonly browserKey: string;
};

export type ReturnedLogin = LoginEvidence & {
  readonly platformId: string;
  /** Hash of the browser key, for a proof that comes later. */
  readonly browserHash: string;
  readonly parameters: LoginParameters;
};

export type LoginStore = {
  /**
   * Remembers a login under its state, with a nonce and a browser key made here.
   * @param viaStorage the platform keeps the browser key for us, since no cookie stays
   */
  begin(
    state: string,
    platform: Platform,
    parameters: LoginParameters,
    viaStorage: boolean,
  ): Promise<BegunLogin>;
  /**
   * Uses a login up with its nonce, atomically: of any number of launches with one state, one sees it `fresh`.
   * Null where the state is none of ours (or was swept).
   */
  consume(state: string, browserKey: string | null): Promise<ReturnedLogin | null>;
  /** Deletes what has expired; answers how many rows. */
  sweep(): Promise<number>;
};

/** Keeps logins under way; reads compare the time, for no engine need expire rows. */
export function createLoginStore(database: Database, clock: () => Date): LoginStore {
  const logins = loginModel(database);
  return {
    async begin(state, platform, parameters, viaStorage) {
      const nonce = randomBytes(24).toString('base64url');
      const browserKey = randomBytes(24).toString('base64url');
      const now = clock();
      await insertRow(logins, {
        _id: state,
        nonce,
        browserHash: browserHashOf(browserKey),
        viaStorage,
        platformId: platform.id,
        parameters,
        createdAt: now,
        expiresAt: new Date(now.getTime() + LOGIN_LIFE_MS),
        usedAt: null,
      });
      return { nonce, browserKey };
    },
    async consume(state, browserKey) {
      const now = clock();
      const before = await logins
        .findOneAndUpdate(
          { _id: state, usedAt: null },
          { $set: { usedAt: now } },
          { returnDocument: 'before' },
        )
        .lean<LoginDocument>()
        .exec();
      const login = before ?? (await logins.findById(state).lean<LoginDocument>().exec());
      if (login === null) return null;
      const standing = before === null ? 'used' : login.expiresAt <= now ? 'expired' : 'fresh';
      return toReturned(login, standing, browserKey);
    },
    async sweep() {
      return (await logins.deleteMany({ expiresAt: { $lte: clock() } }).exec()).deletedCount;
    },
  };
}

function toReturned(
  login: LoginDocument,
  standing: LoginEvidence['standing'],
  browserKey: string | null,
): ReturnedLogin {
  const same = browserKey !== null && browserHashOf(browserKey) === login.browserHash;
  const without = login.viaStorage ? 'unproven' : 'cookieless';
  return {
    standing,
    browser: same ? 'same' : browserKey === null ? without : 'other',
    browserHash: login.browserHash,
    nonce: login.nonce,
    targetLinkUri: login.parameters.target_link_uri,
    issuer: login.parameters.iss,
    platformId: login.platformId,
    parameters: login.parameters,
  };
}

/** What the database keeps of a browser key. */
export function browserHashOf(browserKey: string): string {
  return createHash('sha256').update(browserKey).digest('base64url');
}
