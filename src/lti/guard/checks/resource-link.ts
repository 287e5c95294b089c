import { CLAIM, isId, isObject } from '../../claims.ts';
import type { Check } from '../evidence.ts';

/** Check 15: a resource link launch names its link (LTI Core 1.3, 5.3.5). */
export const resourceLink: Check = ({ claims }) => {
  if (claims[CLAIM.messageType] !== 'LtiResourceLinkRequest') return null;
  const link = claims[CLAIM.resourceLink];
  return isObject(link) && isId(link['id']) ? null : 'lti_resource_link';
};
