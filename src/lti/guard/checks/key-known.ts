import type { Check } from '../evidence.ts';

/** Check 4: the key is in the platform's key set, as looked up with one refetch (see key-sets.ts). */
export const keyKnown: Check = ({ key }) => {
  if (key === 'unavailable') return 'lti_keys_unavailable';
  return key === 'known' ? null : 'lti_key_unknown';
};
