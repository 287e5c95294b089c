import type { Config } from '../../config.ts';
import { BadRequest, Forbidden } from '../../errors.ts';
import type { PlatformStore } from '../platforms.store.ts';
import type { NewPlatform, Platform } from '../platforms.ts';
import { safeFetch, SafeFetchError, type SafeFetchAnswer, type SafeFetchOptions } from '../safe-fetch.ts';
import { readAnswer } from './answer.ts';
import { readConfiguration } from './configuration.ts';
import { toolRegistration } from './tool.ts';

const LIMITS = { timeoutMs: 10_000, maxBytes: 256_000 };

export type RegistrationDeps = {
  readonly config: Pick<Config, 'publicUrl' | 'lti' | 'allowPrivateNetwork'>;
  readonly platforms: PlatformStore;
};

/**
 * Registers the tool at a platform (LTI Dynamic Registration 1.0): its configuration is fetched, the tool presents
 * itself, and what comes back is kept with the platform's hosts pinned. Both calls carry the registration token as
 * bearer; Canvas requires it for the configuration too.
 * @param changing the platform that an invitation names: it alone may be changed, and only by its own issuer
 * @throws AppError 4xx with a lti_registration_… reason, Conflict lti_platform_exists, Forbidden lti_invitation_other
 */
export async function registerPlatform(
  { config, platforms }: RegistrationDeps,
  configurationUrl: string,
  token: string | null,
  changing: string | null,
): Promise<Platform> {
  const { allowPrivateNetwork } = config;
  const bearer: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
  const call = { ...LIMITS, allowPrivateNetwork };
  const headers = { accept: 'application/json', ...bearer };
  const found = readConfiguration(
    configurationUrl,
    await reach(configurationUrl, { ...call, headers }),
    allowPrivateNetwork,
  );
  const before = changing === null ? null : await platforms.select(changing);
  // Before the platform registers anything: its answer could not be used.
  if (before !== null && before.issuer !== found.issuer) throw new Forbidden('lti_invitation_other');
  const tool = toolRegistration(config, found);
  const answer = readAnswer(
    await reach(found.registrationUrl, {
      ...call,
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(tool),
    }),
  );
  const given: NewPlatform = {
    issuer: found.issuer,
    clientId: answer.clientId,
    name: new URL(found.issuer).host,
    family: found.family,
    authUrl: found.authUrl,
    tokenUrl: found.tokenUrl,
    tokenAudience: found.tokenAudience,
    jwksUrl: found.jwksUrl,
    deploymentIds: answer.deploymentId === null ? [] : [answer.deploymentId],
    serviceHosts: [new URL(configurationUrl).host, new URL(found.registrationUrl).host],
    frameOrigins: [new URL(configurationUrl).origin],
    scopes: answer.scopes ?? tool.scope.split(' '),
  };
  return before === null ? platforms.register(given) : platforms.reregister(before.id, given);
}

async function reach(address: string, options: SafeFetchOptions): Promise<SafeFetchAnswer> {
  try {
    return await safeFetch(address, options);
  } catch (error) {
    if (!(error instanceof SafeFetchError)) throw error;
    const refused = ['address_refused', 'https_required', 'url_invalid', 'redirect_refused'];
    const reason = refused.includes(error.code) ? 'lti_registration_address' : 'lti_registration_unreachable';
    throw new BadRequest(reason);
  }
}
