import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { type Engine, EngineStartError, startEmbedded } from '../../src/database/engine/index.ts';
import { findOwner } from '../../src/database/engine/owner.ts';
import { type Database, openDatabase } from '../../src/database/index.ts';
import { CACHE_DIRECTORY, openTestDatabase } from '../support/database.ts';

const root = path.resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(path.join(tmpdir(), 'peer-group-engine-'));
const open: { close(): Promise<unknown> }[] = [];
let count = 0;

function newDirectory(): string {
  count += 1;
  const directory = path.join(folder, String(count));
  mkdirSync(directory);
  return directory;
}
/** Log lines as the operator sees them. */
function logInto(lines: string[]) {
  return pino({ level: 'info' }, { write: (line) => lines.push((JSON.parse(line) as { msg: string }).msg) });
}
async function start(directory: string, lines: string[] = []): Promise<Engine> {
  const engine = await startEmbedded(directory, CACHE_DIRECTORY, logInto(lines));
  open.push(engine);
  return engine;
}
async function connect(engine: Engine): Promise<Database> {
  const log = pino({ level: 'silent' });
  const database = await openDatabase({
    uri: engine.uri,
    name: 'test',
    cacheDirectory: CACHE_DIRECTORY,
    log,
  });
  open.push(database);
  return database;
}
/** Another process that keeps the directory. */
async function hold(directory: string): Promise<{ holder: ChildProcess; enginePid: number }> {
  const script = path.join(import.meta.dirname, 'support/holder.child.ts');
  const holder = spawn(process.execPath, ['--import', 'tsx', script, directory], {
    cwd: root,
    env: { ...process.env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  open.push({ close: () => Promise.resolve(holder.kill('SIGKILL')) });
  const [line] = (await once(createInterface({ input: holder.stdout }), 'line')) as [string];
  return { holder, enginePid: Number(line) };
}
async function returned(database: Database): Promise<void> {
  for (;;) {
    try {
      await database.ping();
      return;
    } catch {
      // Each try waits for the driver's next look at the server.
    }
  }
}
/** Not over yet; one that nobody has asked after is over too. */
function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
const kill = async (pid: number | null): Promise<void> => {
  if (pid === null) throw new Error('no engine');
  process.kill(pid, 'SIGKILL');
  await Promise.resolve();
};

afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('The embedded engine', () => {
  it('keeps every acknowledged write when it is killed under load, again and again', async () => {
    const engine = await start(newDirectory());
    const database = await connect(engine);
    const rows = database.connection.collection<{ _id: number }>('rows');
    const acknowledged: number[] = [];
    let next = 0;
    let writing = true;
    const write = async (): Promise<void> => {
      while (writing) {
        const _id = (next += 1);
        await rows.insertOne({ _id }).then(
          () => acknowledged.push(_id),
          () => returned(database),
        );
      }
    };
    const writers = Array.from({ length: 16 }, write);
    for (let round = 1; round <= 3; round += 1) {
      const target = acknowledged.length + 1_500;
      while (acknowledged.length < target) await database.ping().catch(() => undefined);
      await kill(engine.pid());
      await returned(database);
    }
    writing = false;
    await Promise.all(writers);
    const kept = new Set((await rows.find().toArray()).map(({ _id }) => _id));
    expect(acknowledged.length).toBeGreaterThan(4_500);
    expect(acknowledged.filter((id) => !kept.has(id))).toEqual([]);
  });

  it('is started again behind the same address when it dies', async () => {
    const lines: string[] = [];
    const engine = await start(newDirectory(), lines);
    const database = await connect(engine);
    await database.connection.collection('rows').insertOne({ before: true });
    const first = engine.pid();
    await kill(first);
    await returned(database);
    expect(engine.pid()).not.toBe(first);
    expect(await database.connection.collection('rows').countDocuments()).toBe(1);
    expect(lines).toContain('database engine died, starting it again');
  });

  it('survives the session commands that would end it', async () => {
    const engine = await start(newDirectory());
    const database = await connect(engine);
    const pid = engine.pid();
    const admin = database.connection.getClient().db('admin');
    const sessions = [{ id: new Uint8Array(16) }];
    await expect(admin.command({ endSessions: sessions })).resolves.toMatchObject({ ok: 1 });
    for (const command of ['startSession', 'refreshSessions', 'killSessions', 'killAllSessions'])
      await expect(admin.command({ [command]: [] })).rejects.toMatchObject({ code: 59 });
    await database.ping();
    expect(engine.pid()).toBe(pid);
  });

  it('says once what was chosen', async () => {
    const lines: string[] = [];
    await start(newDirectory(), lines);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^database: the embedded engine (as it is|under Debian 13's C library)$/);
  });

  it('leaves nothing but the data behind when it is closed', async () => {
    const directory = newDirectory();
    const engine = await start(directory);
    const home = path.dirname(decodeURIComponent(new URL(engine.uri).host));
    expect(existsSync(home)).toBe(true);
    await engine.close();
    expect(existsSync(home)).toBe(false);
    expect(existsSync(path.join(directory, 'owner.json'))).toBe(false);
    await (await connect(await start(directory))).ping();
  });

  it('can be closed in the middle of a restart', async () => {
    const directory = newDirectory();
    const engine = await start(directory);
    await kill(engine.pid());
    await engine.close();
    await start(directory);
  });
});

describe('One directory', () => {
  it('is refused to a second start, which names the first process', async () => {
    const directory = newDirectory();
    const { holder } = await hold(directory);
    const second = start(directory);
    await expect(second).rejects.toThrow(EngineStartError);
    await expect(second).rejects.toThrow(`${directory} is in use by process ${holder.pid ?? ''} `);
  });

  it('goes to one of two starts at the same moment', async () => {
    const directory = newDirectory();
    const starts = await Promise.allSettled([start(directory), start(directory)]);
    expect(starts.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('is free again after the process that held it was killed, whose engine ends with it', async () => {
    const directory = newDirectory();
    const { holder, enginePid } = await hold(directory);
    holder.kill('SIGKILL');
    const engine = await start(directory);
    while (lives(enginePid));
    await (await connect(engine)).ping();
  });

  it('is not kept from us by a dead owner whose number another process was given', async () => {
    const directory = newDirectory();
    const { holder } = await hold(directory);
    holder.kill('SIGKILL');
    // This very process has the number now, but was born at another time.
    const owner = { pid: process.pid, born: '1', since: new Date().toISOString() };
    writeFileSync(path.join(directory, 'owner.json'), JSON.stringify(owner));
    await start(directory);
  });

  it('believes no owner file that others may write, nor one that names another machine', async () => {
    const directory = newDirectory();
    const file = path.join(directory, 'owner.json');
    const told = { pid: process.pid, born: null, since: new Date().toISOString() };
    const found = async (uri: string, mode: number) => {
      writeFileSync(file, JSON.stringify({ ...told, uri }));
      chmodSync(file, mode);
      return (await findOwner(directory))?.uri ?? null;
    };
    expect(await found('mongodb://127.0.0.1:27017/', 0o600)).toBe('mongodb://127.0.0.1:27017/');
    expect(await found('mongodb://127.0.0.1:27017/', 0o622)).toBeNull();
    expect(await found('mongodb://db.example/', 0o600)).toBeNull();
    expect(await found('mongodb://127.0.0.1.example.org/', 0o600)).toBeNull();
    expect(await found('mongodb://127.0.0.1:1@db.example/', 0o600)).toBeNull();
  });

  it.each(['', '{"pid":', '{"pid":"x"}'])('is opened beside an owner file that says %j', async (text) => {
    const directory = newDirectory();
    writeFileSync(path.join(directory, 'owner.json'), text);
    await start(directory);
  });

  it('is refused with its reason where the data are broken, and not begun anew', async () => {
    const directory = newDirectory();
    writeFileSync(path.join(directory, 'WiredTiger'), 'not a database');
    writeFileSync(path.join(directory, 'WiredTiger.turtle'), 'not a database');
    await expect(start(directory)).rejects.toThrow(EngineStartError);
    expect(readdirSync(directory)).not.toContain('mongod');
  });

  it('is refused where it cannot be made', async () => {
    const file = path.join(newDirectory(), 'file');
    writeFileSync(file, '');
    await expect(start(path.join(file, 'data'))).rejects.toThrow('cannot be made or written to');
  });
});

describe('Where the engine does not run', () => {
  const environment = { ...process.env };
  let binaries: string;
  beforeAll(() => {
    binaries = mkdtempSync(path.join(folder, 'bin-'));
  });
  afterEach(() => {
    process.env = { ...environment };
  });

  /** A directory that a mongod kept: the engine is not even asked. */
  function keptByMongod(): string {
    const directory = newDirectory();
    mkdirSync(path.join(directory, 'mongod'));
    writeFileSync(path.join(directory, 'mongod', 'WiredTiger'), '');
    return directory;
  }

  it('takes the mongod on the PATH, which says that it listens, and starts it again when it dies', async () => {
    const mongod = path.join(binaries, 'mongod');
    const ready = '{"c":"NETWORK","id":23016,"ctx":"listener","msg":"Waiting for connections"}';
    writeFileSync(
      mongod,
      `#!/bin/sh\nif [ "$1" = "--version" ]; then echo "db version v8.2.1"; exit; fi\necho '${ready}'\nexec sleep 1000\n`,
    );
    chmodSync(mongod, 0o755);
    process.env['PATH'] = `${binaries}${path.delimiter}${process.env['PATH'] ?? ''}`;
    const lines: string[] = [];
    const engine = await start(keptByMongod(), lines);
    expect(lines).toEqual(['database: the mongod of this machine']);
    const first = engine.pid();
    await kill(first);
    while (engine.pid() === first || engine.pid() === null)
      await new Promise((resolve) => setImmediate(resolve));
    expect(engine.uri).toMatch(/^mongodb:\/\/127\.0\.0\.1:/);
  });

  it('names three ways out where there is none', async () => {
    process.env['MONGOD_BINARY'] = path.join(binaries, 'absent');
    const failure = start(keptByMongod());
    await expect(failure).rejects.toThrow(EngineStartError);
    await expect(failure).rejects.toThrow(/MONGODB_URI.*mongod on the PATH.*newer system/);
  });
});

describe('A test', () => {
  it('has a database of its own', async () => {
    const [one, other] = [await openTestDatabase(), await openTestDatabase()];
    open.push(one, other);
    await one.connection.collection('rows').insertOne({});
    expect(await other.connection.collection('rows').countDocuments()).toBe(0);
  });
});
