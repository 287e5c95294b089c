import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { CourseScope } from '../../src/scope.ts';
import { openCourse, type TestCourse } from '../group/course.ts';

let house: TestCourse;
let scope: CourseScope;

beforeAll(async () => {
  house = await openCourse();
});
afterAll(async () => {
  await house.jobs.stop();
  await house.database.close();
});
beforeEach(async () => {
  scope = await house.begin();
});
const told = (dedupeKey: string, more: object = {}) => ({
  ...{ kind: 'placed', to: ['ada', 'bola'], params: { group: 'Group 1' }, dedupeKey },
  ...more,
});
const read = async (personId: string, version = 1) =>
  (await house.notices.unread(scope, personId, version)).map(({ dedupeKey }) => dedupeKey);

describe('notices', () => {
  it('are told once each, and of an act only from its version on', async () => {
    await house.notices.notify(scope, [told('a'), told('b', { fromVersion: 2 })]);
    await house.notices.notify(scope, [told('a')]);
    expect([await read('ada'), await read('chidi')]).toEqual([['a'], []]);
    expect((await read('ada', 2)).toSorted()).toEqual(['a', 'b']);
  });

  it('are gone for everybody once what they are about will not be, also where they are told again', async () => {
    await house.notices.notify(scope, [told('a', { about: 'move' }), told('b')]);
    await house.notices.withdraw(scope, 'move');
    await house.notices.notify(scope, [told('a', { about: 'move' })]);
    expect([await read('ada'), await read('bola')]).toEqual([['b'], ['b']]);
  });

  it('are put away by their reader alone', async () => {
    await house.notices.notify(scope, [told('a')]);
    const [own] = await house.notices.unread(scope, 'ada', 1);
    expect(await house.notices.dismiss(scope, 'bola', own?.id ?? '')).toBe(false);
    expect(await house.notices.dismiss(scope, 'ada', own?.id ?? '')).toBe(true);
    expect([await read('ada'), await read('bola')]).toEqual([[], ['a']]);
  });

  it('are forgotten after their time, by an index, not by reading all there are', async () => {
    await house.notices.notify(scope, [told('old')]);
    house.setClock('2026-11-05T08:00:00Z');
    await house.notices.notify(scope, [told('new')]);
    await house.notices.sweep(new Date('2026-11-04T08:00:00Z'));
    expect(await read('ada')).toEqual(['new']);
    const indexes = await house.database.connection.collection('notices').indexes();
    expect(indexes.map(({ key }) => key as object)).toContainEqual({ createdAt: 1 });
  });
});
