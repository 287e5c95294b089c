import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { HealthStore } from '../health.store.ts';
import { isPinned } from '../hosts.ts';
import type { Platform } from '../platforms.ts';
import type { PlatformStore, SigningKey } from '../platforms.store.ts';
import { type Profile, profileOf } from '../profiles.ts';
import { safeFetch, type SafeFetchAnswer } from '../safe-fetch.ts';
import { ServiceError } from '../service-error.ts';
import { failureOf, refusalOf } from './refusals.ts';
import { createTokens } from './tokens.ts';

export type ServiceRequest = {
  readonly url: string;
  /** GET is tried again by the client itself; what writes is not, since its first try may have been taken. */
  readonly method?: 'GET' | 'POST';
  readonly scopes: readonly string[];
  /** Of the course that it is for. */
  readonly deploymentId?: string | undefined;
  readonly accept?: string;
  readonly contentType?: string;
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number;
  readonly maxBytes?: number;
};
export type ServiceClient = {
  /** One call of a platform's service, answered with a 2xx. @throws ServiceError by the retry table */
  call(platformId: string, request: ServiceRequest): Promise<SafeFetchAnswer>;
  /** What is particular about this platform. */
  profileOf(platformId: string): Promise<Profile>;
};
export type ServiceClientDeps = {
  readonly platforms: Pick<PlatformStore, 'find'>;
  readonly signingKey: (platformId: string) => Promise<SigningKey>;
  readonly allowPrivateNetwork: boolean;
  readonly log: Logger;
  readonly clock: () => Date;
  /** Hears how rosters and scores go. */
  readonly health?: Pick<HealthStore, 'succeeded' | 'failed'>;
  /** Waits between two tries of a read. */
  readonly pause?: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
};

const TIME_LIMIT_MS = 20_000;
const MOST_BYTES = 8_000_000;
/** Tries of a read: one bad answer among thousands of pages must not cost the whole roster. */
const TRIES = 4;
const FIRST_PAUSE_MS = 500;
/** A platform that asks for a longer pause is not waited for here; the job that called comes back. */
const LONGEST_PAUSE_MS = 15_000;

/**
 * Calls platforms' services with bearer tokens. A token goes only to hosts pinned at registration, over addresses
 * checked at every call (safe-fetch.ts); a 401 costs one more try with a new token.
 */
export function createServiceClient(deps: ServiceClientDeps): ServiceClient {
  const { platforms, signingKey, allowPrivateNetwork, log, clock, health, pause = waitFor } = deps;
  const tokens = createTokens({ signingKey, allowPrivateNetwork, clock });

  const attempt = async (platform: Platform, request: ServiceRequest): Promise<SafeFetchAnswer> => {
    let token = await tokens.select(platform, request);
    let answer = await send(request, token, allowPrivateNetwork);
    if (answer.status === 401) {
      tokens.drop(platform, request, token);
      token = await tokens.select(platform, request);
      answer = await send(request, token, allowPrivateNetwork);
    }
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw refusalOf(answer, clock());
  };
  return {
    profileOf: async (platformId) => profileOf((await platforms.find(platformId))?.family ?? ''),
    async call(platformId, request) {
      const platform = await platforms.find(platformId);
      if (platform === null || platform.state === 'disabled')
        throw new ServiceError('permanent', 'service_platform_off');
      if (request.deploymentId !== undefined && platform.revokedDeploymentIds.includes(request.deploymentId))
        throw new ServiceError('permanent', 'service_deployment_revoked');
      if (!isPinned(platform, request.url)) throw new ServiceError('permanent', 'service_host_foreign');
      const tries = (request.method ?? 'GET') === 'GET' ? TRIES : 1;
      for (let tried = 1; ; tried += 1) {
        try {
          const answer = await attempt(platform, request);
          const done = whatOf(request);
          if (done !== null) health?.succeeded(platformId, done);
          return answer;
        } catch (error) {
          if (!(error instanceof ServiceError)) throw error;
          log.info({ platformId, status: error.status, code: error.code, tried }, 'platform service refused');
          const wait = error.retryAfterMs ?? FIRST_PAUSE_MS * 2 ** (tried - 1) * (0.75 + Math.random() / 2);
          const again = error.kind === 'retry' && tried < tries && wait <= LONGEST_PAUSE_MS;
          if (again && request.signal?.aborted !== true) {
            await pause(wait, request.signal);
            continue;
          }
          if (isOfPlatform(error)) health?.failed(platformId, error.code);
          throw error;
        }
      }
    },
  };
}

/** Which of the things a platform is watched for this call was. */
function whatOf({ scopes }: ServiceRequest): 'roster' | 'score' | null {
  if (scopes.some((scope) => scope.includes('lti-nrps'))) return 'roster';
  return scopes.some((scope) => scope.endsWith('/score')) ? 'score' : null;
}

/** A conflict is settled by a later timestamp, and who cannot be graded is one person: neither says how it is doing. */
function isOfPlatform({ kind, code }: ServiceError): boolean {
  return kind !== 'conflict' && code !== 'service_person_not_gradable';
}

function send(
  request: ServiceRequest,
  token: string,
  allowPrivateNetwork: boolean,
): Promise<SafeFetchAnswer> {
  const { url, method = 'GET', accept, contentType, body, signal } = request;
  return safeFetch(url, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(accept === undefined ? {} : { accept }),
      ...(contentType === undefined ? {} : { 'content-type': contentType }),
    },
    allowPrivateNetwork,
    timeoutMs: request.timeoutMs ?? TIME_LIMIT_MS,
    maxBytes: request.maxBytes ?? MOST_BYTES,
    ...(body === undefined ? {} : { body }),
    ...(signal === undefined ? {} : { signal }),
  }).catch((error: unknown) => {
    throw failureOf(error);
  });
}

/** Ends early where the caller gave up; the next look at the signal says so. */
async function waitFor(ms: number, signal: AbortSignal | undefined): Promise<void> {
  await delay(ms, undefined, signal === undefined ? {} : { signal }).catch(() => undefined);
}
