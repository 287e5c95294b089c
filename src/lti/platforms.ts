import { familyOfIssuer, profileOf } from './profiles.ts';

/** One registration of the tool at an LMS: (issuer, client_id) is unique, `id` is ours and stays. */
export type Platform = {
  readonly id: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly name: string;
  /** product_family_code, such as moodle or canvas; `unknown` where the platform does not say. */
  readonly family: string;
  readonly authUrl: string;
  readonly tokenUrl: string;
  /** `aud` of the client assertion; by default the token URL, Brightspace differs. */
  readonly tokenAudience: string;
  readonly jwksUrl: string;
  /** `learn`: an unknown deployment becomes known by its first valid staff launch. */
  readonly deployments: 'listed' | 'learn';
  readonly deploymentIds: readonly string[];
  readonly revokedDeploymentIds: readonly string[];
  /** `host[:port]` or `*.domain`, pinned at registration: bearer tokens go nowhere else. */
  readonly serviceHosts: readonly string[];
  /** Origins that may frame our pages, `https://*.domain` among them. */
  readonly frameOrigins: readonly string[];
  /** Scopes the platform granted; empty where registration did not say. */
  readonly scopes: readonly string[];
  readonly state: 'active' | 'disabled';
  /** Our signing key for this platform, as /lti/keys lists it. */
  readonly keyId: string;
  readonly createdAt: Date;
};

export type NewPlatform = Pick<Platform, 'issuer' | 'clientId' | 'authUrl' | 'tokenUrl' | 'jwksUrl'> &
  Partial<
    Pick<
      Platform,
      'name' | 'family' | 'tokenAudience' | 'deploymentIds' | 'serviceHosts' | 'frameOrigins' | 'scopes'
    >
  >;

/**
 * Fills in what a registration did not say: names, hosts and origins from its own addresses and its software's
 * profile, and `learn` where no deployment came along.
 */
export function completePlatform(given: NewPlatform): Omit<Platform, 'id' | 'keyId' | 'createdAt'> {
  const addresses = [given.authUrl, given.tokenUrl, given.jwksUrl, given.issuer].filter((url) =>
    URL.canParse(url),
  );
  const hosts = addresses.map((address) => new URL(address).host);
  // Only pages are framed by pages: the issuer's and the authorization address's origins are pages, the others not.
  const origins = [given.issuer, given.authUrl]
    .filter((url) => URL.canParse(url))
    .map((url) => new URL(url).origin);
  const deploymentIds = given.deploymentIds ?? [];
  const family = given.family ?? familyOfIssuer(given.issuer);
  const profile = profileOf(family);
  const cloud = profile.sharedIssuers.includes(given.issuer) ? profile.cloudHosts : [];
  return {
    issuer: given.issuer,
    clientId: given.clientId,
    name: given.name ?? given.issuer,
    family,
    authUrl: given.authUrl,
    tokenUrl: given.tokenUrl,
    tokenAudience: given.tokenAudience ?? profile.tokenAudience ?? given.tokenUrl,
    jwksUrl: given.jwksUrl,
    deployments: deploymentIds.length > 0 ? 'listed' : 'learn',
    deploymentIds,
    revokedDeploymentIds: [],
    serviceHosts: unique([...hosts, ...cloud, ...(given.serviceHosts ?? [])]),
    frameOrigins: unique([
      ...origins,
      ...cloud.map((host) => `https://${host}`),
      ...(given.frameOrigins ?? []),
    ]).filter((origin) => origin !== 'null'),
    scopes: given.scopes ?? [],
    state: 'active',
  };
}

function unique(values: readonly string[]): string[] {
  return [...new Set(values)];
}
