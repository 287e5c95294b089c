import { z } from 'zod';
import { BadRequest } from '../../errors.ts';
import { PLATFORM_CONFIGURATION } from '../claims.ts';
import { isPinned } from '../hosts.ts';
import { familyOfIssuer, profileOf } from '../profiles.ts';
import { isSafeUrl, type SafeFetchAnswer } from '../safe-fetch.ts';

const address = z.string().min(1).max(4000);
/** LTI Dynamic Registration 1.0, 3.1: https://www.imsglobal.org/spec/lti-dr/v1p0#platform-configuration */
const PlatformConfiguration = z.object({
  issuer: address,
  authorization_endpoint: address,
  token_endpoint: address,
  jwks_uri: address,
  registration_endpoint: address,
  authorization_server: address.nullish(),
  scopes_supported: z.array(z.string()).nullish(),
  claims_supported: z.array(z.string()).nullish(),
  id_token_signing_alg_values_supported: z.array(z.string()).nullish(),
  [PLATFORM_CONFIGURATION]: z
    .object({ product_family_code: z.string().max(100).nullish(), version: z.unknown() })
    .partial()
    .nullish(),
});

export type PlatformConfiguration = {
  readonly issuer: string;
  readonly authUrl: string;
  readonly tokenUrl: string;
  readonly tokenAudience: string;
  readonly jwksUrl: string;
  readonly registrationUrl: string;
  readonly family: string;
  /** Null where the platform does not say what it supports. */
  readonly scopes: readonly string[] | null;
  readonly claims: readonly string[] | null;
};

/**
 * Reads the platform's OpenID configuration and checks what an impostor would have to bend: the issuer lives on the
 * host that the configuration came from (or shares its cloud), and every address can be called under our rules.
 * @throws BadRequest lti_registration_configuration, _issuer, _address, _algorithm
 */
export function readConfiguration(
  configurationUrl: string,
  answer: SafeFetchAnswer,
  allowPrivateNetwork: boolean,
): PlatformConfiguration {
  const given = answer.status === 200 ? PlatformConfiguration.safeParse(parseJson(answer.text)) : null;
  if (given?.success !== true) throw new BadRequest('lti_registration_configuration');
  const { issuer, authorization_endpoint, token_endpoint, jwks_uri, registration_endpoint } = given.data;
  if (!URL.canParse(issuer) || !speaksFor(configurationUrl, issuer)) {
    throw new BadRequest('lti_registration_issuer');
  }
  const called = [issuer, authorization_endpoint, token_endpoint, jwks_uri, registration_endpoint];
  if (!called.every((one) => isSafeUrl(one, allowPrivateNetwork))) {
    throw new BadRequest('lti_registration_address');
  }
  const algorithms = given.data.id_token_signing_alg_values_supported ?? ['RS256'];
  if (!algorithms.includes('RS256')) throw new BadRequest('lti_registration_algorithm');
  return {
    issuer,
    authUrl: authorization_endpoint,
    tokenUrl: token_endpoint,
    tokenAudience: audienceOf(given.data.authorization_server, token_endpoint),
    jwksUrl: jwks_uri,
    registrationUrl: registration_endpoint,
    family: familyOf(given.data[PLATFORM_CONFIGURATION]?.product_family_code),
    scopes: given.data.scopes_supported ?? null,
    claims: given.data.claims_supported ?? null,
  };
}

/** The issuer's own host, or for an issuer that a cloud's institutions share one of that cloud's (hosted Canvas). */
function speaksFor(configurationUrl: string, issuer: string): boolean {
  if (new URL(configurationUrl).host === new URL(issuer).host) return true;
  const cloud = profileOf(familyOfIssuer(issuer)).cloudHosts;
  return isPinned({ serviceHosts: cloud }, configurationUrl);
}

/** An address, as the specification's examples have it; Canvas names a bare host there and wants its token address. */
function audienceOf(server: string | null | undefined, tokenUrl: string): string {
  return server !== null && server !== undefined && URL.canParse(server) ? server : tokenUrl;
}

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function familyOf(code: string | null | undefined): string {
  const family = (code ?? '').toLowerCase().replace(/[^a-z0-9._-]/g, '');
  return family === '' ? 'unknown' : family;
}
