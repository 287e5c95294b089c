import { z } from 'zod';
import type { Platform } from './platforms.ts';

/** RFC 7517; only what signs RS256 is kept, odd entries of a key set are passed over. */
const RsaKey = z.object({
  kty: z.literal('RSA'),
  kid: z.string().min(1),
  n: z.string().min(1),
  e: z.string().min(1),
  use: z.literal('sig').nullish(),
  alg: z.literal('RS256').nullish(),
});
const KeySet = z.object({ keys: z.array(z.unknown()) });

/** A platform's public key, as ltijs and jose take it. */
export type PlatformKey = {
  readonly kty: 'RSA';
  readonly kid: string;
  readonly n: string;
  readonly e: string;
};

const FRESH_MS = 10 * 60_000;
/** How long known keys outlive a key set that cannot be reached: a launch should survive the LMS's hiccup. */
const STALE_MS = 60 * 60_000;
const BURST = 5;
const REFILL_MS = 15_000;

type Entry = { keys: readonly PlatformKey[]; fetchedAt: number; tokens: number; tokensAt: number };

export type KeySets = {
  /**
   * The platform's keys with this kid (several only where a platform repeats one): cached, and fetched again once
   * when it is not among them; 'unavailable' when no usable key set can be had.
   */
  find(platform: Platform, kid: string): Promise<readonly PlatformKey[] | 'unavailable'>;
};

/**
 * Keeps platforms' key sets. Fetches are single-flight per platform and limited to a burst of 5, one more each 15 s,
 * so that made-up kids cannot turn us against an LMS, while keys that rotate right after a fetch still work.
 * @param fetchText gets the key set's text from jwks_uri, in limited time and size
 * @param now epoch ms
 */
export function createKeySets(fetchText: (address: string) => Promise<string>, now: () => number): KeySets {
  const entries = new Map<string, Entry>();
  const flights = new Map<string, Promise<boolean>>();

  const entryOf = (address: string): Entry => {
    const entry = entries.get(address) ?? { keys: [], fetchedAt: -Infinity, tokens: BURST, tokensAt: now() };
    entries.set(address, entry);
    return entry;
  };

  const load = async (address: string, entry: Entry): Promise<boolean> => {
    try {
      entry.keys = parseKeySet(await fetchText(address));
      entry.fetchedAt = now();
      return true;
    } catch {
      return false;
    }
  };

  /** Whether a fetch succeeded; joins one under way, false where the burst is spent. */
  const refresh = (address: string, entry: Entry): Promise<boolean> => {
    const underWay = flights.get(address);
    if (underWay !== undefined) return underWay;
    if (!takeToken(entry, now())) return Promise.resolve(false);
    const flight = load(address, entry).finally(() => flights.delete(address));
    flights.set(address, flight);
    return flight;
  };

  return {
    async find(platform, kid) {
      const entry = entryOf(platform.jwksUrl);
      const having = () => entry.keys.filter((key) => key.kid === kid);
      const age = now() - entry.fetchedAt;
      if (age < FRESH_MS && having().length > 0) return having();
      const refreshed = await refresh(platform.jwksUrl, entry);
      if (refreshed || age < FRESH_MS) return having();
      return age < STALE_MS && having().length > 0 ? having() : 'unavailable';
    },
  };
}

function takeToken(entry: Entry, now: number): boolean {
  const refill = Math.floor((now - entry.tokensAt) / REFILL_MS);
  if (refill > 0) {
    entry.tokens = Math.min(BURST, entry.tokens + refill);
    entry.tokensAt += refill * REFILL_MS;
  }
  if (entry.tokens === 0) return false;
  entry.tokens -= 1;
  return true;
}

function parseKeySet(text: string): PlatformKey[] {
  const { keys } = KeySet.parse(JSON.parse(text));
  return keys.flatMap((key) => {
    const parsed = RsaKey.safeParse(key);
    if (!parsed.success) return [];
    const { kty, kid, n, e } = parsed.data;
    return [{ kty, kid, n, e }];
  });
}
