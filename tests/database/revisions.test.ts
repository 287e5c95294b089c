import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Schema } from 'mongoose';
import { type Database, writeByRevision } from '../../src/database/index.ts';
import { defineModel } from '../../src/database/model.ts';
import { openTestDatabase } from '../support/database.ts';

type Row = { _id: string; revision: number; words: string[] };
const text = { type: String, required: true };
const schema = new Schema<Row>(
  { _id: text, revision: { type: Number, required: true }, words: { type: [String], required: true } },
  { versionKey: false },
);

let database: Database;
const rows = () => defineModel<Row>(database, 'Row', schema, 'rows');
const read = (id: string): Promise<Row | null> => rows().findOne({ _id: id }).lean<Row>();
beforeAll(async () => {
  database = await openTestDatabase();
  rows();
  await database.ensure();
});
afterAll(() => database.close());

/** Adds a word, as somebody who reads first; `meanwhile` runs between reading and writing, in the first round. */
async function add(id: string, word: string, meanwhile?: () => Promise<unknown>): Promise<number> {
  let rounds = 0;
  await writeByRevision(rows(), async () => {
    const before = await read(id);
    rounds += 1;
    if (rounds === 1) await meanwhile?.();
    if (before?.words.includes(word) === true) return [];
    return [{ id, revision: before?.revision ?? 0, set: { words: [...(before?.words ?? []), word] } }];
  });
  return rounds;
}

describe('A write by revision', () => {
  it('makes a row, then changes it, counting', async () => {
    await add('plain', 'a');
    await add('plain', 'b');
    expect(await read('plain')).toEqual({ _id: 'plain', revision: 2, words: ['a', 'b'] });
    expect(await add('plain', 'b')).toBe(1);
  });

  it('never writes over what somebody changed in between', async () => {
    await add('changed', 'a');
    expect(await add('changed', 'b', () => add('changed', 'theirs'))).toBe(2);
    expect((await read('changed'))?.words).toEqual(['a', 'theirs', 'b']);
  });

  it('nor what somebody made in between', async () => {
    expect(await add('made', 'b', () => add('made', 'theirs'))).toBe(2);
    expect((await read('made'))?.words).toEqual(['theirs', 'b']);
  });

  it('writes the others of a batch all the same', async () => {
    await add('one', 'a');
    let rounds = 0;
    await writeByRevision(rows(), async () => {
      const [one, two] = [await read('one'), await read('two')];
      if (rounds++ === 0) await add('one', 'theirs');
      return [
        ...(one?.words.includes('z') === true
          ? []
          : [{ id: 'one', revision: one?.revision ?? 0, set: { words: [...(one?.words ?? []), 'z'] } }]),
        ...(two === null ? [{ id: 'two', revision: 0, set: { words: ['z'] } }] : []),
      ];
    });
    expect([await read('one'), await read('two')]).toMatchObject([
      { words: ['a', 'theirs', 'z'] },
      { words: ['z'] },
    ]);
  });

  it('is refused aloud where the row is not as the database wants it', async () => {
    const bad = [{ id: 'bad', revision: 0, set: { words: 'none' as unknown as string[] } }];
    await expect(writeByRevision(rows(), () => Promise.resolve(bad))).rejects.toThrow('validation');
  });

  it('gives up where others are faster every time', async () => {
    await add('busy', 'a');
    const losing = writeByRevision(rows(), async () => {
      const revision = (await read('busy'))?.revision ?? 0;
      await rows().updateOne({ _id: 'busy' }, { $inc: { revision: 1 } });
      return [{ id: 'busy', revision, set: { words: [] } }];
    });
    await expect(losing).rejects.toMatchObject({ status: 503 });
  });
});
