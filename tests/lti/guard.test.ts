import { describe, expect, test } from '@jest/globals';
import { CLAIM } from '../../src/lti/claims.ts';
import type { Evidence } from '../../src/lti/guard/evidence.ts';
import { LAUNCH_CHECKS } from '../../src/lti/guard/index.ts';
import { aPlatform, nowSeconds, ORIGIN, ROLE, someClaims, someEvidence } from './support/builders.ts';

/** Every refusal that the checks would make, in their order. */
function refusals(evidence: Evidence): string[] {
  return LAUNCH_CHECKS.flatMap(({ number, check }) => {
    const reason = check(evidence);
    return reason === null ? [] : [`${number} ${reason}`];
  });
}

const login = someEvidence().login;
const claims = (change: Record<string, unknown>) => someEvidence({}, someClaims(change));

describe('each check on a launch refuses alone', () => {
  test.each<[string, Evidence, string]>([
    [
      'a state that is none of ours',
      someEvidence({ login: { ...login, standing: 'unknown' } }),
      '1 lti_state_unknown',
    ],
    ['an expired state', someEvidence({ login: { ...login, standing: 'expired' } }), '1 lti_state_expired'],
    ['a state used before', someEvidence({ login: { ...login, standing: 'used' } }), '1 lti_state_used'],
    ['another browser', someEvidence({ login: { ...login, browser: 'other' } }), '1 lti_state_other_browser'],
    ['no cookie', someEvidence({ login: { ...login, browser: 'cookieless' } }), '1 lti_cookie_missing'],
    ['alg none', someEvidence({ header: { alg: 'none', kid: 'k1' } }), '2 lti_algorithm'],
    ['alg HS256', someEvidence({ header: { alg: 'HS256', kid: 'k1' } }), '2 lti_algorithm'],
    ['no kid', someEvidence({ header: { alg: 'RS256' } }), '3 lti_key_id_missing'],
    [
      'a kid that is no text',
      someEvidence({ header: { alg: 'RS256', kid: ['k1'] } }),
      '3 lti_key_id_missing',
    ],
    ['an unknown kid', someEvidence({ key: 'unknown' }), '4 lti_key_unknown'],
    ['a key set out of reach', someEvidence({ key: 'unavailable' }), '4 lti_keys_unavailable'],
    ['a wrong signature', someEvidence({ signature: 'invalid' }), '5 lti_signature'],
    ['another issuer', claims({ iss: 'https://lms.example.org/' }), '6 lti_issuer'],
    ['another audience', claims({ aud: 'client-2' }), '7 lti_audience'],
    ['no audience', claims({ aud: undefined }), '7 lti_audience'],
    [
      'a strange audience more',
      claims({ aud: ['client-1', 'x'], azp: 'client-1' }),
      '7 lti_audience_untrusted',
    ],
    ['several audiences without azp', claims({ aud: ['client-1', ORIGIN] }), '8 lti_authorized_party'],
    ['another azp', claims({ azp: 'client-2' }), '8 lti_authorized_party'],
    ['an exp of now', claims({ exp: nowSeconds }), '9 lti_expired'],
    ['exp and iat long ago', claims({ exp: 22222, iat: 11111 }), '9 lti_expired'],
    ['no exp', claims({ exp: undefined }), '9 lti_times_missing'],
    ['no iat', claims({ iat: undefined }), '9 lti_times_missing'],
    ['an exp that is text', claims({ exp: '9999999999' }), '9 lti_times_missing'],
    ['an iat that is a fraction', claims({ iat: nowSeconds - 0.5 }), '9 lti_times_missing'],
    [
      'an iat more than a minute ahead',
      claims({ iat: nowSeconds + 61, exp: nowSeconds + 600 }),
      '9 lti_issued_in_future',
    ],
    ['an nbf in the future', claims({ nbf: nowSeconds + 1 }), '9 lti_not_yet_valid'],
    ['no nonce', claims({ nonce: undefined }), '10 lti_nonce_missing'],
    ['a nonce that is an object', claims({ nonce: { $ne: null } }), '10 lti_nonce_missing'],
    ['another nonce', claims({ nonce: 'nonce-2' }), '10 lti_nonce_other'],
    ['no version', claims({ [CLAIM.version]: undefined }), '11 lti_version'],
    ['version 11.3', claims({ [CLAIM.version]: '11.3' }), '11 lti_version'],
    ['no message type', claims({ [CLAIM.messageType]: undefined }), '12 lti_message_type_missing'],
    ['an unknown message type', claims({ [CLAIM.messageType]: 'LtiStartProctoring' }), '12 lti_message_type'],
    ['no deployment', claims({ [CLAIM.deploymentId]: undefined }), '13 lti_deployment_missing'],
    ['an unknown deployment', claims({ [CLAIM.deploymentId]: '2' }), '13 lti_deployment_unknown'],
    [
      'a deployment id that is no ASCII',
      claims({ [CLAIM.deploymentId]: 'ọkàn' }),
      '13 lti_deployment_malformed',
    ],
    [
      'a deployment id of 256',
      claims({ [CLAIM.deploymentId]: 'x'.repeat(256) }),
      '13 lti_deployment_malformed',
    ],
    [
      'a revoked deployment',
      someEvidence({ platform: aPlatform({ revokedDeploymentIds: ['1'] }) }),
      '13 lti_deployment_revoked',
    ],
    ['no target', claims({ [CLAIM.targetLinkUri]: undefined }), '14 lti_target_missing'],
    [
      'a foreign target',
      claims({ [CLAIM.targetLinkUri]: 'https://evil.example/lti/launch' }),
      '14 lti_target_foreign',
    ],
    [
      'a target that only begins like ours',
      claims({ [CLAIM.targetLinkUri]: `${ORIGIN}.evil.example/` }),
      '14 lti_target_foreign',
    ],
    [
      'another target than at login',
      claims({ [CLAIM.targetLinkUri]: `${ORIGIN}/other` }),
      '14 lti_target_other',
    ],
    ['no resource link', claims({ [CLAIM.resourceLink]: undefined }), '15 lti_resource_link'],
    ['a resource link without id', claims({ [CLAIM.resourceLink]: {} }), '15 lti_resource_link'],
    [
      'a resource link id of 256',
      claims({ [CLAIM.resourceLink]: { id: 'x'.repeat(256) } }),
      '15 lti_resource_link',
    ],
    ['no roles', claims({ [CLAIM.roles]: undefined }), '16 lti_roles_missing'],
    ['roles as text', claims({ [CLAIM.roles]: 'Instructor' }), '16 lti_roles_malformed'],
    ['roles that are objects', claims({ [CLAIM.roles]: [{}] }), '16 lti_roles_malformed'],
    ['no sub', claims({ sub: undefined }), '17 lti_subject_missing'],
    ['an empty sub', claims({ sub: '' }), '17 lti_subject_missing'],
    ['a sub of 256', claims({ sub: 'x'.repeat(256) }), '17 lti_subject_malformed'],
    ['a sub that is an object', claims({ sub: { $gt: '' } }), '17 lti_subject_malformed'],
    ['a context that is text', claims({ [CLAIM.context]: 'course-1' }), '18 lti_context'],
    ['a context without id', claims({ [CLAIM.context]: { title: 'DS' } }), '18 lti_context'],
    ['custom parameters as a list', claims({ [CLAIM.custom]: [] }), '18 lti_claim_malformed'],
    [
      'a roster service that is text',
      claims({ [CLAIM.rosterService]: 'https://x' }),
      '18 lti_claim_malformed',
    ],
  ])('%s', (_what, evidence, refusal) => {
    expect(refusals(evidence)).toEqual([refusal]);
  });

  test('an invalid LTI message has many faults, the first of which is told', () => {
    const [first] = refusals(someEvidence({}, { name: 'badltilaunch' }));
    expect(first).toBe('6 lti_issuer');
  });

  test('every number from 1 to 18 has a row', () => {
    expect(LAUNCH_CHECKS.map(({ number }) => number)).toEqual(
      Array.from({ length: 18 }, (_, index) => index + 1),
    );
  });
});

