import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Database } from '../../src/database/index.ts';
import { openTestDatabase } from '../support/database.ts';

const ROWS = 12_000;
let database: Database;

beforeAll(async () => {
  database = await openTestDatabase();
  const rows = database.connection.collection('rows');
  await rows.createIndex({ courseId: 1, number: 1 });
  await rows.createIndex({ courseId: 1, kind: 1, number: 1 });
  for (let start = 0; start < ROWS; start += 2_000)
    await rows.insertMany(
      Array.from({ length: 2_000 }, (_, index) => ({ courseId: 'c', kind: 'k', number: start + index })),
    );
});
afterAll(() => database.close());

it.each<[string, () => Promise<unknown>, unknown]>([
  [
    'a sort that no index serves',
    async () => {
      const rows = database.connection.collection('rows').find({ courseId: 'c' });
      return (await rows.sort({ kind: 1, _id: -1 }).toArray()).length;
    },
    ROWS,
  ],
  [
    'a count of what is not there',
    () => database.connection.collection('rows').countDocuments({ courseId: 'c', colour: 'red' }),
    0,
  ],
  [
    'an update of what is not there',
    async () => {
      const rows = database.connection.collection('rows');
      return (await rows.updateMany({ courseId: 'c', colour: 'red' }, { $set: { seen: true } })).matchedCount;
    },
    0,
  ],
])('with many rows and several indexes that fit, %s is answered', async (_what, ask, expected) => {
  expect(await ask()).toBe(expected);
});
