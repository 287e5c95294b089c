import { randomUUID } from 'node:crypto';
import { importJWK, SignJWT } from 'jose';
import type { Lms } from '../lms.ts';
import { enrolmentIdOf, linkIdOf, type LmsLink, type LmsRole, type LmsTool } from '../records.ts';
import type { LaunchUnderWay } from '../secrets.store.ts';
import { type Claims, claimsOf, targetOf } from './claims.ts';
import { MESSAGES } from './vocabulary.ts';

const HINT_LIFE_MS = 5 * 60_000;
const NONCE_LIFE_MS = 3_600_000;
const DEEP_LINK_LIFE_MS = 3_600_000;

/** Why a launch is not made; `code` is a key of words. */
export class LaunchRefusal extends Error {
  readonly code: string;
  readonly field: string;
  constructor(code: string, field = '') {
    super(field === '' ? code : `${code}: ${field}`);
    this.code = code;
    this.field = field;
  }
}

export type LaunchWish = {
  readonly personId: string;
  readonly courseId: string;
  /** False: in a window of its own. */
  readonly frame?: boolean;
  /** The course's own link where it is not given. */
  readonly linkId?: string;
  readonly message?: LaunchUnderWay['message'];
  /** The hash of the session that opens it; without one any browser may go on with it. */
  readonly session?: string | null;
  /** Says that the page around the frame keeps data for the tool (lti-pm-s). */
  readonly storage?: boolean;
};

/**
 * The login initiation that opens a tool (https://www.imsglobal.org/spec/security/v1p0/#step-1-third-party-initiated-login).
 * Its hint works once and names person and course, so that nobody launches as somebody else.
 * @throws LaunchRefusal where the course has no such link or no tool is installed
 */
export async function startLaunch(lms: Lms, wish: LaunchWish): Promise<string> {
  const { courseId, personId, frame = true, message = MESSAGES.resourceLink, session = null } = wish;
  const link = await selectLink(lms, courseId, wish.linkId ?? linkIdOf(courseId));
  const tool = await toolOfLink(lms, link);
  const under: LaunchUnderWay = {
    personId,
    courseId,
    linkId: link._id,
    toolId: tool._id,
    message,
    target: frame ? 'iframe' : 'window',
    session,
  };
  const url = new URL(tool.loginUrl);
  const parameters = {
    iss: lms.issuer,
    login_hint: personId,
    lti_message_hint: await lms.secrets.issue('launch', under, HINT_LIFE_MS),
    target_link_uri: targetOf({ tool, link, under }),
    client_id: tool._id,
    lti_deployment_id: tool.deploymentId,
    ...(wish.storage === true ? { lti_storage_target: '_parent' } : {}),
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url.href;
}

export type Authorized = { readonly action: string; readonly idToken: string; readonly state: string };

/**
 * The authorization endpoint: checks what the tool asks and makes the launch
 * (https://www.imsglobal.org/spec/security/v1p0/#step-2-authentication-request).
 * @param session the hash of the session of the browser that asks, if it has one
 * @throws LaunchRefusal
 */
export async function authorize(
  lms: Lms,
  query: Readonly<Record<string, unknown>>,
  session: string | null,
): Promise<Authorized> {
  const text = (name: string): string => {
    const value = query[name];
    if (typeof value !== 'string' || value === '') throw new LaunchRefusal('missing', name);
    return value;
  };
  const tool = await lms.store.tools.findOne({ _id: text('client_id'), active: true });
  if (tool === null) throw new LaunchRefusal('client_unknown');
  const action = text('redirect_uri');
  if (!tool.redirectUris.includes(action)) throw new LaunchRefusal('redirect_unknown');
  const wanted = { response_type: 'id_token', response_mode: 'form_post', scope: 'openid', prompt: 'none' };
  for (const [name, value] of Object.entries(wanted))
    if (text(name) !== value) throw new LaunchRefusal('unfit', name);
  const [state, nonce, hint, person] = [
    text('state'),
    text('nonce'),
    text('lti_message_hint'),
    text('login_hint'),
  ];
  const under = await lms.secrets.spend('launch', hint);
  if (under === null || under.personId !== person || under.toolId !== tool._id)
    throw new LaunchRefusal('hint_spent');
  if (under.session !== null && under.session !== session) throw new LaunchRefusal('other_browser');
  if (!(await lms.secrets.markUsed('nonce', `${tool._id} ${nonce}`, NONCE_LIFE_MS)))
    throw new LaunchRefusal('nonce_used');
  return { action, state, idToken: await idToken(lms, tool, under, nonce) };
}

async function idToken(lms: Lms, tool: LmsTool, under: LaunchUnderWay, nonce: string): Promise<string> {
  const { store, behaviour } = lms;
  const { personId, courseId } = under;
  const [person, course, link, role] = await Promise.all([
    store.people.findOne({ _id: personId }),
    store.courses.findOne({ _id: courseId }),
    selectLink(lms, courseId, under.linkId),
    roleIn(lms, courseId, personId),
  ]);
  if (person === null || course === null || role === null) throw new LaunchRefusal('not_enrolled');
  const coupled = await store.lineItems.find({ courseId, resourceLinkId: link._id }).toArray();
  const deepLink = under.message === MESSAGES.deepLinking ? await newDeepLink(lms, under) : null;
  const claims = claimsOf(lms, { tool, person, course, link, role, nonce, under, coupled, deepLink });
  const key = await store.selectSigningKey();
  const header: Claims = { alg: 'RS256', kid: key._id, typ: 'JWT' };
  behaviour.spoil?.(claims, header);
  const privateKey = await importJWK(key.privateJwk, 'RS256');
  return new SignJWT(claims).setProtectedHeader({ ...header, alg: 'RS256' }).sign(privateKey);
}

/** Null for whoever is not in the course, or is suspended in it; administrators need not be enrolled. */
export async function roleIn({ store }: Lms, courseId: string, personId: string): Promise<LmsRole | null> {
  const enrolment = await store.enrolments.findOne({ _id: enrolmentIdOf(courseId, personId) });
  if (enrolment !== null) return enrolment.suspended ? null : enrolment.role;
  const person = await store.people.findOne({ _id: personId });
  return person?.administrator === true ? 'administrator' : null;
}

async function selectLink({ store }: Lms, courseId: string, linkId: string): Promise<LmsLink> {
  const link = await store.links.findOne({ _id: linkId, courseId });
  if (link === null) throw new LaunchRefusal('link_unknown');
  return link;
}

async function toolOfLink({ store }: Lms, { toolId }: LmsLink): Promise<LmsTool> {
  const tool = await (toolId === null
    ? store.findSiteTool()
    : store.tools.findOne({ _id: toolId, active: true }));
  if (tool === null) throw new LaunchRefusal('no_tool');
  return tool;
}

async function newDeepLink(lms: Lms, { courseId, toolId, personId }: LaunchUnderWay) {
  const data = randomUUID();
  const ticket = await lms.secrets.issue('deepLink', { courseId, toolId, personId, data }, DEEP_LINK_LIFE_MS);
  return { returnUrl: `${lms.issuer}/deep-links?ticket=${ticket}`, data };
}
