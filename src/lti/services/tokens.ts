import { randomUUID } from 'node:crypto';
import { SignJWT } from 'jose';
import { z } from 'zod';
import type { Platform } from '../platforms.ts';
import type { SigningKey } from '../platforms.store.ts';
import { safeFetch } from '../safe-fetch.ts';
import { ServiceError } from '../service-error.ts';
import { failureOf, refusalOf } from './refusals.ts';

/** https://www.imsglobal.org/spec/security/v1p0/#using-json-web-tokens-with-oauth-2-0-client-credentials-grant */
const Answer = z.object({
  access_token: z.string().min(1).max(16_384),
  expires_in: z.coerce.number().int().min(0).default(3600),
  scope: z.string().optional(),
});

const ASSERTION_LIFE_S = 240;
/** Moodle has no leeway on iat; a clock a few seconds ahead of the platform's would refuse every assertion. */
const BACKDATED_S = 8;
const MARGIN_MS = 60_000;

export type TokenDeps = {
  readonly signingKey: (platformId: string) => Promise<SigningKey>;
  readonly allowPrivateNetwork: boolean;
  readonly clock: () => Date;
};
/** What a token is for. */
export type TokenUse = {
  readonly scopes: readonly string[];
  /** Of the course that it is for, which a platform may hold the token to; by default one that is not ended. */
  readonly deploymentId?: string | undefined;
};
export type Tokens = {
  /** A bearer token for this use. @throws ServiceError */
  select(platform: Platform, use: TokenUse): Promise<string>;
  /** Forgets a token the platform refused. */
  drop(platform: Platform, use: TokenUse, token: string): void;
};

/** Access tokens by (registration, deployment, scopes), kept until a minute before they end, asked for once at a time. */
export function createTokens({ signingKey, allowPrivateNetwork, clock }: TokenDeps): Tokens {
  const kept = new Map<string, { token: string; until: number }>();
  const asking = new Map<string, Promise<string>>();
  const keyOf = (platform: Platform, use: TokenUse): string =>
    JSON.stringify([
      platform.id,
      platform.clientId,
      platform.tokenUrl,
      deploymentOf(platform, use),
      [...use.scopes].sort(),
    ]);

  const ask = async (platform: Platform, use: TokenUse, key: string): Promise<string> => {
    const { scopes } = use;
    const deployment = deploymentOf(platform, use);
    const assertion = await clientAssertion(platform, deployment, await signingKey(platform.id), clock());
    const answer = await safeFetch(platform.tokenUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: assertion,
        scope: scopes.join(' '),
      }).toString(),
      allowPrivateNetwork,
    }).catch((error: unknown) => {
      throw failureOf(error);
    });
    const refusal = answer.status >= 400 ? refusalOf(answer, clock()) : null;
    if (refusal?.kind === 'retry') throw refusal;
    const parsed =
      answer.status >= 200 && answer.status < 300 ? Answer.safeParse(parseJson(answer.text)) : null;
    if (parsed?.success !== true) {
      // RFC 6749, 5.2: some platforms refuse what they do not grant, others leave it out.
      const ofScopes = /"invalid_scope"/.test(answer.text);
      const code = ofScopes ? 'service_scope_refused' : 'service_token_refused';
      throw new ServiceError('permanent', code, { status: answer.status });
    }
    const granted = parsed.data.scope?.split(/\s+/) ?? scopes;
    if (!scopes.every((scope) => granted.includes(scope))) {
      throw new ServiceError('permanent', 'service_scope_refused', { status: answer.status });
    }
    kept.set(key, {
      token: parsed.data.access_token,
      until: clock().getTime() + parsed.data.expires_in * 1_000 - MARGIN_MS,
    });
    return parsed.data.access_token;
  };
  return {
    select(platform, use) {
      const key = keyOf(platform, use);
      const known = kept.get(key);
      if (known !== undefined && known.until > clock().getTime()) return Promise.resolve(known.token);
      const underWay = asking.get(key);
      if (underWay !== undefined) return underWay;
      const asked = ask(platform, use, key).finally(() => asking.delete(key));
      asking.set(key, asked);
      return asked;
    },
    drop(platform, use, token) {
      const key = keyOf(platform, use);
      if (kept.get(key)?.token === token) kept.delete(key);
    },
  };
}

function deploymentOf(platform: Platform, { deploymentId }: TokenUse): string | undefined {
  return deploymentId ?? platform.deploymentIds.find((id) => !platform.revokedDeploymentIds.includes(id));
}

async function clientAssertion(
  platform: Platform,
  deployment: string | undefined,
  key: SigningKey,
  now: Date,
): Promise<string> {
  const issuedAt = Math.floor(now.getTime() / 1_000) - BACKDATED_S;
  const claims =
    deployment === undefined ? {} : { 'https://purl.imsglobal.org/spec/lti/claim/deployment_id': deployment };
  return new SignJWT(claims)
    .setProtectedHeader({ alg: 'RS256', kid: key.kid, typ: 'JWT' })
    .setIssuer(platform.clientId)
    .setSubject(platform.clientId)
    .setAudience(platform.tokenAudience)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + ASSERTION_LIFE_S)
    .setJti(randomUUID())
    .sign(key.privateKey);
}

/** Undefined where the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
