import type { Check } from '../evidence.ts';

/** Check 3: the header names its key (1EdTech Security Framework 1.0, 6.3). */
export const keyId: Check = ({ header }) => {
  const kid = header['kid'];
  return typeof kid === 'string' && kid !== '' && kid.length <= 1000 ? null : 'lti_key_id_missing';
};
