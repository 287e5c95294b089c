/** Names of LTI 1.3 claims and scopes; this folder and the demo LMS alone know them. */
const CORE = 'https://purl.imsglobal.org/spec/lti/claim/';

export const CLAIM = {
  messageType: `${CORE}message_type`,
  version: `${CORE}version`,
  deploymentId: `${CORE}deployment_id`,
  targetLinkUri: `${CORE}target_link_uri`,
  resourceLink: `${CORE}resource_link`,
  roles: `${CORE}roles`,
  context: `${CORE}context`,
  custom: `${CORE}custom`,
  launchPresentation: `${CORE}launch_presentation`,
  toolPlatform: `${CORE}tool_platform`,
  rosterService: 'https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice',
  gradeService: 'https://purl.imsglobal.org/spec/lti-ags/claim/endpoint',
  deepLinkingSettings: 'https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings',
  deepLinkingItems: 'https://purl.imsglobal.org/spec/lti-dl/claim/content_items',
  deepLinkingError: 'https://purl.imsglobal.org/spec/lti-dl/claim/errormsg',
  deepLinkingData: 'https://purl.imsglobal.org/spec/lti-dl/claim/data',
} as const;

/** Keys of registration documents (LTI Dynamic Registration 1.0, sections 3 and 4). */
export const TOOL_CONFIGURATION = 'https://purl.imsglobal.org/spec/lti-tool-configuration';
export const PLATFORM_CONFIGURATION = 'https://purl.imsglobal.org/spec/lti-platform-configuration';

/** The payload of an ID token, before anything is known about its shape. */
export type Claims = Readonly<Record<string, unknown>>;

/** True for a plain JSON object; lists and null are not. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** True for an id as LTI allows it: not empty, at most 255 characters, nothing that cannot be printed. */
export function isId(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= 255 && !/[\p{Cc}\p{Cs}]/u.test(value);
}
