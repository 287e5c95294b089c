import type { Config } from '../../config.ts';
import { toolAddresses } from '../addresses.ts';
import { TOOL_CONFIGURATION } from '../claims.ts';
import { profileOf } from '../profiles.ts';
import { canvasPlacements } from './canvas.ts';
import type { PlatformConfiguration } from './configuration.ts';

/** Canvas's own fields (Canvas LMS, Registration: LTI Tool Configuration and LTI Message schemas). */
const CANVAS = 'https://canvas.instructure.com/lti/';

/**
 * The tool as it registers itself (LTI Dynamic Registration 1.0, 3.5), asking for no scope or claim that the platform
 * says it does not have. Canvas alone is told Canvas's placements, and without its privacy level it withholds names.
 */
export function toolRegistration(
  config: Pick<Config, 'publicUrl' | 'lti'>,
  platform: Pick<PlatformConfiguration, 'family' | 'scopes' | 'claims'>,
) {
  const addresses = toolAddresses(config);
  const canvas = profileOf(platform.family).placements === 'canvas';
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
      messages: messages(config, canvas),
      ...(canvas ? { [`${CANVAS}privacy_level`]: 'public', [`${CANVAS}tool_id`]: 'peer-group' } : {}),
    },
  };
}

function messages(config: Pick<Config, 'publicUrl' | 'lti'>, canvas: boolean) {
  const { lti, publicUrl } = config;
  return lti.messages.map(({ type, label, placements }) => {
    const places = canvas ? canvasPlacements(lti, type) : placements;
    const inNavigation = canvas && places.includes('course_navigation');
    return {
      type,
      target_link_uri: toolAddresses(config).launch,
      label,
      ...(places.length > 0 ? { placements: places } : {}),
      ...(canvas ? { icon_uri: publicUrl + lti.icon } : {}),
      ...(inNavigation
        ? { [`${CANVAS}course_navigation/default_enabled`]: true, [`${CANVAS}visibility`]: 'members' }
        : {}),
    };
  });
}
