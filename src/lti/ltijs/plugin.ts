import type { AsyncLocalStorage } from 'node:async_hooks';
import type { DatabasePlugin } from 'ltijs';
import type { PlatformKey } from '../key-sets.ts';
import type { Platform } from '../platforms.ts';

/** What ltijs may know while it works on one request: that request's platform and key, and nothing else. */
export type Inquiry = {
  readonly platform: Platform;
  /** The key that verified the token; ltijs verifies with it again, and fetches nothing. */
  readonly key: PlatformKey | null;
};

/**
 * ltijs's database, which is none. Of its collections only `platform` means something here: it is asked for one launch
 * at a time and taken over from at once, so its copies of tokens, contexts and states (personal data, kept a day)
 * have no reader and are not written; keys are in signing-keys.ts, and the service client has its own tokens. Nonces
 * it would only forget after ten seconds: the guard has used them up with their state before ltijs is asked.
 */
export function createPlugin(current: AsyncLocalStorage<Inquiry>): DatabasePlugin {
  return {
    setup: () => Promise.resolve(true),
    Close: () => Promise.resolve(true),
    Get(_key, collection, query = {}) {
      const inquiry = current.getStore();
      const known = inquiry !== undefined && collection === 'platform';
      return Promise.resolve(known ? platformRows(inquiry, query) : false);
    },
    Insert: () => Promise.resolve(true),
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

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
