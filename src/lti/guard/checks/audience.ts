import type { Check } from '../evidence.ts';

/** Check 7: meant for us, and for nobody we do not know (OIDC Core 3.1.3.7, 3). */
export const audience: Check = ({ claims, platform, origin }) => {
  const audiences: unknown[] = Array.isArray(claims['aud']) ? claims['aud'] : [claims['aud']];
  if (!audiences.includes(platform.clientId)) return 'lti_audience';
  const trusted: unknown[] = [platform.clientId, platform.issuer, platform.tokenAudience, origin];
  return audiences.every((one) => trusted.includes(one)) ? null : 'lti_audience_untrusted';
};
