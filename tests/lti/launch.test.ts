import { describe, expect, test } from '@jest/globals';
import { CLAIM } from '../../src/lti/claims.ts';
import { parseLaunch } from '../../src/lti/launch.ts';
import { aPlatform, ltiConfig, moodle, ROLE, someClaims } from './support/builders.ts';

const rules = { roles: ltiConfig.roles, allowPrivateNetwork: true };
const read = (change: Record<string, unknown>) => parseLaunch(someClaims(change), aPlatform(), rules);

describe('a recorded Moodle launch', () => {
  const platform = aPlatform({ id: 'moodle-1', serviceHosts: ['localhost:8081'] });
  const launch = parseLaunch(moodle('launch-resource-link-fellow001').claims, platform, rules);

  test('says who, where, in which role and in which frame', () => {
    expect(launch).toMatchObject({
      platformId: 'moodle-1',
      deploymentId: '1',
      messageType: 'LtiResourceLinkRequest',
      context: { id: '2', title: '3MTT Data Science (3MTT-DS)', label: '3MTT-DS' },
      person: { sub: '5', name: 'Fellow001 Fellow', email: 'fellow001@example.com' },
      role: 'learner',
      testUser: false,
      resourceLinkId: '1',
      locale: 'en',
      timeZone: 'Africa/Lagos',
    });
  });

  test('brings the roster and the gradebook of its course', () => {
    expect(launch.services.membershipsUrl).toMatch(/\/memberships$/);
    expect(launch.services.lineItemsUrl).toMatch(/\/2\/lineitems\?type_id=1$/);
    expect(launch.services.lineItemUrl).toMatch(/\/2\/lineitem\?type_id=1$/);
    expect(launch.services.scopes).toHaveLength(4);
  });

  test.each([
    ['launch-resource-link-cm1', 'instructor'],
    ['launch-resource-link-mentor1', 'instructor'],
    ['launch-deep-linking-cm1', 'instructor'],
  ])('%s is of an %s', (name, role) => {
    expect(parseLaunch(moodle(name).claims, platform, rules).role).toBe(role);
  });
});

describe('a launch', () => {
  test('has no service on a host that registration did not pin', () => {
    const launch = read({
      [CLAIM.rosterService]: { context_memberships_url: 'https://evil.example/members' },
    });
    expect(launch.services.membershipsUrl).toBeNull();
  });

  test('leaves out unresolved variables, keeps empty ones', () => {
    const custom = { id: '$Person.sourcedId', place: '', fee: '$5', zone: 7, __proto__: 'x' };
    expect(read({ [CLAIM.custom]: custom }).custom).toEqual({ place: '', fee: '$5' });
  });

  test('has null for names that are blank, unresolved or no text', () => {
    const { person } = read({ name: ' ', given_name: '$Person.name.given', family_name: 7, email: null });
    expect(person).toEqual({ sub: 'person-1', name: null, givenName: null, familyName: null, email: null });
  });

  test('cuts names to 255 characters and takes out what cannot be printed', () => {
    expect(read({ name: `A\u0000\ud800${'x'.repeat(300)}` }).person.name).toBe(`A  ${'x'.repeat(252)}`);
  });

  test.each([
    ['Africa/Lagos', 'Africa/Lagos'],
    ['99', null],
    ['not a zone', null],
  ])('reads the time zone %s as %s', (timezone, zone) => {
    expect(read({ [CLAIM.custom]: { timezone } }).timeZone).toBe(zone);
  });

  test.each([
    ['en_us', 'en-US'],
    ['pt_br', 'pt-BR'],
    ['no language', null],
  ])('reads the locale %s as %s', (locale, tag) => {
    expect(read({ [CLAIM.launchPresentation]: { locale } }).locale).toBe(tag);
  });

  test('has no return address that is a script', () => {
    const presentation = { return_url: 'javascript:alert(1)', document_target: 'popup' };
    expect(read({ [CLAIM.launchPresentation]: presentation })).toMatchObject({
      returnUrl: null,
    });
  });

  test('passes over nulls among roles', () => {
    expect(read({ [CLAIM.roles]: [null, ROLE.instructor] }).role).toBe('instructor');
  });
});
