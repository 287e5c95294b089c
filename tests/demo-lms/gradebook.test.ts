import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AGS_SCOPE, MEDIA } from '../../src/demo-lms/protocol/vocabulary.ts';
import type { Answer } from './support/tool.ts';
import { openLms, type TestLms } from './support/lms.ts';

type Item = { id: string; label: string; resourceId: string; tag: string; resourceLinkId?: string };
type Result = { userId: string; resultScore?: number; resultMaximum?: number; comment?: string };
let house: TestLms;
let all: string;
let course = 0;

beforeAll(async () => {
  house = await openLms();
});
afterAll(() => house.close());
beforeEach(async () => {
  const { lms } = house;
  lms.behaviour.reset();
  course += 1;
  all = `${lms.url}/services/courses/c${course}/lineitems?type=1`;
  await lms.addCourse(`c${course}`);
  await lms.addPerson(`c${course}`, { id: 'chidi', name: 'Chidi', role: 'instructor' });
  await lms.addPerson(`c${course}`, { id: 'maryam', name: 'Maryam', role: 'mentor' });
  await lms.addPerson(`c${course}`, { id: 'ada', name: 'Ada' });
  await lms.addPerson(`c${course}`, { id: 'bola', name: 'Bola' });
});

const get = (url: string, accept: string): Promise<Answer> => house.tool.call(url, { headers: { accept } });
const send = (method: string, url: string, type: string, body: unknown): Promise<Answer> =>
  house.tool.call(url, { method, headers: { 'content-type': type }, body: JSON.stringify(body) });
const column = { label: 'Participation', scoreMaximum: 100, resourceId: 'p', tag: 'participation' };
const create = async (change: object = {}): Promise<Item> =>
  (await send('POST', all, MEDIA.lineItem, { ...column, ...change })).body as Item;
const below = (item: Item, part: string): string => item.id.replace('/lineitem?', `/lineitem/${part}?`);

/** A score at a time that is later with each call. */
let seconds = 0;
const score = (userId: string, change: object = {}) => ({
  userId,
  scoreGiven: 80,
  scoreMaximum: 100,
  activityProgress: 'InProgress',
  gradingProgress: 'FullyGraded',
  timestamp: new Date(house.now().getTime() + (seconds += 5) * 1_000).toISOString(),
  ...change,
});
const post = async (item: Item, body: unknown): Promise<number> =>
  (await send('POST', below(item, 'scores'), MEDIA.score, body)).status;
const resultOf = async (item: Item, userId: string): Promise<Result | undefined> => {
  const { body } = await get(`${below(item, 'results')}&user_id=${userId}`, MEDIA.results);
  return (body as Result[])[0];
};
const shown = (userId: string) => house.lms.gradeOf(`c${course}`, userId);

describe('line items', () => {
  it.each<[string, object]>([
    ['without a label', { label: '' }],
    ['without a maximum', { scoreMaximum: undefined }],
    ['with a maximum of nothing', { scoreMaximum: 0 }],
    ['for a link that is not here', { resourceLinkId: 'elsewhere' }],
  ])('%s are refused', async (_what, change) => {
    expect((await send('POST', all, MEDIA.lineItem, { ...column, ...change })).status).toBe(400);
  });

  it('in another media type are refused, going in and coming out', async () => {
    expect((await send('POST', all, 'application/json', column)).status).toBe(400);
    expect((await get(all, `${MEDIA.lineItems}, */*`)).status).toBe(400);
    const item = await create();
    expect((await get(item.id, MEDIA.lineItems)).status).toBe(400);
  });

  it('want their own scopes', async () => {
    const reading = await house.tool.token([AGS_SCOPE.lineItemRead]);
    const headers = { 'content-type': MEDIA.lineItem };
    const init = { method: 'POST', headers, body: JSON.stringify(column), token: reading };
    expect((await house.tool.call(all, init)).status).toBe(403);
    expect(
      (await house.tool.call(all, { headers: { accept: MEDIA.lineItems }, token: reading })).status,
    ).toBe(200);
  });

  it('of another course or another deployment are not there', async () => {
    const item = await create();
    expect((await get(item.id.replace(`/c${course}/`, '/c1x/'), MEDIA.lineItem)).status).toBe(404);
    expect((await get(item.id.replace('type=1', 'type=2'), MEDIA.lineItem)).status).toBe(404);
    expect((await get(all.replace('type=1', 'type=2'), MEDIA.lineItems)).status).toBe(404);
    const nowhere = all.replace(`/c${course}/`, '/nowhere/');
    expect((await send('POST', nowhere, MEDIA.lineItem, column)).status).toBe(404);
  });

  it('are created with 201, found by resource and tag, replaced whole and taken away', async () => {
    const created = await send('POST', all, MEDIA.lineItem, column);
    const item = created.body as Item;
    expect([created.status, item]).toEqual([
      201,
      { ...column, id: expect.stringMatching(/\/lineitem\?type=1$/) },
    ]);
    await create({ resourceId: 'other' });
    const found = await get(`${all}&resource_id=p&tag=participation`, MEDIA.lineItems);
    expect(found.body).toEqual([item]);
    const replaced = await send('PUT', item.id, MEDIA.lineItem, { label: 'New', scoreMaximum: 50 });
    expect(replaced.body).toEqual({ id: item.id, label: 'New', scoreMaximum: 50, resourceId: '', tag: '' });
    expect((await house.tool.call(item.id, { method: 'DELETE' })).status).toBe(204);
    expect((await get(item.id, MEDIA.lineItem)).status).toBe(404);
  });

  it('come in pages whose link is written as Moodle writes it', async () => {
    for (const resourceId of ['a', 'b', 'c']) await create({ resourceId });
    house.lms.behaviour.lineItemPage = 2;
    const first = await get(all, MEDIA.lineItems);
    const link = Buffer.from(first.headers.get('link') ?? '', 'latin1').toString('utf8');
    expect(link).toMatch(/^<[^>]+&amp;limit=2&amp;from=2>; rel=“next”$/);
    const next = /<([^>]+)>/.exec(link)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const second = (await get(next, MEDIA.lineItems)).body as Item[];
    expect([(first.body as Item[]).length, second.map(({ resourceId }) => resourceId)]).toEqual([2, ['c']]);
  });
});

