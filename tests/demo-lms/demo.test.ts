import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Browser, textOf } from '../support/http.ts';

const ROOT = path.resolve(import.meta.dirname, '..', '..');
const CHILD = path.resolve(import.meta.dirname, 'support', 'demo.child.ts');
const directory = mkdtempSync(path.join(tmpdir(), 'peer-group-demo-'));
const children: Demo[] = [];
let ports: [tool: number, lms: number];

type Demo = { readonly child: ChildProcess; readonly said: () => string; readonly ready: Promise<void> };

function start(place: string = directory, args: readonly string[] = [], [toolPort, lmsPort] = ports): Demo {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', CHILD, String(toolPort), String(lmsPort), place, ...args],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env['PATH'], HOME: process.env['HOME'] } },
  );
  let text = '';
  const ready = new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        if (text.includes('Ctrl-C')) resolve();
      });
    }
    child.once('exit', (code) => reject(new Error(`The demo ended with ${String(code)}: ${text}`)));
  });
  ready.catch(() => undefined);
  const demo = { child, ready, said: () => text };
  children.push(demo);
  return demo;
}

async function exitOf({ child }: Demo): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
}

/** Processes that were begun for this directory and still run; the engine's own names it among its arguments. */
function leftOver(): string[] {
  if (!existsSync('/proc/self')) {
    const listed = execFileSync('ps', ['-ww', '-eo', 'args='], { encoding: 'utf8' });
    return listed.split('\n').filter((line) => line.includes(directory));
  }
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
      } catch {
        return '';
      }
    })
    .filter((line) => line.includes(directory));
}

async function freePorts(): Promise<[number, number]> {
  const servers = [createServer(), createServer()];
  for (const server of servers) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const [tool, lms] = servers.map((server) => (server.address() as AddressInfo).port);
  for (const server of servers) await new Promise((resolve) => server.close(resolve));
  return [tool ?? 0, lms ?? 0];
}

afterEach(() => {
  for (const { child } of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
  }
});
beforeAll(async () => {
  ports = await freePorts();
});
afterAll(async () => {
  // An engine whose parent was killed closes its files first.
  while (leftOver().length > 0) await new Promise((resolve) => setTimeout(resolve, 100));
  rmSync(directory, { recursive: true, force: true });
});

const tool = (): string => `http://localhost:${ports[0]}`;
const lms = (): string => `http://127.0.0.1:${ports[1]}`;
const rosterText = async (): Promise<string> => {
  const browser = new Browser();
  await browser.post(`${lms()}/person`, { person: '2' });
  return textOf((await browser.get(`${lms()}/courses/cohort-3/roster?q=Gbenga`)).html);
};

/** The LMS answers as soon as the filling begins. */
async function lmsAnswers(): Promise<void> {
  while (!(await answers('127.0.0.1', ports[1]))) await new Promise((resolve) => setTimeout(resolve, 50));
}

/** True where something takes connections on this address of the machine. */
function answers(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 2_000 });
    const end = (answered: boolean) => () => {
      socket.destroy();
      resolve(answered);
    };
    socket.once('connect', end(true)).once('error', end(false)).once('timeout', end(false));
  });
}

describe('the demo does not start', () => {
  it('with an option that it does not have', async () => {
    const demo = start(directory, ['--frehs']);
    expect([await exitOf(demo), demo.said()]).toEqual([2, expect.stringContaining('there is only --fresh')]);
  });

  it('where one of its ports is in use, and says so in one sentence', async () => {
    const others = [createServer(), createServer()];
    const place = path.join(directory, 'untouched');
    const demos = await Promise.all(
      others.map(async (other, index) => {
        const pair = await freePorts();
        const taken = pair[index];
        await new Promise<void>((resolve) => other.listen(taken, '127.0.0.1', resolve));
        return { demo: start(place, ['--fresh'], pair), taken };
      }),
    );
    for (const { demo, taken } of demos) {
      const sentence = `Port ${taken ?? 0} is in use: end the program that uses it (another demo?) and start again.\n`;
      expect([await exitOf(demo), demo.said()]).toEqual([1, sentence]);
    }
    expect(existsSync(place)).toBe(false);
    for (const other of others) await new Promise((resolve) => other.close(resolve));
  });
});

