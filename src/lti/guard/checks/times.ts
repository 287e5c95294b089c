import type { Check } from '../evidence.ts';

/** A platform's clock may run ahead by this much, seconds. */
const AHEAD = 60;

/**
 * Check 9: `exp` and `nbf` without leeway, `iat` at most a minute ahead and not after `exp`
 * (1EdTech Security Framework 1.0, 5.1.3). Moodle's tokens live 60 s, Brightspace sends nbf = iat.
 */
export const times: Check = ({ claims, nowSeconds }) => {
  const { exp, iat, nbf = null } = claims;
  if (!isTime(exp) || !isTime(iat)) return 'lti_times_missing';
  if (exp <= nowSeconds) return 'lti_expired';
  if (iat > nowSeconds + AHEAD || iat > exp) return 'lti_issued_in_future';
  if (nbf === null) return null;
  return isTime(nbf) && nbf <= nowSeconds ? null : 'lti_not_yet_valid';
};

function isTime(value: unknown): value is number {
  return Number.isSafeInteger(value);
}
