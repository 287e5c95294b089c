import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { courseIdOf } from '../../src/course/identity.ts';
import { enqueueSync } from '../../src/course/roster/sync.job.ts';
import { createGradebook } from '../../src/lti/services/gradebook.ts';
import { createServiceClient } from '../../src/lti/services/service-client.ts';
import { type CourseScope, courseScope } from '../../src/scope.ts';
import { type House, openHouse } from '../support/house.ts';

/** What the operator ended: a course of it is there still, with all that its launches told of the LMS's services. */
let house: House;
let platformId: string;
let deploymentId: string;
let scope: CourseScope;
beforeAll(async () => {
  house = await openHouse();
  await house.lms.addCourse('c1');
  await house.lms.addPerson('c1', { id: 'chidi', name: 'Chidi', role: 'instructor' });
  await house.lms.addPerson('c1', { id: 'ada', name: 'Ada' });
  await house.open('chidi', 'c1');
  const [platform] = await house.services.door.platforms.list();
  platformId = platform?.id ?? '';
  deploymentId = platform?.deploymentIds[0] ?? '';
  scope = courseScope(courseIdOf(platformId, deploymentId, 'c1'));
});
afterAll(() => house.close());
beforeEach(() => house.lms.behaviour.reset());

async function syncEnd(): Promise<[state: string | undefined, code: string | null | undefined]> {
  const { jobs } = house.services;
  const { jobId } = await enqueueSync(jobs, scope, { mayVanish: 0 });
  await jobs.runDue();
  const job = await jobs.find(scope, jobId);
  return [job?.state, job?.errorCode];
}
async function columnOf(): Promise<string> {
  const course = await house.services.course.courses.select(scope);
  const spec = { resourceId: 'r', tag: 't', label: 'Label', scoreMaximum: 100 };
  const { door, log, clock } = house.services;
  const signingKey = (id: string) => door.signingKey(id);
  const { platforms } = door;
  const client = createServiceClient({ platforms, signingKey, allowPrivateNetwork: true, log, clock });
  return createGradebook(client)
    .selectLineItem(platformId, course.services, spec, null)
    .catch((error: unknown) => (error as { code: string }).code);
}
const words = (room: string, code: string): unknown =>
  (JSON.parse(readFileSync(`locales/en/${room}.json`, 'utf8')) as { errors: Record<string, string> }).errors[
    code
  ];

describe('the roster and the gradebook of a course', () => {
  test('are reached while its platform is on', async () => {
    expect(await syncEnd()).toEqual(['done', null]);
    expect(await columnOf()).toMatch(/^http/);
  });

  test('are not asked for any more once its platform is switched off, and pages say why', async () => {
    await house.services.door.operator.setState('command', platformId, 'disabled');
    expect(await syncEnd()).toEqual(['failed', 'service_platform_off']);
    expect(await columnOf()).toBe('service_platform_off');
    expect(house.lms.behaviour.requests).toMatchObject({ members: 0, lineitems: 0, token: 0 });
    await house.services.door.operator.setState('command', platformId, 'active');
  });

  test('are not asked for any more once its deployment is revoked, and pages say why', async () => {
    await house.services.door.operator.revoke('command', platformId, deploymentId);
    expect(await syncEnd()).toEqual(['failed', 'service_deployment_revoked']);
    expect(await columnOf()).toBe('service_deployment_revoked');
    expect(house.lms.behaviour.requests).toMatchObject({ members: 0, lineitems: 0, token: 0 });
  });

  test.each(['service_platform_off', 'service_deployment_revoked'])('%s has words for staff', (code) => {
    for (const room of ['course', 'grades']) expect(words(room, code)).toMatch(/people who run/);
  });
});
