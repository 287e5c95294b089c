import { describe, expect, test } from '@jest/globals';
import { isTestUser, rolesToLtiRole } from '../../src/lti/roles.ts';
import { ltiConfig, ROLE } from './support/builders.ts';

const CONTEXT = 'http://purl.imsglobal.org/vocab/lis/v2/membership';

describe('rolesToLtiRole', () => {
  test.each([
    ['instructor', [ROLE.instructor]],
    ['instructor', ['Instructor']],
    ['instructor', ['urn:lti:role:ims/lis/Instructor']],
    ['instructor', [ROLE.learner, ROLE.instructor]],
    ['instructor', [ROLE.instructor, `${CONTEXT}#Mentor`]],
    ['instructor', [`${CONTEXT}/Instructor#PrimaryInstructor`]],
    ['instructor', [ROLE.instructor, ROLE.assistant, `${CONTEXT}/Instructor#Lecturer`]],
    ['instructor', [ROLE.admin, ROLE.instructor]],
    ['mentor', [ROLE.instructor, ROLE.assistant]],
    ['mentor', [ROLE.assistant]],
    ['mentor', ['TeachingAssistant']],
    ['mentor', ['Instructor', 'TeachingAssistant']],
    ['mentor', [`${CONTEXT}#Mentor`, ROLE.learner]],
    ['learner', [ROLE.learner]],
    ['learner', ['Learner', ROLE.admin]],
    ['learner', [`${CONTEXT}/Learner#NonCreditLearner`]],
    ['administrator', [ROLE.admin]],
    ['administrator', ['http://purl.imsglobal.org/vocab/lis/v2/system/person#Administrator']],
    ['administrator', [`${CONTEXT}#Administrator`]],
    ['none', [ROLE.admin, `${CONTEXT}#ContentDeveloper`]],
    ['none', ['http://purl.imsglobal.org/vocab/lis/v2/institution/person#Instructor']],
    ['none', ['http://purl.imsglobal.org/vocab/lis/v2/institution/person#Student']],
    ['none', ['http://example.org/roles#Instructor']],
    ['none', ['instructor of nothing']],
    ['none', ['']],
    ['none', []],
  ] as const)('is %s for %j', (role, roles) => {
    expect(rolesToLtiRole(roles, ltiConfig.roles)).toBe(role);
  });
});

test('a preview user is recognised', () => {
  expect(isTestUser([ROLE.learner, 'http://purl.imsglobal.org/vocab/lti/system/person#TestUser'])).toBe(true);
  expect(isTestUser([ROLE.learner])).toBe(false);
});
