import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { createGradebook } from '../../../src/lti/services/gradebook.ts';
import type { CourseServices, Gradebook, ScoreToPost } from '../../../src/lti/types.ts';
import {
  ALL_SCOPES,
  refusal,
  type ScriptedPlatform,
  startScriptedPlatform,
} from './support/scripted-platform.ts';

const SPEC = {
  resourceId: 'participation',
  tag: 'participation',
  label: 'Peer participation',
  scoreMaximum: 100,
};
const QUERY = 'resource_id=participation&tag=participation';
const MOODLE = '/mod/lti/services.php/2/lineitems';

let lms: ScriptedPlatform;
let gradebook: Gradebook;
beforeEach(async () => {
  lms = await startScriptedPlatform();
  gradebook = createGradebook(lms.client);
});
afterEach(() => lms.close());

const without = (...names: string[]): CourseServices =>
  lms.services({ scopes: ALL_SCOPES.filter((scope) => !names.some((name) => scope.endsWith(`/${name}`))) });
const select = (services = lms.services(), known: string | null = null) =>
  gradebook.selectLineItem(lms.platform.id, services, SPEC, known);
const item = (id: string, change: object = {}) => ({ ...SPEC, id: `${lms.url}${id}`, ...change });

describe('The line item', () => {
  test('posted to before is taken where it is still there, whatever a further link brings', async () => {
    lms.script('GET /items/1?t=1', { body: item('/items/1?t=1') });
    const services = lms.services({ lineItemUrl: `${lms.url}/items/2` });
    expect(await select(services, `${lms.url}/items/1?t=1`)).toBe(`${lms.url}/items/1?t=1`);
    expect(lms.calls()).toEqual(['GET /items/1?t=1']);
  });

  test("is the launch's own where none was known", async () => {
    lms.script('GET /items/2', { body: item('/items/2') });
    expect(await select(lms.services({ lineItemUrl: `${lms.url}/items/2` }))).toBe(`${lms.url}/items/2`);
  });

  test('is searched by resourceId and tag over all pages, comparing here too, before one is created', async () => {
    const others = [item('/a', { tag: 'other' }), item('/b', { resourceId: '' }), item('/c', { tag: null })];
    lms.script(`GET /items?type_id=1&${QUERY}`, {
      // Moodle's own way to write it.
      headers: { link: '</items?type_id=1&amp;from=3>; rel=\u201cnext\u201d' },
      body: others,
    });
    lms.script('GET /items?type_id=1&from=3', { body: [item('/items/9')] });
    expect(await select()).toBe(`${lms.url}/items/9`);
  });

  test('is created where it is nowhere, also after the one we knew was deleted', async () => {
    lms.script('GET /items/1', { status: 404 });
    lms.script(`GET /items?type_id=1&${QUERY}`, { body: [] });
    lms.script('POST /items?type_id=1', { status: 201, body: item('/items/3') });
    expect(await select(lms.services(), `${lms.url}/items/1`)).toBe(`${lms.url}/items/3`);
    const sent = lms.asked.at(-1);
    expect(JSON.parse(sent?.body ?? '')).toEqual(SPEC);
    expect(sent?.headers['content-type']).toBe('application/vnd.ims.lis.v2.lineitem+json');
  });

  test('created without a body in the answer is found', async () => {
    lms.script(`GET /items?type_id=1&${QUERY}`, { body: [] }, { body: [item('/items/3')] });
    lms.script('POST /items?type_id=1', { status: 201, body: '' });
    expect(await select()).toBe(`${lms.url}/items/3`);
  });

  test.each([
    ['foreign', 'http://other.example/items', 'permanent grades_next_foreign'],
    ['endless', '?type_id=1&resource_id=participation&tag=participation', 'permanent grades_pages_endless'],
  ])('is not created after a search cut short (%s next page)', async (_title, next, expected) => {
    lms.script(`GET /items?type_id=1&${QUERY}`, { headers: { link: `<${next}>; rel="next"` }, body: [] });
    expect(await refusal(select())).toBe(expected);
    expect(lms.calls()).toHaveLength(1);
  });

  test('is not looked for on a platform that is away', async () => {
    lms.script('GET /items/1', { status: 503 });
    expect(await refusal(select(lms.services(), `${lms.url}/items/1`))).toBe('retry service_failed');
  });

  test('that we may neither read nor create is taken on trust, or refused in words where none is named', async () => {
    const services = without('lineitem', 'lineitem.readonly');
    expect(await select(services, `${lms.url}/items/1`)).toBe(`${lms.url}/items/1`);
    expect(await refusal(select(services))).toBe('permanent grades_no_line_item');
    expect(lms.asked).toHaveLength(0);
  });

  test('is read by the reading scope alone where only that is granted', async () => {
    lms.script(`GET /items?type_id=1&${QUERY}`, { body: [item('/items/9')] });
    await select(without('lineitem'));
    expect(new URLSearchParams(lms.asked[0]?.body).get('scope')).toMatch(/lineitem\.readonly$/);
    lms.script(`GET /items?type_id=1&${QUERY}`, { body: [] });
    expect(await refusal(select(without('lineitem')))).toBe('permanent grades_no_line_item');
  });

  test("is found and created against Moodle's recordings", async () => {
    lms.replay('ags-lineitems');
    const [created] = lms.replay('ags-lineitem-create');
    lms.script(`GET ${MOODLE}?type_id=1&${QUERY}`, {
      body: (lms.replay('ags-lineitems')[0] ?? { body: [] }).body,
    });
    const url = await select(lms.services({ lineItemsUrl: `${lms.url}${MOODLE}?type_id=1` }));
    expect(url).toBe(`${lms.url}${MOODLE}/3/lineitem?type_id=1`);
    expect(JSON.parse(lms.asked.at(-1)?.body ?? '')).toEqual(JSON.parse(created?.sent ?? ''));
  });
});

