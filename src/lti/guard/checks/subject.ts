import { isId } from '../../claims.ts';
import type { Check } from '../evidence.ts';

/** Check 17: who it is; an anonymous launch cannot have a group (LTI Core 1.3, 5.3.6). */
export const subject: Check = ({ claims }) => {
  const sub = claims['sub'] ?? null;
  if (sub === null || sub === '') return 'lti_subject_missing';
  return isId(sub) ? null : 'lti_subject_malformed';
};
