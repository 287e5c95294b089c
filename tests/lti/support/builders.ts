import { readFileSync } from 'node:fs';
import type { LtiConfig } from '../../../src/config.ts';
import { CLAIM, type Claims } from '../../../src/lti/claims.ts';
import type { Evidence } from '../../../src/lti/guard/evidence.ts';
import { completePlatform, type Platform } from '../../../src/lti/platforms.ts';

export const ORIGIN = 'http://localhost:3000';
export const NOW = new Date('2026-11-24T09:00:00Z');
export const nowSeconds = NOW.getTime() / 1000;

const root = new URL('../../../', import.meta.url);
export const ltiConfig = JSON.parse(readFileSync(new URL('lti-config.json', root), 'utf8')) as LtiConfig;

/** A recording of a real Moodle 4.5. */
export function moodle(name: string): { claims: Record<string, unknown>; body: Record<string, unknown> } {
  return JSON.parse(readFileSync(new URL(`tests/fixtures/moodle-4.5/${name}.json`, root), 'utf8')) as never;
}

export function aPlatform(change: Partial<Platform> = {}): Platform {
  return {
    ...completePlatform({
      issuer: 'https://lms.example.org',
      clientId: 'client-1',
      authUrl: 'https://lms.example.org/auth',
      tokenUrl: 'https://lms.example.org/token',
      jwksUrl: 'https://lms.example.org/jwks',
      deploymentIds: ['1'],
    }),
    id: 'platform-1',
    keyId: 'key-1',
    createdAt: NOW,
    ...change,
  };
}

export const ROLE = {
  instructor: 'http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor',
  learner: 'http://purl.imsglobal.org/vocab/lis/v2/membership#Learner',
  assistant: 'http://purl.imsglobal.org/vocab/lis/v2/membership/Instructor#TeachingAssistant',
  admin: 'http://purl.imsglobal.org/vocab/lis/v2/institution/person#Administrator',
};

/** Claims of a good resource link launch; a change of undefined takes the claim out. */
export function someClaims(change: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  const claims: Record<string, unknown> = {
    iss: 'https://lms.example.org',
    aud: 'client-1',
    sub: 'person-1',
    iat: nowSeconds,
    exp: nowSeconds + 60,
    nonce: 'nonce-1',
    name: 'Ada Obi',
    given_name: 'Ada',
    family_name: 'Obi',
    email: 'ada@example.org',
    [CLAIM.version]: '1.3.0',
    [CLAIM.messageType]: 'LtiResourceLinkRequest',
    [CLAIM.deploymentId]: '1',
    [CLAIM.targetLinkUri]: `${ORIGIN}/lti/launch`,
    [CLAIM.resourceLink]: { id: 'link-1', title: 'My Peer Group' },
    [CLAIM.roles]: [ROLE.learner],
    [CLAIM.context]: { id: 'course-1', label: 'DS', title: 'Data Science' },
    ...change,
  };
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== undefined));
}

/** What a good launch shows to the checks. */
export function someEvidence(change: Partial<Evidence> = {}, claims: Claims = someClaims()): Evidence {
  return {
    login: {
      standing: 'fresh',
      browser: 'same',
      nonce: 'nonce-1',
      targetLinkUri: `${ORIGIN}/lti/launch`,
      issuer: 'https://lms.example.org',
    },
    platform: aPlatform(),
    header: { alg: 'RS256', kid: 'k1' },
    claims,
    role: 'learner',
    key: 'known',
    signature: 'valid',
    origin: ORIGIN,
    nowSeconds,
    ...change,
  };
}
