import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from '@jest/globals';

const ROOT = path.resolve(import.meta.dirname, '..');
const directory = mkdtempSync(path.join(tmpdir(), 'peer-group-serve-'));
const started: ChildProcess[] = [];

afterEach(async () => {
  for (const child of started.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  rmSync(directory, { recursive: true, force: true });
});

type Serving = {
  readonly child: ChildProcess;
  readonly url: string;
  readonly lines: string[];
  readonly errors: () => string;
  readonly ended: Promise<number | null>;
};

/** The tool as an operator starts it, with these settings. */
function begin(environment: Readonly<Record<string, string>>): Serving {
  const child = spawn(process.execPath, ['--import', 'tsx', 'src/main.ts'], {
    cwd: ROOT,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const lines: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return { child, url: environment['PUBLIC_URL'] ?? '', lines, errors: () => errors, ended };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function settings(): Promise<Record<string, string>> {
  const port = await freePort();
  return {
    PORT: String(port),
    PUBLIC_URL: `http://localhost:${port}`,
    MONGODB_URI: `embedded:${directory}`,
  };
}

async function ready({ url, child, errors }: Serving): Promise<void> {
  for (;;) {
    const answer = await fetch(`${url}/readyz`).catch(() => null);
    if (answer?.status === 200) return;
    if (child.exitCode !== null) throw new Error(`It ended: ${errors()}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('A start that cannot be', () => {
  it('ends with one sentence a line for each setting', async () => {
    const { ended, errors } = begin({ PORT: 'many' });
    expect(await ended).toBe(1);
    const lines = errors().trim().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['PORT', 'PUBLIC_URL', 'MONGODB_URI']);
  });

  it('ends with one sentence where the port is taken', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port } = taken.address() as AddressInfo;
    const given = { ...(await settings()), PORT: String(port), PUBLIC_URL: `http://localhost:${port}` };
    const { ended, errors } = begin(given);
    expect(await ended).toBe(1);
    expect(errors().trim()).toBe(
      `Port ${port} on 127.0.0.1 is in use by another program: end that one, or set PORT.`,
    );
    await new Promise((resolve) => taken.close(resolve));
  });
});

describe('A running tool', () => {
  it('is alive and ready, answers what it began when it is ended, and logs nobody', async () => {
    const serving = begin(await settings());
    await ready(serving);
    const health = await fetch(`${serving.url}/healthz`);
    expect([health.status, await health.json()]).toEqual([200, { status: 'ok' }]);
    await fetch(`${serving.url}/lti/login?iss=https://lms.example&login_hint=ada@lms.example&state=secret`);

    const slow = request(`${serving.url}/lti/login`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': '10',
        expect: '100-continue',
      },
    });
    const answered = once(slow, 'response').then(([response]) => {
      (response as NodeJS.ReadableStream).resume();
      return (response as { statusCode: number }).statusCode;
    });
    slow.flushHeaders();
    // The tool has read its head: the request is running.
    await once(slow, 'continue');
    slow.write('iss=a');
    serving.child.kill('SIGTERM');
    await refused(serving.url);
    slow.end('&b=c&');

    expect(await answered).toBe(400);
    expect(await serving.ended).toBe(0);
    const log = serving.lines.join('\n');
    expect(serving.lines.every((line) => line.startsWith('{'))).toBe(true);
    expect(log).not.toMatch(/ada@lms\.example|secret|login_hint/);
  });
});

/** Until nobody is let in any more. */
async function refused(url: string): Promise<void> {
  for (;;) {
    const answer = await fetch(`${url}/healthz`, { headers: { connection: 'close' } }).catch(() => null);
    if (answer === null) return;
  }
}