describe('what platforms really send passes', () => {
  test.each<[string, Evidence]>([
    ['a plain launch', someEvidence()],
    ['one audience in a list', claims({ aud: ['client-1'] })],
    [
      'several trusted audiences with azp',
      claims({ aud: ['client-1', 'https://lms.example.org'], azp: 'client-1' }),
    ],
    ['an iat a minute ahead', claims({ iat: nowSeconds + 60 })],
    ['an nbf equal to iat (Brightspace)', claims({ nbf: nowSeconds })],
    ['no role at all', claims({ [CLAIM.roles]: [] })],
    ['an empty role', claims({ [CLAIM.roles]: [''] })],
    ['an unknown role', claims({ [CLAIM.roles]: ['http://example.org/roles#Gardener'] })],
    ['a short role', claims({ [CLAIM.roles]: ['Instructor'] })],
    ['nobody by name', claims({ name: undefined, given_name: undefined, family_name: '', email: null })],
    ['no context', claims({ [CLAIM.context]: undefined })],
    [
      'null in vendor claims (Canvas)',
      claims({ [CLAIM.custom]: null, [CLAIM.rosterService]: null, 'https://x/y': null }),
    ],
    [
      'deep linking without a target',
      claims({
        [CLAIM.messageType]: 'LtiDeepLinkingRequest',
        [CLAIM.targetLinkUri]: undefined,
        [CLAIM.resourceLink]: undefined,
      }),
    ],
    [
      'a target that differs in its last slash only',
      someEvidence(
        { login: { ...login, targetLinkUri: ORIGIN } },
        someClaims({ [CLAIM.targetLinkUri]: `${ORIGIN}/` }),
      ),
    ],
  ])('%s', (_what, evidence) => {
    expect(refusals(evidence)).toEqual([]);
  });
});

describe('a registration that came without a deployment', () => {
  const learning = aPlatform({ deployments: 'learn', deploymentIds: [] });
  test.each(['instructor', 'administrator'] as const)('learns it from the launch of an %s', (role) => {
    expect(refusals(someEvidence({ platform: learning, role }))).toEqual([]);
  });

  test.each(['learner', 'mentor', 'none'] as const)('does not learn it from role %s', (role) => {
    const evidence = someEvidence(
      { platform: learning, role },
      someClaims({ [CLAIM.roles]: [ROLE.learner] }),
    );
    expect(refusals(evidence)).toEqual(['13 lti_deployment_not_opened']);
  });
});
