import type { Check } from '../evidence.ts';

/** Check 6: exactly the issuer that began the login (OIDC Core 3.1.3.7, 2). */
export const issuer: Check = ({ claims, login, platform }) =>
  claims['iss'] === login.issuer && claims['iss'] === platform.issuer ? null : 'lti_issuer';
