import { CLAIM } from '../../claims.ts';
import type { Check } from '../evidence.ts';

export const MESSAGE_TYPES = ['LtiResourceLinkRequest', 'LtiDeepLinkingRequest'] as const;

/** Check 12: a message we know (LTI Core 1.3, 5.3.1). */
export const messageType: Check = ({ claims }) => {
  const type = claims[CLAIM.messageType] ?? null;
  if (type === null) return 'lti_message_type_missing';
  return MESSAGE_TYPES.some((known) => known === type) ? null : 'lti_message_type';
};
