/** Names that LTI 1.3 Advantage fixes. */
export const CLAIM = 'https://purl.imsglobal.org/spec/lti/claim/';
export const NRPS_CLAIM = 'https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice';
export const AGS_CLAIM = 'https://purl.imsglobal.org/spec/lti-ags/claim/endpoint';
export const DEEP_LINKING = 'https://purl.imsglobal.org/spec/lti-dl/claim/';
export const TOOL_CONFIGURATION = 'https://purl.imsglobal.org/spec/lti-tool-configuration';
export const PLATFORM_CONFIGURATION = 'https://purl.imsglobal.org/spec/lti-platform-configuration';

export const MESSAGES = {
  resourceLink: 'LtiResourceLinkRequest',
  deepLinking: 'LtiDeepLinkingRequest',
} as const;

export const NRPS_SCOPE = 'https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly';
const AGS = 'https://purl.imsglobal.org/spec/lti-ags/scope/';
export const AGS_SCOPE = {
  lineItem: `${AGS}lineitem`,
  lineItemRead: `${AGS}lineitem.readonly`,
  result: `${AGS}result.readonly`,
  score: `${AGS}score`,
} as const;
/** All that a tool may be granted here. */
export const SCOPES: readonly string[] = [NRPS_SCOPE, ...Object.values(AGS_SCOPE)];

export const MEDIA = {
  members: 'application/vnd.ims.lti-nrps.v2.membershipcontainer+json',
  lineItem: 'application/vnd.ims.lis.v2.lineitem+json',
  lineItems: 'application/vnd.ims.lis.v2.lineitemcontainer+json',
  results: 'application/vnd.ims.lis.v2.resultcontainer+json',
  score: 'application/vnd.ims.lis.v1.score+json',
} as const;

const MEMBERSHIP = 'http://purl.imsglobal.org/vocab/lis/v2/membership#';
/** A launch's roles. A non-editing teacher launches as Instructor, as on Moodle. */
export const LAUNCH_ROLES = {
  administrator: ['http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator'],
  instructor: [`${MEMBERSHIP}Instructor`],
  mentor: [`${MEMBERSHIP}Instructor`],
  learner: [`${MEMBERSHIP}Learner`],
} as const;
/** The roster's roles: short, and a non-editing teacher is listed as Learner, as on Moodle. */
export const ROSTER_ROLES = {
  administrator: ['Administrator'],
  instructor: ['Instructor'],
  mentor: ['Learner'],
  learner: ['Learner'],
} as const;

/** What may stand in a custom parameter's value and is filled in at launch; anything else arrives as written. */
export const VARIABLES = [
  'Context.id',
  'Context.title',
  'Context.label',
  'ResourceLink.id',
  'ResourceLink.title',
  'User.id',
  'Person.name.full',
  'Person.name.given',
  'Person.name.family',
  'Person.email.primary',
  'Person.address.locality',
  'Person.address.country',
  'Person.address.timezone',
] as const;