describe('a score is refused', () => {
  it.each<[string, object]>([
    ['without a person', { userId: undefined }],
    ['without a time', { timestamp: undefined }],
    ['at no time', { timestamp: 'yesterday' }],
    ['without an activity progress', { activityProgress: undefined }],
    ['with an unknown grading progress', { gradingProgress: 'Done' }],
    ['that is no number', { scoreGiven: '80' }],
    ['below nothing', { scoreGiven: -1 }],
    ['without its maximum', { scoreMaximum: undefined }],
  ])('%s', async (_what, change) => {
    expect(await post(await create(), score('ada', change))).toBe(400);
  });

  it.each(['chidi', 'maryam'])('for %s, who teaches', async (userId) => {
    expect(await post(await create(), score(userId))).toBe(400);
  });

  it('for whoever is suspended', async () => {
    await house.lms.suspend(`c${course}`, 'ada');
    expect(await post(await create(), score('ada'))).toBe(400);
  });

  it('for nobody’s id with a breakdown, as on Moodle', async () => {
    expect(await post(await create(), score('nobody'))).toBe(502);
  });

  it('in the second of the one before, or earlier', async () => {
    const item = await create();
    const first = score('ada', { timestamp: '2026-11-22T07:57:55.100Z' });
    expect(await post(item, first)).toBe(200);
    expect(await post(item, { ...first, timestamp: '2026-11-22T07:57:55.900Z', scoreGiven: 90 })).toBe(409);
    expect(await post(item, { ...first, timestamp: '2026-11-22T07:57:54.000Z' })).toBe(409);
    expect(await shown('ada')).toBe(80);
    expect(await post(item, { ...first, timestamp: '2026-11-22T07:57:56.000Z', scoreGiven: 90 })).toBe(200);
    expect(await shown('ada')).toBe(90);
  });

  it('in another media type', async () => {
    const item = await create();
    expect((await send('POST', below(item, 'scores'), 'application/json', score('ada'))).status).toBe(400);
  });
});

describe('a score', () => {
  it('is kept by the column’s maximum, capped by it, with five decimals', async () => {
    const item = await create({ scoreMaximum: 50 });
    await post(item, score('ada', { scoreGiven: 1, scoreMaximum: 3 }));
    expect(await shown('ada')).toBe(16.66667);
    await post(item, score('ada', { scoreGiven: 120 }));
    expect(await shown('ada')).toBe(50);
  });

  it.each<[string, object]>([
    ['that is not fully graded', { gradingProgress: 'Pending' }],
    ['without a number', { scoreGiven: null }],
  ])('%s erases the grade', async (_what, change) => {
    const item = await create();
    await post(item, score('ada'));
    expect(await post(item, score('ada', change))).toBe(200);
    expect(await shown('ada')).toBeNull();
  });

  it('overwrites what staff changed in a column of the tool’s own', async () => {
    const item = await create();
    await post(item, score('ada'));
    await house.lms.setGrade(`c${course}`, 'ada', 99);
    expect((await resultOf(item, 'ada'))?.resultScore).toBe(99);
    expect(await post(item, score('ada', { scoreGiven: 70 }))).toBe(200);
    expect(await shown('ada')).toBe(70);
  });

  it('leaves what staff changed in a coupled column, and is told 200 all the same', async () => {
    await house.lms.coupleColumn(`c${course}`, { label: 'My Peer Group', scoreMaximum: 100 });
    const [item] = (await get(all, MEDIA.lineItems)).body as Item[];
    expect(item).toMatchObject({ resourceLinkId: `c${course}-peer-group` });
    await post(item!, score('ada'));
    await house.lms.setGrade(`c${course}`, 'ada', 99);
    expect(await post(item!, score('ada', { scoreGiven: 70 }))).toBe(200);
    expect(await shown('ada')).toBe(99);
  });

  it('can be stored and its answer lost', async () => {
    const item = await create();
    house.lms.behaviour.fail('scores', [{ manner: 'lose' }]);
    await expect(post(item, score('ada'))).rejects.toThrow();
    expect(await shown('ada')).toBe(80);
  });
});

describe('results', () => {
  it('are one person’s or everybody’s, with comment and maximum', async () => {
    const item = await create();
    await post(item, score('ada', { comment: '4 of 5' }));
    await post(item, score('bola', { scoreGiven: 60 }));
    expect(await resultOf(item, 'ada')).toMatchObject({
      resultScore: 80,
      resultMaximum: 100,
      comment: '4 of 5',
    });
    const { body } = await get(below(item, 'results'), MEDIA.results);
    expect((body as Result[]).map(({ userId }) => userId)).toEqual(['ada', 'bola']);
  });

  it('of nothing read back without a score, as on Moodle', async () => {
    const item = await create();
    await post(item, score('ada', { scoreGiven: 0 }));
    expect(await resultOf(item, 'ada')).not.toHaveProperty('resultScore');
    expect(await resultOf(item, 'bola')).toBeUndefined();
  });

  it('break down when a limit is asked for, as on Moodle', async () => {
    expect((await get(`${below(await create(), 'results')}&limit=10`, MEDIA.results)).status).toBe(500);
  });
});
