import type { LtiConfig } from '../config.ts';
import type { LtiRole } from './types.ts';

/** Role vocabularies: https://www.imsglobal.org/spec/lti/v1p3/#role-vocabularies */
const CONTEXT_ROLE = /^http:\/\/purl\.imsglobal\.org\/vocab\/lis\/v2\/membership(\/|#)/;
const SUB_ROLE = /^(http:\/\/purl\.imsglobal\.org\/vocab\/lis\/v2\/membership)\/([A-Za-z]+)#/;
const INSTRUCTOR_SUB_ROLE = /^http:\/\/purl\.imsglobal\.org\/vocab\/lis\/v2\/membership\/Instructor#/;
const TEST_USER = 'http://purl.imsglobal.org/vocab/lti/system/person#TestUser';

/**
 * Reduces LTI roles (full addresses and short names, in a launch or a roster) to one of ours.
 * The highest context role wins, but a teaching assistant is a mentor although the sub-role brings its principal
 * role, Instructor, along. An administrator without a role in the course is no course staff. All else, an empty
 * or missing list included, is 'none'.
 */
export function rolesToLtiRole(roles: readonly string[], mapping: LtiConfig['roles']): LtiRole {
  const given = new Set(roles.map(normalised).filter((role) => role !== ''));
  const all = new Set([...given, ...[...given].flatMap(principalOf)]);
  const has = (names: readonly string[]) => names.some((name) => all.has(name));

  const assists = [...given].some((role) => mapping.mentor.includes(role) && isAssistant(role));
  const teachesToo = [...given].some(
    (role) => INSTRUCTOR_SUB_ROLE.test(role) && !mapping.mentor.includes(role),
  );
  if (has(mapping.instructor) && (!assists || teachesToo)) return 'instructor';
  if (has(mapping.mentor)) return 'mentor';
  if (has(mapping.learner)) return 'learner';
  const otherContextRole = [...given].some(
    (role) => isContextRole(role) && !mapping.administrator.includes(role),
  );
  return has(mapping.administrator) && !otherContextRole ? 'administrator' : 'none';
}

/** True for a preview or test user (Blackboard's preview user, Canvas's test student). */
export function isTestUser(roles: readonly string[]): boolean {
  return roles.map(normalised).includes(TEST_USER);
}

/** Moodle's roster uses short names, older platforms LTI 1.1's urn. */
function normalised(role: string): string {
  return role
    .trim()
    .replace(/^https:/, 'http:')
    .replace(/^urn:lti:role:ims\/lis\//, '');
}

function principalOf(role: string): string[] {
  const [, vocabulary, principal] = SUB_ROLE.exec(role) ?? [];
  return vocabulary === undefined || principal === undefined ? [] : [`${vocabulary}#${principal}`];
}

function isAssistant(role: string): boolean {
  return INSTRUCTOR_SUB_ROLE.test(role) || role === 'TeachingAssistant';
}

function isContextRole(role: string): boolean {
  return CONTEXT_ROLE.test(role) || !role.includes(':');
}
