import type { Check } from '../evidence.ts';

/** Check 2: RS256 and nothing else; `none` and HS* would let anybody sign (1EdTech Security Framework 1.0, 5.1.2). */
export const algorithm: Check = ({ header }) => (header['alg'] === 'RS256' ? null : 'lti_algorithm');
