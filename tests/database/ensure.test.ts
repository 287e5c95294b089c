import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Schema } from 'mongoose';
import { pino } from 'pino';
import { type Database, EnsureError, newId, openDatabase } from '../../src/database/index.ts';
import { defineModel } from '../../src/database/model.ts';
import { CACHE_DIRECTORY, openTestDatabase } from '../support/database.ts';

type Seat = { _id: string; courseId: string; number: number; taken?: boolean; note?: string | null };
let database: Database;

const seatSchema = () =>
  new Schema<Seat>(
    {
      _id: { type: String, required: true },
      courseId: { type: String, required: true },
      number: { type: Number, required: true },
      taken: { type: Boolean },
      note: { type: String, default: null },
    },
    { versionKey: false },
  );
const UNIQUE = { unique: true, partialFilterExpression: { taken: true } };
const seats = (on: Database = database, schema = seatSchema().index({ courseId: 1, number: 1 }, UNIQUE)) =>
  defineModel<Seat>(on, 'Seat', schema, 'seats');
const seat = (given: object = {}) => ({ _id: newId(), courseId: 'a', number: 1, ...given });
/** The database as another version of the house left it. */
const raw = () => database.connection.collection('seats');
/** The same database, opened by the next version of the house. */
async function reopen(log = pino({ level: 'silent' })): Promise<Database> {
  const uri = process.env['TEST_MONGODB_URI'] ?? '';
  return openDatabase({ uri, name: database.connection.name, cacheDirectory: CACHE_DIRECTORY, log });
}

beforeEach(async () => {
  database = await openTestDatabase();
});
afterEach(() => database.close());

describe('Indexes', () => {
  it('are made at the start, and making them again changes nothing', async () => {
    seats();
    await database.ensure();
    await database.ensure();
    const names = (await raw().indexes()).map(({ name }) => name);
    expect(names).toEqual(['_id_', 'courseId_1_number_1']);
  });

  it('hold what they promise', async () => {
    const model = seats();
    await database.ensure();
    await model.create(seat({ taken: true }));
    await model.create(seat({ taken: false }));
    await expect(model.create(seat({ taken: true }))).rejects.toMatchObject({ code: 11_000 });
  });

  it('may be made by several processes at once', async () => {
    const others = await Promise.all([reopen(), reopen(), reopen()]);
    for (const other of others) seats(other);
    await Promise.all(others.map((other) => other.ensure()));
    await Promise.all(others.map((other) => other.close()));
    expect(await raw().indexes()).toHaveLength(2);
  });

  it.each([
    ['is not unique', { partialFilterExpression: { taken: true } }],
    ['is unique for other rows', { unique: true }],
    ['has another filter', { unique: true, partialFilterExpression: { taken: false } }],
  ])('end the start where one that is there %s', async (_how, options) => {
    await raw().createIndex({ courseId: 1, number: 1 }, options);
    seats();
    const failure = database.ensure();
    await expect(failure).rejects.toThrow(EnsureError);
    await expect(failure).rejects.toThrow('The index {"courseId":1,"number":1} of seats cannot be made');
    expect(await raw().indexes()).toHaveLength(2);
  });

  it('end the start where rows are not unique already', async () => {
    await raw().insertMany([
      { courseId: 'a', number: 1, taken: true },
      { courseId: 'a', number: 1, taken: true },
    ]);
    seats();
    await expect(database.ensure()).rejects.toThrow('rows there are not unique');
  });

  it('that the code does not know are named in the log and left alone', async () => {
    const lines: string[] = [];
    const other = await reopen(pino({ level: 'warn' }, { write: (line) => lines.push(line) }));
    await raw().createIndex({ colour: 1 });
    seats(other);
    await other.ensure();
    await other.close();
    expect(lines.join()).toContain('colour_1');
    expect(await raw().indexes()).toHaveLength(3);
  });
});

describe('Validators', () => {
  it.each([
    ['lacks a field', { number: undefined }],
    ['has a field of another type', { number: 'one' }],
    ['has null where a value is required', { courseId: null }],
  ])('refuse a row that went round the model and %s', async (_how, wrong) => {
    seats();
    await database.ensure();
    const values: [string, unknown][] = Object.entries(seat(wrong));
    const row = Object.fromEntries(values.filter(([, value]) => value !== undefined));
    await expect(raw().insertOne(row)).rejects.toMatchObject({ code: 121 });
  });

  it('take an empty text where a text is required', async () => {
    seats();
    await database.ensure();
    await expect(seats().create(seat({ courseId: '' }))).resolves.toBeDefined();
  });

  it('take null where a field may be absent', async () => {
    const model = seats();
    await database.ensure();
    await model.create(seat({ note: null }));
    expect(await model.countDocuments({})).toBe(1);
  });

  it('change with the code, keep rows and indexes, and bear rows of the old kind', async () => {
    const old = seats();
    await database.ensure();
    await old.create([seat({ number: 1 }), seat({ number: 2 })]);
    const schema = seatSchema().index({ courseId: 1, number: 1 }, UNIQUE);
    schema.add({ colour: { type: String, required: true, enum: ['red', 'blue'] } } as never);
    const next = await reopen();
    const model = seats(next, schema);
    await next.ensure();
    expect(await model.countDocuments({})).toBe(2);
    expect((await raw().indexes()).map(({ name }) => name)).toEqual(['_id_', 'courseId_1_number_1']);
    await expect(raw().insertOne(seat() as object)).rejects.toMatchObject({ code: 121 });
    await expect(raw().insertOne(seat({ colour: 'green' }) as object)).rejects.toMatchObject({ code: 121 });
    await raw().insertOne(seat({ colour: 'blue' }) as object);
    await raw().updateOne({ number: 2 }, { $set: { note: 'old' } });
    await next.close();
  });

  it('are changed in spite of a change that was interrupted', async () => {
    seats();
    await database.ensure();
    await raw().insertOne(seat() as object);
    await database.connection.collection('seats__next').insertOne({ half: 'done' });
    const next = await reopen();
    const schema = seatSchema();
    schema.add({ colour: { type: String } } as never);
    seats(next, schema);
    await next.ensure();
    await next.close();
    expect(await raw().countDocuments()).toBe(1);
    expect(await database.connection.listCollections()).toHaveLength(1);
  });
});

describe('A model', () => {
  it('refuses fields that it does not know, in rows and in filters', async () => {
    const model = seats();
    await database.ensure();
    await expect(model.create(seat({ colour: 'red' }))).rejects.toThrow('colour');
    await expect(model.findOne({ colour: 'red' } as object)).rejects.toThrow('colour');
  });

  it('is the same when declared again, and another in another database', () => {
    expect(seats()).toBe(seats());
    expect(seats(database.useDatabase('elsewhere'))).not.toBe(seats());
  });
});

describe('A new id', () => {
  it('is 22 characters that are safe in addresses, and never the same', () => {
    const ids = Array.from({ length: 2_000 }, newId);
    expect(ids.every((id) => /^[\w-]{22}$/.test(id))).toBe(true);
    expect(new Set(ids).size).toBe(ids.length);
  });
});
