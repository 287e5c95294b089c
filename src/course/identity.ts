import { createHash } from 'node:crypto';

/** 22 characters (132 bits) of SHA-256: the same parts always give the same id, so writes that meet twice agree. */
function idOf(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 22);
}

/** A person is (platform, sub); LTI 1.3 core, 5.3.6. */
export function personIdOf(platformId: string, sub: string): string {
  return idOf('person', platformId, sub);
}

/** A course is (platform, deployment, context); context ids are unique only within a deployment (LTI 1.3 core, 5.3.5). */
export function courseIdOf(platformId: string, deploymentId: string, contextId: string): string {
  return idOf('course', platformId, deploymentId, contextId);
}

/** A link of the LMS is (platform, deployment, resource link); LTI 1.3 core, 5.3.5. */
export function linkIdOf(platformId: string, deploymentId: string, resourceLinkId: string): string {
  return idOf('link', platformId, deploymentId, resourceLinkId);
}