describe('the demo', () => {
  it('killed while it is being filled is whole after the next start, says where to go, and is on loopback alone', async () => {
    const killed = start();
    await lmsAnswers();
    killed.child.kill('SIGKILL');
    await exitOf(killed);
    const demo = start();
    await demo.ready;
    expect(demo.said()).toContain(`Open   ${lms()} `);
    expect(demo.said()).toContain(`Tool   ${tool()} `);
    expect((await fetch(`${tool()}/readyz`)).status).toBe(200);
    const outside = Object.values(networkInterfaces())
      .flatMap((found) => found ?? [])
      .filter(({ internal, family }) => !internal && family === 'IPv4');
    for (const { address } of outside)
      for (const port of ports) expect([address, await answers(address, port)]).toEqual([address, false]);

    const browser = new Browser();
    await browser.post(`${lms()}/person`, { person: '2' });
    const opened = await browser.get(`${lms()}/courses/cohort-3/links/cohort-3-peer-group/open?in=window`);
    const home = await browser.submit(opened, '/lti/launch');
    expect(textOf(home.html)).toMatch(/People 44 .*Placed 44 .*Meetups held \d+ .*Grades posted 4\d/);
    const roster = await browser.get(`${lms()}/courses/cohort-3/roster?q=Gbenga%20Ajayi`);
    await browser.submit(roster, '/2001/name', { name: 'Gbenga Renamed' });

    // Once from the terminal, once from npm, once from a loader.
    for (let times = 0; times < 3; times += 1) demo.child.kill('SIGINT');
    expect(await exitOf(demo)).toBe(0);
    expect(leftOver()).toEqual([]);
  });

  it('lets the operator’s command work beside it, as the README has it', async () => {
    const demo = start();
    await demo.ready;
    const readme = readFileSync(path.resolve(ROOT, 'README.md'), 'utf8');
    const line = /^ *(MONGODB_URI=\S+ PUBLIC_URL=\S+) npm run platforms -- invite$/m.exec(readme)?.[1] ?? '';
    const settings = line
      .replace('embedded:.data/demo', `embedded:${directory}`)
      .replace('http://localhost:3000', tool());
    expect(settings).toBe(`MONGODB_URI=embedded:${directory} PUBLIC_URL=${tool()}`);
    const environment = Object.fromEntries(
      settings.split(' ').map((one) => [one.slice(0, one.indexOf('=')), one.slice(one.indexOf('=') + 1)]),
    );
    const said = execFileSync(process.execPath, ['--import', 'tsx', 'src/cli.ts', 'platforms', 'invite'], {
      cwd: ROOT,
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...environment },
    });
    const link = /\S+\/lti\/register\?invitation=\S+/.exec(said)?.[0] ?? '';
    expect(textOf(await (await fetch(link)).text())).toContain('Your invitation');
    expect((await fetch(`${tool()}/readyz`)).status).toBe(200);
    demo.child.kill('SIGTERM');
    expect(await exitOf(demo)).toBe(0);
    expect(leftOver()).toEqual([]);
  });

  it('started again is as it was left; its data lets nobody else in, not even to throw it away', async () => {
    const demo = start();
    await demo.ready;
    expect(await rosterText()).toContain('Gbenga Renamed');
    const second = start(directory, ['--fresh'], await freePorts());
    expect([await exitOf(second), second.said()]).toEqual([
      1,
      expect.stringMatching(/^The demo's data in .+ is in use by process \d+: end that one first\.\n$/),
    ]);
    expect(await rosterText()).toContain('Gbenga Renamed');
    demo.child.kill('SIGTERM');
    expect(await exitOf(demo)).toBe(0);
  });

  it('begins anew where that is asked', async () => {
    start(directory, ['--fresh']);
    await lmsAnswers();
    const text = await rosterText();
    expect(text).toContain('Gbenga Ajayi');
    expect(text).not.toContain('Gbenga Renamed');
  });
});
