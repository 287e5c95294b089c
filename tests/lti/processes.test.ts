import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { startFleet, type Fleet } from './support/fleet.ts';
import { startLocalPlatform, type LocalPlatform } from './support/local-platform.ts';

let fleet: Fleet;
let lms: LocalPlatform;
beforeAll(async () => {
  [fleet, lms] = await Promise.all([startFleet(2), startLocalPlatform()]);
  await fleet.install(lms);
});
afterAll(async () => {
  await fleet.close();
  await lms.close();
});

const count = (statuses: readonly number[], status: number) =>
  statuses.filter((one) => one === status).length;

describe('two processes behind one address', () => {
  test('take 200 launches at once without an error, each beginning in one and ending in any', async () => {
    const answers = await Promise.all(Array.from({ length: 200 }, () => fleet.launch(lms)));
    expect(
      count(
        answers.map(({ status }) => status),
        303,
      ),
    ).toBe(200);
    expect(new Set(answers.map(({ headers }) => headers.get('location'))).size).toBe(200);
    // Any process serves any session.
    for (const answer of answers.slice(0, 10)) expect(await fleet.pagesOf(answer)).toEqual([200, 200]);
  });

  test('let one of two launches in that bring the same state at the same instant, one to each', async () => {
    for (let round = 0; round < 20; round += 1) {
      const begun = await fleet.login(lms);
      const answers = await Promise.all([0, 1, 0, 1].map((to) => fleet.post(lms, begun, {}, to)));
      expect(answers.map(({ status }) => status).sort()).toEqual([303, 401, 401, 401]);
    }
  });

  test('follow a platform that rotates its keys, each by itself', async () => {
    for (const to of [0, 1]) expect((await fleet.post(lms, await fleet.login(lms), {}, to)).status).toBe(303);
    lms.rotateKeys();
    for (const to of [0, 1]) expect((await fleet.post(lms, await fleet.login(lms), {}, to)).status).toBe(303);
  });
});

describe('a process that is killed in the middle of a launch', () => {
  let release = () => {};
  afterEach(() => release());

  test('leaves nothing half done: the state is used up, no session is open, and the next launch works', async () => {
    const other = await startLocalPlatform();
    await fleet.install(other);
    const begun = await fleet.login(other);
    const sessions = (await fleet.rows('sessions')).length;
    // The launch has used its login up and waits for the platform's keys.
    const asked = new Promise<void>((reached) => {
      other.answers['/jwks'] = () => {
        reached();
        return new Promise((resolve) => (release = () => resolve({ status: 503 })));
      };
    });
    const cut = fleet.post(other, begun, {}, 0).then(
      ({ status }) => status,
      () => 'cut off',
    );
    await asked;
    await fleet.kill(0);
    expect(await cut).toBe('cut off');
    expect((await fleet.rows('sessions')).length).toBe(sessions);

    expect((await fleet.post(other, begun)).status).toBe(401);
    expect((await fleet.launch(lms)).status).toBe(303);
    await other.close();
  });
});
