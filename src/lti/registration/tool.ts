import type { Config } from '../../config.ts';
import { toolAddresses } from '../addresses.ts';
import { TOOL_CONFIGURATION } from '../claims.ts';
import type { PlatformConfiguration } from './configuration.ts';

type Message = { type: string; target_link_uri: string; label: string; placements?: string[] };

/**
 * The tool as it registers itself (LTI Dynamic Registration 1.0, 3.5), asking for no scope or claim that the platform
 * says it does not have. Canvas alone is told Canvas's placements.
 */
export function toolRegistration(
  config: Pick<Config, 'publicUrl' | 'lti'>,
  platform: Pick<PlatformConfiguration, 'family' | 'scopes' | 'claims'>,
) {
  const addresses = toolAddresses(config);
  const supported = (wanted: readonly string[], having: readonly string[] | null) =>
    having === null ? [...wanted] : wanted.filter((one) => having.includes(one));
  return {
    application_type: 'web',
    response_types: ['id_token'],
    grant_types: ['implicit', 'client_credentials'],
    client_name: config.lti.title,
    logo_uri: config.publicUrl + config.lti.icon,
    initiate_login_uri: addresses.login,
    redirect_uris: [addresses.launch],
    jwks_uri: addresses.keys,
    token_endpoint_auth_method: 'private_key_jwt',
    scope: supported(config.lti.scopes, platform.scopes).join(' '),
    [TOOL_CONFIGURATION]: {
      domain: addresses.domain,
      description: config.lti.description,
      target_link_uri: addresses.launch,
      custom_parameters: config.lti.customParameters,
      claims: supported(config.lti.claims, platform.claims),
      messages: messages(config, platform.family, addresses.launch),
    },
  };
}

function messages({ lti }: Pick<Config, 'lti'>, family: string, launchAddress: string): Message[] {
  return lti.messages.map(({ type, label, placements }) => {
    const canvas = lti.placements.canvas.filter(
      // A course navigation entry opens at once; there is nothing to choose in it.
      (placement) => type === 'LtiResourceLinkRequest' || placement !== 'course_navigation',
    );
    const places = family === 'canvas' ? canvas : placements;
    return {
      type,
      target_link_uri: launchAddress,
      label,
      ...(places.length > 0 ? { placements: places } : {}),
    };
  });
}
