import type { Check } from '../evidence.ts';

/**
 * Check 1: issued by us, unexpired, unused, and brought by the browser that began the login (OIDC Core 3.1.2.1, state).
 * A browser that is still unproven opens nothing yet: prove.ts asks for the rest.
 */
export const state: Check = ({ login }) => {
  if (login.standing === 'unknown') return 'lti_state_unknown';
  if (login.standing === 'expired') return 'lti_state_expired';
  if (login.standing === 'used') return 'lti_state_used';
  if (login.browser === 'cookieless') return 'lti_cookie_missing';
  return login.browser === 'other' ? 'lti_state_other_browser' : null;
};
