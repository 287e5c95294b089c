import { CLAIM, isId } from '../../claims.ts';
import type { Check } from '../evidence.ts';

/**
 * Check 13: a deployment this registration knows, or one that this staff launch makes known where the platform
 * registered without naming any (LTI Core 1.3, 5.3.3).
 */
export const deployment: Check = ({ claims, platform, role }) => {
  const id = claims[CLAIM.deploymentId] ?? null;
  if (id === null || id === '') return 'lti_deployment_missing';
  if (!isId(id) || !/^[\x20-\x7e]+$/.test(id)) return 'lti_deployment_malformed';
  if (platform.revokedDeploymentIds.includes(id)) return 'lti_deployment_revoked';
  if (platform.deploymentIds.includes(id)) return null;
  if (platform.deployments === 'listed') return 'lti_deployment_unknown';
  return role === 'instructor' || role === 'administrator' ? null : 'lti_deployment_not_opened';
};
