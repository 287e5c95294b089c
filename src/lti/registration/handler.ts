import type { RequestHandler } from 'express';
import type { Logger } from 'pino';
import type { Config } from '../../config.ts';
import { AppError, BadRequest, Forbidden } from '../../errors.ts';
import { page } from '../../web/page.ts';
import { toolAddresses } from '../addresses.ts';
import { allowFrames } from '../frames.ts';
import { readFields } from '../request-fields.ts';
import { registerPlatform, type RegistrationDeps } from './register.ts';

export type RegistrationHandlerDeps = RegistrationDeps & {
  readonly config: Pick<Config, 'publicUrl' | 'lti' | 'allowPrivateNetwork' | 'registration'>;
  readonly log: Logger;
};

/**
 * Handles GET /lti/register: dynamic registration when a platform opens it with openid_configuration, else the page
 * that lists the values for an installation by hand.
 */
export function registrationHandler(deps: RegistrationHandlerDeps): RequestHandler {
  return async (req, res) => {
    const fields = readFields(req);
    const configurationUrl = fields.get('openid_configuration');
    if (configurationUrl === undefined) {
      page(res, 'lti/manual', manualModel(deps.config));
      return;
    }
    if (!/^https?:\/\//.test(configurationUrl) || !URL.canParse(configurationUrl)) {
      throw new BadRequest('lti_registration_address');
    }
    allowFrames(res, { frameOrigins: [new URL(configurationUrl).origin] });
    if (deps.config.registration !== 'open') throw new Forbidden('lti_registration_closed');
    const platform = await registerLogged(deps, configurationUrl, tokenOf(fields));
    allowFrames(res, platform);
    page(res, 'lti/registered', {
      name: platform.name,
      learns: platform.deployments === 'learn',
      moodle: platform.family === 'moodle',
    });
  };
}

/** @throws BadRequest when the token could not stand in a header */
function tokenOf(fields: ReadonlyMap<string, string>): string | null {
  const token = fields.get('registration_token') ?? '';
  if (token === '') return null;
  if (token.length > 8000 || !/^[\x21-\x7e]+$/.test(token)) throw new BadRequest('lti_request_malformed');
  return token;
}

async function registerLogged(deps: RegistrationHandlerDeps, configurationUrl: string, token: string | null) {
  const host = new URL(configurationUrl).host;
  try {
    const platform = await registerPlatform(deps, configurationUrl, token);
    deps.log.info({ platformId: platform.id, host, family: platform.family }, 'platform registered');
    return platform;
  } catch (error) {
    if (error instanceof AppError) deps.log.warn({ reason: error.code, host }, 'registration refused');
    throw error;
  }
}

/** Values to copy, in the order in which LMSs ask for them; `name` is the key of their words. */
export function manualModel(config: Pick<Config, 'publicUrl' | 'lti'>) {
  const addresses = toolAddresses(config);
  const custom = Object.entries(config.lti.customParameters).map(([name, value]) => `${name}=${value}`);
  return {
    title: config.lti.title,
    fields: [
      { name: 'tool_url', value: addresses.launch, lines: 1 },
      { name: 'login_url', value: addresses.login, lines: 1 },
      { name: 'redirect_url', value: addresses.launch, lines: 1 },
      { name: 'keys_url', value: addresses.keys, lines: 1 },
      { name: 'registration_url', value: addresses.register, lines: 1 },
      { name: 'domain', value: addresses.domain, lines: 1 },
      { name: 'icon_url', value: config.publicUrl + config.lti.icon, lines: 1 },
      { name: 'scopes', value: config.lti.scopes.join('\n'), lines: config.lti.scopes.length },
      { name: 'custom', value: custom.join('\n'), lines: custom.length },
    ],
  };
}
