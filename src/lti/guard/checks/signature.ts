import type { Check } from '../evidence.ts';

/** Check 5: signed with the key of that (iss, client_id) (OIDC Core 3.1.3.7, 6). */
export const signature: Check = (evidence) => (evidence.signature === 'valid' ? null : 'lti_signature');
