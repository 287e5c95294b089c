import { CLAIM } from '../../claims.ts';
import type { Check } from '../evidence.ts';

/** Check 11: exactly 1.3.0 (LTI Core 1.3, 5.3.2). */
export const version: Check = ({ claims }) => (claims[CLAIM.version] === '1.3.0' ? null : 'lti_version');
