import type { Logger } from 'pino';
import type { Platform } from '../platforms.ts';
import type { PlatformStore, SigningKey } from '../platforms.store.ts';
import { safeFetch, type SafeFetchAnswer } from '../safe-fetch.ts';
import { ServiceError } from '../service-error.ts';
import { createTokens } from './tokens.ts';

export type ServiceRequest = {
  readonly url: string;
  readonly method?: 'GET' | 'POST' | 'PUT';
  readonly scopes: readonly string[];
  readonly accept?: string;
  readonly contentType?: string;
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
  readonly maxBytes?: number;
};
export type ServiceClient = {
  /** One call of a platform's service, answered with 200, 201, 202 or 204. @throws ServiceError by the retry table */
  call(platformId: string, request: ServiceRequest): Promise<SafeFetchAnswer>;
};
export type ServiceClientDeps = {
  readonly platforms: Pick<PlatformStore, 'find'>;
  readonly signingKey: (platformId: string) => Promise<SigningKey>;
  readonly allowPrivateNetwork: boolean;
  readonly log: Logger;
  readonly clock: () => Date;
};

const TIME_LIMIT_MS = 20_000;
const MOST_BYTES = 32_000_000;
/** No platform's wish keeps us waiting longer than this. */
const LONGEST_WAIT_MS = 600_000;

/**
 * Calls platforms' services with bearer tokens. A token goes only to hosts pinned at registration, over addresses
 * checked at every call (safe-fetch.ts); a 401 costs one retry with a new token.
 */
export function createServiceClient({
  platforms,
  signingKey,
  allowPrivateNetwork,
  log,
  clock,
}: ServiceClientDeps): ServiceClient {
  const tokens = createTokens({ signingKey, allowPrivateNetwork, clock });

  const send = async (
    platform: Platform,
    request: ServiceRequest,
    token: string,
  ): Promise<SafeFetchAnswer> => {
    const { url, method = 'GET', accept, contentType, body, signal, maxBytes = MOST_BYTES } = request;
    const headers = {
      authorization: `Bearer ${token}`,
      ...(accept === undefined ? {} : { accept }),
      ...(contentType === undefined ? {} : { 'content-type': contentType }),
    };
    return safeFetch(url, {
      method,
      headers,
      allowPrivateNetwork,
      timeoutMs: TIME_LIMIT_MS,
      maxBytes,
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    }).catch((error: unknown) => {
      throw new ServiceError('retry', 'service_unreachable', { cause: error });
    });
  };
  return {
    async call(platformId, request) {
      const platform = await platforms.find(platformId);
      if (platform === null || platform.state === 'disabled')
        throw new ServiceError('permanent', 'service_platform_off');
      if (!isPinned(platform, request.url)) throw new ServiceError('permanent', 'service_host_foreign');
      let token = await tokens.select(platform, request.scopes);
      let answer = await send(platform, request, token);
      if (answer.status === 401) {
        tokens.drop(platform, request.scopes, token);
        token = await tokens.select(platform, request.scopes);
        answer = await send(platform, request, token);
      }
      if (answer.status >= 200 && answer.status < 300) return answer;
      const error = refusal(answer, clock());
      log.info({ platformId, status: answer.status, code: error.code }, 'platform service refused');
      throw error;
    },
  };
}

function isPinned(platform: Platform, address: string): boolean {
  return URL.canParse(address) && platform.serviceHosts.includes(new URL(address).host);
}

/** The retry table (docs/decisions/0011-services.md): what each status means on the platforms that send it. */
function refusal(answer: SafeFetchAnswer, now: Date): ServiceError {
  const { status } = answer;
  const retryAfterMs = retryAfterOf(answer.headers['retry-after'], now);
  // Canvas throttles with 403 "Rate Limit Exceeded".
  const throttled = status === 429 || (status === 403 && isThrottling(answer));
  if (throttled) return new ServiceError('retry', 'service_busy', { status, retryAfterMs });
  if (status >= 500) return new ServiceError('retry', 'service_unreachable', { status, retryAfterMs });
  const aboutTime = status === 409 || (status === 400 && /timestamp/i.test(answer.text.slice(0, 2_000)));
  if (aboutTime) return new ServiceError('conflict', 'service_timestamp', { status });
  const codes: Readonly<Record<number, string>> = {
    400: 'service_not_understood',
    401: 'service_token_refused',
    403: 'service_forbidden',
    404: 'service_gone',
    422: 'service_person_not_gradable',
  };
  return new ServiceError('permanent', codes[status] ?? 'service_refused', { status });
}

function isThrottling({ headers, text }: SafeFetchAnswer): boolean {
  const remaining = headers['x-rate-limit-remaining'];
  return /rate limit/i.test(text.slice(0, 2_000)) || (remaining !== undefined && Number(remaining) <= 0);
}

/** RFC 9110, 10.2.3: seconds or a date; capped. */
function retryAfterOf(header: string | undefined, now: Date): number | null {
  if (header === undefined) return null;
  const wait = /^\d+$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - now.getTime();
  return Number.isNaN(wait) ? null : Math.min(Math.max(wait, 0), LONGEST_WAIT_MS);
}
