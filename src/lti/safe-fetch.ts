import { lookup as dnsLookup, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { Agent, request } from 'undici';
import { isReachable } from './reachable.ts';

/** Why a call out of the house was refused or failed; `code` is fit for the log and for a key of words. */
export type SafeFetchFailure =
  | 'url_invalid'
  | 'https_required'
  | 'address_refused'
  | 'redirect_refused'
  | 'too_large'
  | 'timeout'
  | 'network';

/** Thrown by safeFetch; carries no part of the answer, so nothing foreign reaches a page or the log. */
export class SafeFetchError extends Error {
  readonly code: SafeFetchFailure;
  constructor(code: SafeFetchFailure, options?: ErrorOptions) {
    super(code, options);
    this.name = 'SafeFetchError';
    this.code = code;
  }
}

export type SafeFetchOptions = {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** True lets http, loopback and private addresses be reached; those of clouds' metadata never are (reachable.ts). */
  readonly allowPrivateNetwork: boolean;
  /** For the whole exchange, name lookup to last byte. */
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
  readonly signal?: AbortSignal;
};

/** Header names are in lower case; a header that came several times is joined with ", ". */
export type SafeFetchAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
};

const USER_AGENT = 'peer-group/0.1 (LTI 1.3 tool)';

/**
 * Calls an address that somebody else named (a platform's endpoints), without letting them choose where inside
 * our network it ends: every address is checked after name resolution, at the connection itself, and literal
 * addresses as well. Redirects are refused; size and time are limited.
 * @throws SafeFetchError for all that kept an answer from coming; any status but 3xx is an answer.
 */
export async function safeFetch(address: string, options: SafeFetchOptions): Promise<SafeFetchAnswer> {
  const url = checkedUrl(address, options.allowPrivateNetwork);
  const limit = limitOf(options);
  const answer = exchange(url, options, limit.signal);
  // When the limit is first, what becomes of the exchange is nobody's any more.
  answer.catch(() => undefined);
  try {
    return await Promise.race([answer, limit.reached]);
  } catch (error) {
    throw failureOf(error, limit.isLate());
  } finally {
    limit.end();
  }
}

async function exchange(url: URL, options: SafeFetchOptions, signal: AbortSignal): Promise<SafeFetchAnswer> {
  const answer = await request(url, {
    method: options.method ?? 'GET',
    headers: { 'user-agent': USER_AGENT, 'accept-encoding': 'identity', ...options.headers },
    body: options.body ?? null,
    dispatcher: options.allowPrivateNetwork ? privateAgent : publicAgent,
    signal,
  });
  if (answer.statusCode >= 300 && answer.statusCode < 400) {
    // Destroying an unread body makes it emit an error, which would end the process unheard.
    answer.body.on('error', () => undefined).destroy();
    throw new SafeFetchError('redirect_refused');
  }
  const text = await textOf(answer.body, options.maxBytes ?? 1_000_000);
  return { status: answer.statusCode, headers: flatHeaders(answer.headers), text };
}

/**
 * Ends a call at its time limit, or when the caller gives it up. A timer and a controller of our own: Node may collect
 * what AbortSignal.timeout and AbortSignal.any make before they are aborted (nodejs/node#57736, #65995), and the call
 * would hang; and it ends whatever the client makes of the signal.
 */
function limitOf({ timeoutMs = 10_000, signal: given }: SafeFetchOptions) {
  const controller = new AbortController();
  let late = false;
  let giveUp = (): void => undefined;
  const reached = new Promise<never>((_resolve, reject) => {
    giveUp = () => {
      controller.abort();
      reject(new Error('The call was ended.'));
    };
  });
  reached.catch(() => undefined);
  const timer = setTimeout(() => {
    late = true;
    giveUp();
  }, timeoutMs);
  given?.addEventListener('abort', giveUp, { once: true });
  if (given?.aborted === true) giveUp();
  return {
    signal: controller.signal,
    reached,
    isLate: () => late,
    end() {
      clearTimeout(timer);
      given?.removeEventListener('abort', giveUp);
    },
  };
}

/** True for an address that safeFetch would call as far as its text tells; the rest shows at the connection. */
export function isSafeUrl(address: string, allowPrivateNetwork: boolean): boolean {
  try {
    checkedUrl(address, allowPrivateNetwork);
    return true;
  } catch {
    return false;
  }
}

function checkedUrl(address: string, allowPrivateNetwork: boolean): URL {
  if (!URL.canParse(address)) throw new SafeFetchError('url_invalid');
  const url = new URL(address);
  if (!['http:', 'https:'].includes(url.protocol) || url.username !== '' || url.password !== '') {
    throw new SafeFetchError('url_invalid');
  }
  if (url.protocol === 'http:' && !allowPrivateNetwork) throw new SafeFetchError('https_required');
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (ipaddr.isValid(host) && !isReachable(host, allowPrivateNetwork)) {
    throw new SafeFetchError('address_refused');
  }
  return url;
}

/** A name is refused when any of its addresses is: an attacker's zone may answer with a mixture. */
function checkedLookup(allowPrivateNetwork: boolean): LookupFunction {
  return (hostname, options, callback) => {
    dnsLookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      if (error !== null) {
        callback(error, []);
        return;
      }
      const first = addresses[0];
      const allowed = addresses.every(({ address }) => isReachable(address, allowPrivateNetwork));
      if (first === undefined || !allowed) callback(new SafeFetchError('address_refused'), []);
      else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

function agent(allowPrivateNetwork: boolean): Agent {
  return new Agent({
    connect: { lookup: checkedLookup(allowPrivateNetwork), timeout: 10_000 },
    maxHeaderSize: 65_536,
    keepAliveTimeout: 4_000,
  });
}
const publicAgent = agent(false);
const privateAgent = agent(true);

async function textOf(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBytes) throw new SafeFetchError('too_large');
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

function flatHeaders(headers: NodeJS.Dict<string | string[]>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}

/** undici wraps what the lookup said in errors of its own; ours is looked for along the causes. */
function failureOf(error: unknown, late: boolean): SafeFetchError {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof SafeFetchError) return cause;
  }
  return new SafeFetchError(late ? 'timeout' : 'network', { cause: error });
}
