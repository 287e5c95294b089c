import type { Lms } from '../lms.ts';
import type { LmsLineItem, LmsRole } from '../records.ts';
import type { LaunchUnderWay } from '../secrets.store.ts';
import { customOf, namesOf, type Told } from './variables.ts';
import {
  AGS_CLAIM,
  CLAIM,
  DEEP_LINKING,
  LAUNCH_ROLES,
  MESSAGES,
  NRPS_CLAIM,
  NRPS_SCOPE,
} from './vocabulary.ts';

export type Claims = Record<string, unknown>;
export type Launching = Told & {
  readonly role: LmsRole;
  readonly nonce: string;
  readonly under: LaunchUnderWay;
  /** The columns that are coupled to the link. */
  readonly coupled: readonly LmsLineItem[];
  /** Where the answer to a deep linking request goes, and what must come back with it. */
  readonly deepLink: { readonly returnUrl: string; readonly data: string } | null;
};

const LIFE_S = 60;

/** The claims of a launch as Moodle 4.5 makes them: a minute long, with a few empty strings. */
export function claimsOf(lms: Lms, launching: Launching): Claims {
  const { tool, person, course, role, nonce, deepLink } = launching;
  const now = Math.floor(lms.clock().getTime() / 1_000);
  return {
    nonce,
    iat: now,
    exp: now + LIFE_S,
    iss: lms.issuer,
    aud: tool._id,
    sub: person._id,
    [`${CLAIM}deployment_id`]: tool.deploymentId,
    [`${CLAIM}target_link_uri`]: targetOf(launching),
    [`${CLAIM}message_type`]: deepLink === null ? MESSAGES.resourceLink : MESSAGES.deepLinking,
    [`${CLAIM}version`]: '1.3.0',
    [`${CLAIM}roles`]: LAUNCH_ROLES[role],
    [`${CLAIM}context`]: {
      id: course._id,
      label: course.label,
      title: course.title,
      type: ['CourseSection'],
    },
    [`${CLAIM}lis`]: { person_sourcedid: '', course_section_sourcedid: '' },
    [`${CLAIM}launch_presentation`]: {
      locale: 'en',
      document_target: launching.under.target,
      return_url: `${lms.issuer}/courses/${course._id}`,
    },
    [`${CLAIM}tool_platform`]: {
      product_family_code: 'demo-lms',
      name: 'Demo LMS',
      guid: new URL(lms.issuer).host,
    },
    [`${CLAIM}custom`]: customOf(launching),
    ...personOf(launching),
    ...servicesOf(lms, launching),
    ...(deepLink === null ? linkOf(launching) : settingsOf(deepLink)),
  };
}

/** Where a message of this kind goes: the link's own address before the tool's. */
export function targetOf({ tool, link, under }: Pick<Launching, 'tool' | 'link' | 'under'>): string {
  return under.message === MESSAGES.deepLinking
    ? (tool.deepLinkUri ?? tool.targetLinkUri)
    : (link.targetLinkUri ?? tool.targetLinkUri);
}

function personOf({ tool, person }: Launching): Claims {
  const { full, given, family } = namesOf(person);
  return {
    ...(tool.shareName ? { name: full, given_name: given, family_name: family } : {}),
    ...(tool.shareEmail ? { email: person.email } : {}),
  };
}

function linkOf({ link }: Launching): Claims {
  return { [`${CLAIM}resource_link`]: { id: link._id, title: link.title, description: link.text } };
}

/** A deep linking request as Moodle's (https://www.imsglobal.org/spec/lti-dl/v2p0#deep-linking-request-message). */
function settingsOf({ returnUrl, data }: NonNullable<Launching['deepLink']>): Claims {
  return {
    [`${DEEP_LINKING}deep_linking_settings`]: {
      accept_types: ['ltiResourceLink'],
      accept_presentation_document_targets: ['frame', 'iframe', 'window'],
      accept_copy_advice: false,
      accept_multiple: true,
      accept_unsigned: false,
      auto_create: false,
      can_confirm: false,
      deep_link_return_url: returnUrl,
      title: '',
      text: '',
      data,
    },
  };
}

/** Services that the tool has scopes for. `lineitem` is there only where exactly one column is coupled. */
function servicesOf({ issuer }: Lms, { tool, course, coupled, deepLink }: Launching): Claims {
  const base = `${issuer}/services/courses/${course._id}`;
  const type = `type=${tool.deploymentId}`;
  const grading = tool.scopes.filter((scope) => scope.includes('/lti-ags/'));
  const [only, ...others] = deepLink === null ? coupled : [];
  const single = only !== undefined && others.length === 0 ? only : null;
  return {
    ...(tool.scopes.includes(NRPS_SCOPE)
      ? {
          [NRPS_CLAIM]: {
            context_memberships_url: `${base}/members?${type}`,
            service_versions: ['1.0', '2.0'],
          },
        }
      : {}),
    ...(grading.length === 0
      ? {}
      : {
          [AGS_CLAIM]: {
            scope: grading,
            lineitems: `${base}/lineitems?${type}`,
            ...(single === null ? {} : { lineitem: `${base}/lineitems/${single._id}/lineitem?${type}` }),
          },
        }),
  };
}
