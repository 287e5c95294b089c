import type { Check } from '../evidence.ts';

/** Check 10: the very nonce issued with this state, which was used up with it (OIDC Core 3.1.3.7, 11). */
export const nonce: Check = ({ claims, login }) => {
  if (typeof claims['nonce'] !== 'string' || claims['nonce'] === '') return 'lti_nonce_missing';
  return claims['nonce'] === login.nonce ? null : 'lti_nonce_other';
};
