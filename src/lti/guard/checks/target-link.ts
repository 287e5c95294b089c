import { CLAIM } from '../../claims.ts';
import type { Check } from '../evidence.ts';

/** Check 14: the address the login named, on our origin (LTI Core 1.3, 5.3.4); deep linking may leave it out. */
export const targetLink: Check = ({ claims, login, origin }) => {
  const target = claims[CLAIM.targetLinkUri] ?? null;
  if (target === null && claims[CLAIM.messageType] === 'LtiDeepLinkingRequest') return null;
  if (typeof target !== 'string' || target === '') return 'lti_target_missing';
  if (!URL.canParse(target) || new URL(target).origin !== origin) return 'lti_target_foreign';
  return new URL(target).href === new URL(login.targetLinkUri).href ? null : 'lti_target_other';
};
