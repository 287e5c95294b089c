import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import mongoose from 'mongoose';
import { pino } from 'pino';
import { writeConcernOf } from '../../src/database/durability.ts';
import { type Engine, startEmbedded } from '../../src/database/engine/index.ts';
import { CACHE_DIRECTORY } from '../support/database.ts';

const ROUNDS = 5;
const WRITERS = 40;

const directory = mkdtempSync(path.join(tmpdir(), 'peer-group-durability-'));
let engine: Engine;

beforeAll(async () => {
  engine = await startEmbedded(directory, CACHE_DIRECTORY, pino({ level: 'silent' }));
});
afterAll(async () => {
  await engine.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Writers that insert one row after another until the engine is killed; answers what was acknowledged to them. */
async function writeUntilKilled(round: number, after: number): Promise<string[]> {
  const client = new mongoose.mongo.MongoClient(engine.uri, {
    retryWrites: false,
    serverSelectionTimeoutMS: 5_000,
  });
  const rows = client
    .db('durability')
    .collection<{ _id: string }>('rows', { writeConcern: writeConcernOf(true) });
  const acknowledged: string[] = [];
  let killed = false;
  const write = async (writer: number): Promise<void> => {
    for (let index = 0; !killed; index += 1) {
      const _id = `${round}.${writer}.${index}`;
      await rows.insertOne({ _id });
      acknowledged.push(_id);
      if (acknowledged.length !== after) continue;
      killed = true;
      process.kill(engine.pid() ?? 0, 'SIGKILL');
    }
  };
  await Promise.allSettled(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
  await client.close();
  return acknowledged;
}

/** What an engine holds that was started again; asked until it answers. */
async function heldRows(): Promise<ReadonlySet<string>> {
  for (;;) {
    const client = new mongoose.mongo.MongoClient(engine.uri, { serverSelectionTimeoutMS: 2_000 });
    try {
      const rows = await client.db('durability').collection<{ _id: string }>('rows').find().toArray();
      return new Set(rows.map(({ _id }) => _id));
    } catch (error) {
      if (!(error instanceof mongoose.mongo.MongoError)) throw error;
    } finally {
      await client.close();
    }
  }
}

describe('An engine that is killed while it writes', () => {
  it('has kept all that it acknowledged', async () => {
    const acknowledged: string[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      acknowledged.push(...(await writeUntilKilled(round, 1_000 + Math.floor(Math.random() * 3_000))));
      const held = await heldRows();
      expect(acknowledged.filter((id) => !held.has(id))).toEqual([]);
    }
    expect(acknowledged.length).toBeGreaterThan(ROUNDS * 1_000);
  });
});
