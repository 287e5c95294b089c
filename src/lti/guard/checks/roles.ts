import { CLAIM } from '../../claims.ts';
import type { Check } from '../evidence.ts';

/** Check 16: a list, which may be empty or hold `""` (LTI Core 1.3, 5.3.7). */
export const roles: Check = ({ claims }) => {
  const list = claims[CLAIM.roles] ?? null;
  if (list === null) return 'lti_roles_missing';
  if (!Array.isArray(list) || list.length > 200) return 'lti_roles_malformed';
  return list.every((role) => role === null || typeof role === 'string') ? null : 'lti_roles_malformed';
};
