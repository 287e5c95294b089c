import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { courseIdOf, personIdOf } from '../../src/course/identity.ts';
import { enqueueSync } from '../../src/course/roster/sync.job.ts';
import { type CourseScope, courseScope } from '../../src/scope.ts';
import { CLAIM } from '../../src/lti/claims.ts';
import { type House, openHouse } from '../support/house.ts';

const TEST_USER = 'http://purl.imsglobal.org/vocab/lti/system/person#TestUser';
type Member = { user_id: string; roles: string[] };

let house: House;
let scope: CourseScope;
let platformId: string;
beforeAll(async () => {
  house = await openHouse();
  await house.lms.addCourse('c1');
  await house.lms.addPerson('c1', { id: 'chidi', name: 'Chidi', role: 'instructor' });
  for (const id of ['ada', 'bola', 'preview']) await house.lms.addPerson('c1', { id, name: id });
  await house.open('chidi', 'c1');
  const [platform] = await house.services.door.platforms.list();
  platformId = platform?.id ?? '';
  scope = courseScope(courseIdOf(platformId, platform?.deploymentIds[0] ?? '', 'c1'));
});
afterAll(() => house.close());

const fellows = () => house.services.course.enrolments.count(scope, { state: 'active', role: 'fellow' });

test('a test student who launches (Canvas) is let in and is no fellow, so in no group and without a grade', async () => {
  house.lms.behaviour.spoil = (claims) => {
    claims[CLAIM.roles] = [...(claims[CLAIM.roles] as string[]), TEST_USER];
  };
  const { page } = await house.open('preview', 'c1');
  house.lms.behaviour.reset();
  expect(page.status).toBe(200);
  expect(await fellows()).toBe(0);
});

test('a preview user in the roster (Blackboard) is no fellow either, and the others are', async () => {
  house.lms.behaviour.rosterBody = (body) => ({
    ...body,
    members: (body['members'] as Member[]).map((member) =>
      member.user_id === 'preview' ? { ...member, roles: [...member.roles, TEST_USER] } : member,
    ),
  });
  await enqueueSync(house.services.jobs, scope, { mayVanish: 0 });
  await house.services.jobs.runDue();
  expect(await fellows()).toBe(2);
  const found = await house.services.course.enrolments.find(scope, personIdOf(platformId, 'preview'));
  expect(found?.role).not.toBe('fellow');
});
