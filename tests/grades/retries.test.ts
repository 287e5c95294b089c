import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type GradedGroup, LATER, openGrades, type TestGrades } from './support/course.ts';

let house: TestGrades;
let course: GradedGroup;

beforeAll(async () => {
  house = await openGrades();
});
afterAll(() => house.end());
beforeEach(async () => {
  course = await house.openGroup(3);
});

describe('the retry table', () => {
  beforeEach(async () => {
    await course.meet('2026-11-07T15:00:00Z');
    house.pass(0);
  });
  const THROTTLED = '403 Forbidden (Rate Limit Exceeded)';

  it.each([
    ['429', { status: 429 }, 'service_busy'],
    ['403 as Canvas throttles', { status: 403, body: THROTTLED }, 'service_busy'],
    ['503', { status: 503 }, 'service_failed'],
    ['500', { status: 500 }, 'service_failed'],
    ['a connection that breaks', { manner: 'drop' as const }, 'service_unreachable'],
  ])('%s passes by itself', async (_what, fault, code) => {
    house.lms.fail('scores', fault, { sub: course.sub(0) });
    await course.post();
    expect(await course.isActive()).toBe(true);
    expect([await course.failure(), (await course.row(0))['reason']]).toContain(code);
    house.pass(120);
    await course.goOn();
    expect(await course.states()).toEqual(['posted', 'posted', 'posted']);
    expect(await course.isActive()).toBe(false);
  });

  it("waits as long as the LMS's Retry-After asks, and touches nobody before", async () => {
    house.lms.fail('scores', { status: 429, headers: { 'retry-after': '300' } }, { times: 1 });
    await course.post();
    const posted = house.lms.posted.length;
    house.pass(290);
    await course.goOn();
    expect(house.lms.posted).toHaveLength(posted);
    house.pass(310);
    await course.goOn();
    expect(await course.states()).toEqual(['posted', 'posted', 'posted']);
  });

  it.each([
    [400, 'service_not_understood'],
    [404, 'service_gone'],
    [422, 'service_person_not_gradable'],
    [403, 'service_forbidden'],
    [418, 'service_refused'],
  ])('%i is refused as "%s", and the others are posted', async (status, reason) => {
    house.lms.fail('scores', { status }, { sub: course.sub(1) });
    await course.post();
    expect(await course.row(1)).toMatchObject({ state: 'refused', reason });
    expect(await course.states()).toEqual(['posted', 'refused', 'posted']);
    expect(await course.isActive()).toBe(false);
    await course.post();
    expect(await course.states()).toEqual(['posted', 'posted', 'posted']);
  });

  it.each([
    ['Moodle', { status: 409, body: '[]' }],
    ['Canvas', { status: 400, body: 'timestamp is older than the one stored' }],
  ])('a timestamp that %s finds too old is made newer at once', async (_platform, fault) => {
    house.lms.fail('scores', fault, { sub: course.sub(0) });
    await course.post();
    expect(course.posts(0)).toEqual([[100, new Date(LATER).toISOString(), 200]]);
    expect(await course.states()).toEqual(['posted', 'posted', 'posted']);
  });

  it('a timestamp that is too old each time is given up after a while, with a reason', async () => {
    house.lms.fail('scores', { status: 409 }, { sub: course.sub(0), times: 1_000 });
    await course.post();
    for (let minute = 1; minute < 40 && (await course.row(0))['state'] === 'waiting'; minute += 1) {
      house.pass(minute * 60);
      await course.goOn();
    }
    expect(await course.row(0)).toMatchObject({ state: 'refused', reason: 'service_timestamp' });
  });

  it('a person at whom the LMS breaks down is given up after five tries, and nobody waits for them', async () => {
    house.lms.unknown.add(course.sub(0));
    await course.post();
    expect((await course.states()).slice(1)).toEqual(['posted', 'posted']);
    for (let minute = 1; minute < 40 && (await course.row(0))['state'] === 'waiting'; minute += 1) {
      house.pass(minute * 60);
      await course.goOn();
    }
    expect(await course.row(0)).toMatchObject({ state: 'refused', reason: 'service_failed' });
    expect(course.posts(0)).toHaveLength(5);
    expect(await course.isActive()).toBe(false);
  });

  it('a network that breaks at one grade again and again costs it no attempt', async () => {
    house.lms.fail('scores', { manner: 'drop' }, { sub: course.sub(0), times: 12 });
    await course.post();
    for (let minute = 1; minute <= 60; minute += 6) {
      house.pass(minute * 60);
      await course.goOn();
    }
    expect(await course.row(0)).toMatchObject({ state: 'waiting', attempts: 0 });
    house.lms.heal();
    house.pass(7_200);
    await course.goOn();
    expect(await course.states()).toEqual(['posted', 'posted', 'posted']);
  });

  it('an LMS that is away for a day costs no grade: the line goes on by itself', async () => {
    house.lms.manners.down = true;
    await course.post();
    for (let hour = 1; hour <= 24; hour += 1) {
      house.pass(hour * 3_600);
      await course.goOn();
    }
    expect(await course.failure()).toBe('service_failed');
    expect(house.lms.posted).toHaveLength(0);
    house.lms.heal();
    house.pass(25 * 3_600);
    await course.goOn();
    expect(await course.states()).toEqual(['posted', 'posted', 'posted']);
  });

  it.each([
    ['the sign-in', 'token' as const, 400, 'service_token_refused'],
    ['the columns', 'items' as const, 403, 'service_forbidden'],
  ])(
    'a lasting refusal of %s stops the posting until staff post again',
    async (_what, service, status, code) => {
      course = await house.openGroup(2, service === 'token' ? { scopes: [] } : {});
      if (service === 'token') {
        await course.meet('2026-11-07T15:00:00Z');
        await course.post();
        expect(await course.failure()).toBe('grades_not_offered');
        return;
      }
      await course.meet('2026-11-07T15:00:00Z');
      house.lms.fail(service, { status }, { times: 1 });
      await course.post();
      expect(await course.failure()).toBe(code);
      expect(await course.isActive()).toBe(false);
      house.pass(3_600);
      await course.goOn();
      expect(house.lms.posted).toHaveLength(0);
      await course.post();
      expect(await course.states()).toEqual(['posted', 'posted']);
    },
  );
});
