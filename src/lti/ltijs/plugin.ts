import type { AsyncLocalStorage } from 'node:async_hooks';
import type { DatabasePlugin } from 'ltijs';
import type { PlatformKey } from '../key-sets.ts';
import type { Platform } from '../platforms.ts';

/** What ltijs may know while it works on one request: that request's platform and key, and nothing else. */
export type Inquiry = {
  readonly platform: Platform;
  /** The key that verified the token; ltijs verifies with it again, and fetches nothing. */
  readonly key: PlatformKey | null;
  /** Until when the token's nonce must be remembered. */
  readonly nonceUntil: Date;
  /** What went wrong in our database, so that it is not taken for a fault of the token. */
  failure: unknown;
};

export type NonceMemory = {
  has(nonce: string): Promise<boolean>;
  /** Throws when the nonce is there already: the database decides, not the look before. */
  remember(nonce: string, until: Date): Promise<void>;
};

/**
 * ltijs's database. Of its collections only `platform` and `nonce` mean something here: it is asked for one launch
 * at a time and taken over from at once, so its copies of tokens, contexts and states (personal data, kept a day)
 * have no reader and are not written; keys are in signing-keys.store.ts, and the service client has its own tokens.
 * Every query value is made a string, so that no operator reaches the database.
 */
export function createPlugin(current: AsyncLocalStorage<Inquiry>, nonces: NonceMemory): DatabasePlugin {
  return {
    setup: () => Promise.resolve(true),
    Close: () => Promise.resolve(true),
    async Get(_key, collection, query = {}) {
      const inquiry = current.getStore();
      if (inquiry === undefined) return false;
      if (collection === 'platform') return platformRows(inquiry, query);
      if (collection !== 'nonce') return false;
      return guarded(inquiry, async () => {
        const nonce = textOf(query['nonce']);
        return (await nonces.has(nonce)) ? [{ nonce }] : false;
      });
    },
    async Insert(_key, collection, item) {
      const inquiry = current.getStore();
      if (inquiry === undefined || collection !== 'nonce' || !('nonce' in item)) return true;
      await guarded(inquiry, () => nonces.remember(textOf(item.nonce), inquiry.nonceUntil));
      return true;
    },
    Replace: () => Promise.resolve(true),
    Modify: () => Promise.resolve(true),
    Delete: () => Promise.resolve(true),
  };
}

function platformRows({ platform, key }: Inquiry, query: Record<string, unknown>): object[] | false {
  const { platformUrl, clientId } = query;
  if (textOf(platformUrl) !== platform.issuer) return false;
  if (clientId !== undefined && textOf(clientId) !== platform.clientId) return false;
  const authUrl = new URL(platform.authUrl);
  return [
    {
      platformName: platform.name,
      platformUrl: platform.issuer,
      clientId: platform.clientId,
      // ltijs would escape a query of the address's own into its path; the caller puts it back.
      authEndpoint: authUrl.origin + authUrl.pathname,
      accesstokenEndpoint: platform.tokenUrl,
      authorizationServer: platform.tokenAudience,
      kid: platform.keyId,
      authConfig: { method: 'JWK_KEY', key },
    },
  ];
}

async function guarded<T>(inquiry: Inquiry, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    inquiry.failure ??= error;
    throw error;
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
