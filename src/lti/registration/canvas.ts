import type { Config, LtiConfig } from '../../config.ts';
import { toolAddresses } from '../addresses.ts';

/** A course navigation entry opens at once; there is nothing to choose in it. */
export function canvasPlacements({ placements }: LtiConfig, type: string): string[] {
  return placements.canvas.filter(
    (placement) => type === 'LtiResourceLinkRequest' || placement !== 'course_navigation',
  );
}

/**
 * What a Canvas administrator enters by its address, as an LTI key's "Enter URL"
 * (Canvas LMS, Configuring LTI Advantage Tools: anatomy of a JSON configuration).
 */
export function canvasConfiguration(config: Pick<Config, 'publicUrl' | 'lti'>) {
  const { lti, publicUrl } = config;
  const addresses = toolAddresses(config);
  const icon = publicUrl + lti.icon;
  // A placement has one message: where staff can choose, they do.
  const placed = new Map<string, { type: string; label: string }>();
  for (const { type, label } of lti.messages)
    for (const placement of canvasPlacements(lti, type)) placed.set(placement, { type, label });
  return {
    title: lti.title,
    description: lti.description,
    oidc_initiation_url: addresses.login,
    target_link_uri: addresses.launch,
    public_jwk_url: addresses.keys,
    scopes: lti.scopes,
    custom_fields: lti.customParameters,
    extensions: [
      {
        domain: addresses.domain,
        tool_id: 'peer-group',
        platform: 'canvas.instructure.com',
        privacy_level: 'public',
        settings: {
          text: lti.title,
          icon_url: icon,
          placements: [...placed].map(([placement, { type, label }]) => ({
            placement,
            message_type: type,
            target_link_uri: addresses.launch,
            text: label,
            icon_url: icon,
            enabled: true,
            ...(placement === 'course_navigation' ? { default: 'enabled', visibility: 'members' } : {}),
          })),
        },
      },
    ],
  };
}
