import { randomUUID } from 'node:crypto';
import express, { Router } from 'express';
import { importJWK, SignJWT } from 'jose';
import type { Behaviour } from './behaviour.ts';
import type { LmsStore } from './lms.store.ts';
import { linkIdOf, type LmsCourse, type LmsPerson, type LmsRole, type LmsTool, ROLES } from './records.ts';

type Hint = { personId: string; courseId: string; frame: boolean; until: number };
type Claims = Record<string, unknown>;

const HINT_LIFE_MS = 300_000;
const CLAIM = 'https://purl.imsglobal.org/spec/lti/claim/';

/** Third-party-initiated login and the authorization endpoint (1EdTech Security Framework 1.0, 5.1.1). */
export function createLaunching(store: LmsStore, issuer: string, behaviour: Behaviour) {
  const hints = new Map<string, Hint>();
  const nonces = new Set<string>();

  /** Login hints work once and name person and course, so that nobody can launch as somebody else. */
  async function startLaunch({
    personId,
    courseId,
    frame = true,
  }: {
    personId: string;
    courseId: string;
    frame?: boolean;
  }): Promise<string> {
    const tool = await store.tools.findOne({});
    if (tool === null) throw new Error('No tool is installed.');
    const hint = randomUUID();
    hints.set(hint, { personId, courseId, frame, until: Date.now() + HINT_LIFE_MS });
    const url = new URL(tool.loginUrl);
    url.search = new URLSearchParams({
      iss: issuer,
      login_hint: personId,
      lti_message_hint: hint,
      target_link_uri: tool.targetLinkUri,
      client_id: tool._id,
      lti_deployment_id: tool.deploymentId,
    }).toString();
    return url.href;
  }

  async function authorize(
    query: Record<string, unknown>,
  ): Promise<{ action: string; idToken: string; state: string }> {
    const text = (name: string): string => {
      const value = query[name];
      if (typeof value !== 'string' || value === '') throw new Refusal(`${name} is missing`);
      return value;
    };
    const tool = await store.tools.findOne({ _id: text('client_id') });
    if (tool === null) throw new Refusal('client_id is not known');
    const action = text('redirect_uri');
    if (!tool.redirectUris.includes(action)) throw new Refusal('redirect_uri is not registered');
    const wanted = { response_type: 'id_token', response_mode: 'form_post', scope: 'openid', prompt: 'none' };
    for (const [name, value] of Object.entries(wanted))
      if (text(name) !== value) throw new Refusal(`${name} must be ${value}`);
    const [state, nonce, key] = [text('state'), text('nonce'), text('lti_message_hint')];
    const hint = hints.get(key);
    hints.delete(key);
    if (hint === undefined || hint.until < Date.now() || hint.personId !== text('login_hint'))
      throw new Refusal('the hint is not good any more');
    if (nonces.has(nonce)) throw new Refusal('nonce was used before');
    nonces.add(nonce);
    return { action, state, idToken: await idToken(tool, hint, nonce) };
  }

  async function idToken(tool: LmsTool, hint: Hint, nonce: string): Promise<string> {
    const [person, course, enrolment, key] = await Promise.all([
      store.people.findOne({ _id: hint.personId }),
      store.courses.findOne({ _id: hint.courseId }),
      store.enrolments.findOne({ _id: `${hint.courseId}.${hint.personId}` }),
      store.newestKey(),
    ]);
    if (person === null || course === null) throw new Refusal('the person or the course is gone');
    const role = person.administrator ? 'administrator' : enrolment?.role;
    if (role === undefined || enrolment?.suspended === true)
      throw new Refusal('this person is not in the course');
    const claims = launchClaims({ issuer, tool, person, course, role, nonce, frame: hint.frame });
    const header: Claims = { alg: 'RS256', kid: key._id, typ: 'JWT' };
    behaviour.spoil?.(claims, header);
    const privateKey = await importJWK(key.privateJwk, 'RS256');
    return new SignJWT(claims).setProtectedHeader(header as { alg: string }).sign(privateKey);
  }

  const router = Router();
  const answer = async (query: Record<string, unknown>, res: express.Response): Promise<void> => {
    try {
      res.render('post', await authorize(query));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      res
        .status(400)
        .render('message', {
          title: 'The tool cannot be opened',
          text: `${error.message}. Open it again from the course.`,
          person: null,
        });
    }
  };
  router.get('/auth', (req, res) => answer(req.query as Record<string, unknown>, res));
  router.post('/auth', express.urlencoded({ extended: false }), (req, res) =>
    answer(req.body as Record<string, unknown>, res),
  );
  return { router, startLaunch };
}

class Refusal extends Error {}

type Told = {
  issuer: string;
  tool: LmsTool;
  person: LmsPerson;
  course: LmsCourse;
  role: LmsRole;
  nonce: string;
  frame: boolean;
};

/** A resource link launch as Moodle 4.5 makes it: minute-long, short of optional things, with a few empty strings. */
function launchClaims({ issuer, tool, person, course, role, nonce, frame }: Told): Claims {
  const now = Math.floor(Date.now() / 1_000);
  const [givenName = '', ...rest] = person.name.split(' ');
  const lineItems = `${issuer}/services/courses/${course._id}/lineitems`;
  return {
    nonce,
    iat: now,
    exp: now + 60,
    iss: issuer,
    aud: tool._id,
    sub: person._id,
    [`${CLAIM}deployment_id`]: tool.deploymentId,
    [`${CLAIM}target_link_uri`]: tool.targetLinkUri,
    [`${CLAIM}message_type`]: 'LtiResourceLinkRequest',
    [`${CLAIM}version`]: '1.3.0',
    [`${CLAIM}roles`]: ROLES[role],
    [`${CLAIM}context`]: {
      id: course._id,
      label: course.label,
      title: course.title,
      type: ['CourseSection'],
    },
    [`${CLAIM}resource_link`]: { id: linkIdOf(course._id), title: 'My Peer Group', description: '' },
    [`${CLAIM}lis`]: { person_sourcedid: '', course_section_sourcedid: '' },
    [`${CLAIM}launch_presentation`]: {
      locale: 'en',
      document_target: frame ? 'iframe' : 'window',
      return_url: `${issuer}/courses/${course._id}`,
    },
    [`${CLAIM}tool_platform`]: {
      product_family_code: 'demo-lms',
      name: 'Demo LMS',
      guid: new URL(issuer).host,
    },
    [`${CLAIM}custom`]: { ...tool.custom, timezone: 'Africa/Lagos' },
    'https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice': {
      context_memberships_url: `${issuer}/services/courses/${course._id}/members?type=${tool.deploymentId}`,
      service_versions: ['1.0', '2.0'],
    },
    'https://purl.imsglobal.org/spec/lti-ags/claim/endpoint': {
      scope: tool.scopes.filter((scope) => scope.includes('lti-ags')),
      lineitems: `${lineItems}?type=${tool.deploymentId}`,
    },
    name: person.name,
    given_name: givenName,
    family_name: rest.join(' '),
    email: person.email,
  };
}