describe('A result', () => {
  const find = (services = lms.services(), sub = '5') =>
    gradebook.findResult(lms.platform.id, services, `${lms.url}${MOODLE}/3/lineitem?type_id=1`, sub);
  const ADDRESS = `GET ${MOODLE}/3/lineitem/results?type_id=1&user_id=5`;

  test("is read as Moodle's recording has it, by path before the query and without a limit", async () => {
    const results = lms.replay('ags-scores').find(({ url }) => url.includes('/results'));
    lms.script(ADDRESS, { body: results?.body });
    expect(await find()).toEqual({ resultScore: 91, resultMaximum: 100, comment: 'Attendance 9/10' });
    expect(lms.calls()).toEqual([ADDRESS]);
    expect(lms.asked.at(-1)?.headers.accept).toBe('application/vnd.ims.lis.v2.resultcontainer+json');
  });

  test.each([
    ['no row', []],
    ['a row without a score, as Moodle gives a zero', [{ userId: '5' }]],
    ['a row with null', [{ userId: 5, resultScore: null, resultMaximum: null }]],
    ['another person alone, from a platform that does not filter', [{ userId: '6', resultScore: 3 }]],
  ])('of %s is no grade', async (_title, body) => {
    lms.script(ADDRESS, { body });
    expect(await find()).toMatchObject({ resultScore: null });
  });

  test('is found on a later page of a platform that does not filter', async () => {
    const link = `<${lms.url}/results?page=2>; rel="next"`;
    lms.script(ADDRESS, { headers: { link }, body: [{ userId: '6', resultScore: 3 }] });
    lms.script('GET /results?page=2', { body: [{ userId: '5', resultScore: '7.5', resultMaximum: 10 }] });
    expect(await find()).toMatchObject({ resultScore: 7.5, resultMaximum: 10 });
  });

  test('that the platform does not know is no grade', async () => {
    lms.script(ADDRESS, { status: 404 });
    expect(await find()).toMatchObject({ resultScore: null });
  });

  test('that we may not read is null, and not asked for', async () => {
    expect(await find(without('result.readonly'))).toBeNull();
    expect(lms.asked).toHaveLength(0);
  });
});

describe('A score', () => {
  const SCORE: ScoreToPost = {
    sub: '5',
    scoreGiven: 200 / 3,
    scoreMaximum: 100,
    comment: null,
    timestamp: new Date('2026-11-24T09:00:00.250Z'),
  };
  const post = (change: Partial<ScoreToPost> = {}, services = lms.services()) =>
    gradebook.postScore(lms.platform.id, services, `${lms.url}/items/3?type_id=1`, { ...SCORE, ...change });
  const sent = () => JSON.parse(lms.asked.at(-1)?.body ?? '') as Record<string, unknown>;

  test('is final, of at most five decimals, with its person, its time and its media type', async () => {
    lms.script('POST /items/3/scores?type_id=1', { status: 200, body: '' });
    await post();
    expect(sent()).toMatchObject({
      userId: '5',
      scoreGiven: 66.66667,
      scoreMaximum: 100,
      timestamp: '2026-11-24T09:00:00.250Z',
      gradingProgress: 'FullyGraded',
    });
    expect(typeof sent()['activityProgress']).toBe('string');
    expect(lms.asked.at(-1)?.headers['content-type']).toBe('application/vnd.ims.lis.v1.score+json');
  });

  test("leaves an instructor's grade on Canvas but where staff ordered otherwise, and makes no attempt", async () => {
    const canvas = 'https://canvas.instructure.com/lti/submission';
    lms.script('POST /items/3/scores?type_id=1', { status: 200 });
    await post();
    expect(sent()[canvas]).toMatchObject({ new_submission: false, prioritize_non_tool_grade: true });
    await post({ overStaff: true });
    expect(sent()[canvas]).toMatchObject({ new_submission: false, prioritize_non_tool_grade: false });
  });

  test('is not posted where the platform did not grant it', async () => {
    expect(await refusal(post({}, without('score')))).toBe('permanent grades_scope_missing');
    expect(lms.asked).toHaveLength(0);
  });

  test("is taken and refused as in Moodle's recordings", async () => {
    const recordings = lms.replay('ags-scores').filter(({ method }) => method === 'POST');
    const outcomes: string[] = [];
    for (const { sent: body } of recordings) {
      const { userId, scoreGiven } = JSON.parse(body ?? '') as { userId: string; scoreGiven: number };
      outcomes.push(
        await refusal(
          gradebook.postScore(lms.platform.id, lms.services(), `${lms.url}${MOODLE}/3/lineitem?type_id=1`, {
            ...SCORE,
            sub: userId,
            scoreGiven,
          }),
        ),
      );
    }
    expect(outcomes).toEqual([
      'none',
      'conflict service_timestamp',
      'none',
      'retry service_failed',
      'conflict service_timestamp',
      'permanent service_not_understood',
      'conflict service_timestamp',
      'permanent service_token_refused',
    ]);
  });
});
