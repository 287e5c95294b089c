import { describe, expect, test } from '@jest/globals';
import { CLAIM } from '../../src/lti/claims.ts';
import { isOwnPage, isPinned } from '../../src/lti/hosts.ts';
import { parseLaunch } from '../../src/lti/launch.ts';
import { completePlatform } from '../../src/lti/platforms.ts';
import { familyOfIssuer, profileOf } from '../../src/lti/profiles.ts';
import { readConfiguration } from '../../src/lti/registration/configuration.ts';
import { aPlatform, ltiConfig, someClaims } from './support/builders.ts';

const hostedCanvas = {
  issuer: 'https://canvas.instructure.com',
  clientId: '10000000000001',
  authUrl: 'https://sso.canvaslms.com/api/lti/authorize_redirect',
  tokenUrl: 'https://sso.canvaslms.com/login/oauth2/token',
  jwksUrl: 'https://sso.canvaslms.com/api/lti/security/jwks',
};

describe('each platform has its profile', () => {
  test.each([
    ['moodle', 'Moodle', 'told'],
    ['canvas', 'Canvas', 'told'],
    ['openedx', 'Open edX', 'told'],
    ['blackboardlearn', 'Blackboard', 'probe'],
    ['desire2learn', 'Brightspace', 'told'],
    ['schoology', 'Schoology', 'told'],
    ['sakai', 'Sakai', 'told'],
    ['never-heard-of', 'LTI 1.3', 'told'],
  ])('%s is %s, whose storage is %s', (family, name, storage) => {
    expect(profileOf(family)).toMatchObject({ name, storage });
  });

  test('by its shared issuer where it was entered by hand', () => {
    expect(familyOfIssuer('https://canvas.beta.instructure.com')).toBe('canvas');
    expect(familyOfIssuer('https://blackboard.com')).toBe('blackboardlearn');
    expect(familyOfIssuer('https://moodle.school.example')).toBe('unknown');
  });
});

describe('hosted Canvas, whose pages and services are on each school’s host', () => {
  const platform = completePlatform(hostedCanvas);
  test.each([
    ['https://school.instructure.com/api/lti/courses/1/names_and_roles', true],
    ['https://school.instructure.com.evil.example/', false],
    ['https://instructure.com.evil.example/', false],
    ['https://evilinstructure.com/', false],
    ['https://sso.canvaslms.com/x', true],
    ['https://other.canvaslms.com/x', false],
    ['no address', false],
  ])('%s is pinned: %s', (address, pinned) => {
    expect(isPinned(platform, address)).toBe(pinned);
  });

  test('may frame our pages from there, and from nowhere else', () => {
    expect(isOwnPage(platform, 'https://school.instructure.com/courses/1')).toBe(true);
    expect(isOwnPage(platform, 'http://school.instructure.com/courses/1')).toBe(false);
    expect(isOwnPage(platform, 'https://evil.example/?.instructure.com')).toBe(false);
  });

  test('has its roster read', () => {
    const url = 'https://school.instructure.com/api/lti/courses/1/names_and_roles';
    const claims = someClaims({ [CLAIM.rosterService]: { context_memberships_url: url } });
    const { services } = parseLaunch(claims, aPlatform(platform), {
      roles: ltiConfig.roles,
      allowPrivateNetwork: false,
    });
    expect(services.membershipsUrl).toBe(url);
  });

  const configuration = (change: Record<string, unknown> = {}) => ({
    status: 200,
    headers: {},
    text: JSON.stringify({
      issuer: hostedCanvas.issuer,
      authorization_endpoint: hostedCanvas.authUrl,
      token_endpoint: hostedCanvas.tokenUrl,
      jwks_uri: hostedCanvas.jwksUrl,
      registration_endpoint: 'https://school.instructure.com/api/lti/registrations',
      authorization_server: 'sso.canvaslms.com',
      'https://purl.imsglobal.org/spec/lti-platform-configuration': { product_family_code: 'canvas' },
      ...change,
    }),
  });

  test('registers from a school’s host, and wants its token address as audience', () => {
    const from = 'https://school.instructure.com/api/lti/security/openid-configuration';
    expect(readConfiguration(from, configuration(), false)).toMatchObject({
      issuer: hostedCanvas.issuer,
      tokenAudience: hostedCanvas.tokenUrl,
      family: 'canvas',
    });
  });

  test('is not spoken for by a host that only looks like one of its own', () => {
    for (const host of ['instructure.com.evil.example', 'evil.example', 'evilinstructure.com'])
      expect(() => readConfiguration(`https://${host}/c`, configuration(), false)).toThrow(
        'lti_registration_issuer',
      );
  });
});

test('Brightspace has an audience of its own, unless it says another', () => {
  const brightspace = { ...hostedCanvas, issuer: 'https://school.brightspace.com', family: 'desire2learn' };
  expect(completePlatform(brightspace).tokenAudience).toBe('https://api.brightspace.com/auth/token');
  expect(completePlatform({ ...brightspace, tokenAudience: 'x' }).tokenAudience).toBe('x');
});

test('a self-hosted Canvas gets none of the cloud’s hosts', () => {
  const own = completePlatform({
    ...hostedCanvas,
    issuer: 'https://canvas.school.example',
    family: 'canvas',
  });
  expect([...own.serviceHosts, ...own.frameOrigins].join()).not.toContain('instructure.com');
});
