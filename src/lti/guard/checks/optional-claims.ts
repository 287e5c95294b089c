import { CLAIM, isId, isObject } from '../../claims.ts';
import type { Check } from '../evidence.ts';

const OBJECTS = [
  CLAIM.custom,
  CLAIM.launchPresentation,
  CLAIM.toolPlatform,
  CLAIM.rosterService,
  CLAIM.gradeService,
];

/**
 * Check 18: what may be left out has its shape where it is there. `null` counts as left out (Canvas), unknown claims
 * are not looked at (check 19), and odd values inside the objects are passed over when the launch is read.
 */
export const optionalClaims: Check = ({ claims }) => {
  const context = claims[CLAIM.context] ?? null;
  if (context !== null && !(isObject(context) && isId(context['id']))) return 'lti_context';
  const misshapen = OBJECTS.some((name) => (claims[name] ?? null) !== null && !isObject(claims[name]));
  return misshapen ? 'lti_claim_malformed' : null;
};
