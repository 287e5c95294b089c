import type { Check } from '../evidence.ts';

/** Check 8: several audiences need `azp`, and wherever it stands it is us (OIDC Core 3.1.3.7, 4 and 5). */
export const authorizedParty: Check = ({ claims, platform }) => {
  const azp = claims['azp'] ?? null;
  const several = Array.isArray(claims['aud']) && claims['aud'].length > 1;
  if (azp === null) return several ? 'lti_authorized_party' : null;
  return azp === platform.clientId ? null : 'lti_authorized_party';
};
