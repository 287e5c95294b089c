import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import request from 'supertest';
import { createApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { createServices, type Services } from '../../src/services.ts';
import { openTestDatabase } from '../support/database.ts';

/** What every answer carries, whoever asks: the app as it stands on the public internet. */
let services: Services;
let app: Awaited<ReturnType<typeof createApp>>;

beforeAll(async () => {
  const config = readConfig({
    PUBLIC_URL: 'https://peers.example.org',
    MONGODB_URI: 'mongodb://in.use.already',
    SESSION_SECRET: 's'.repeat(32),
    ENCRYPTION_KEY: 'e'.repeat(32),
  });
  const database = await openTestDatabase();
  services = await createServices({ config, database, log: pino({ level: 'silent' }) });
  app = await createApp(services);
});
afterAll(async () => {
  await services.close();
  await services.database.close();
});

const policyOf = (headers: Readonly<Record<string, string>>): Map<string, string> =>
  new Map(
    (headers['content-security-policy'] ?? '').split(';').map((directive) => {
      const [name = '', ...values] = directive.trim().split(' ');
      return [name, values.join(' ')];
    }),
  );

describe('A page that nobody may frame', () => {
  it('says so, allows scripts by nonce alone, and names no server', async () => {
    const { headers, status } = await request(app).get('/nowhere');
    const policy = policyOf(headers);
    expect(status).toBe(404);
    expect(policy.get('frame-ancestors')).toBe("'none'");
    expect(policy.get('default-src')).toBe("'none'");
    expect(policy.get('script-src')).toMatch(/^'nonce-[\w+/=]{24}'$/);
    expect(policy.get('base-uri')).toBe("'none'");
    expect(headers).not.toHaveProperty('x-powered-by');
    expect(headers).not.toHaveProperty('x-frame-options');
    expect(headers['strict-transport-security']).toMatch(/max-age=\d{7,}/);
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['referrer-policy']).toBe('no-referrer');
  });

  it('has a nonce of its own each time', async () => {
    const [one, two] = await Promise.all([request(app).get('/a'), request(app).get('/a')]);
    expect(one.headers['content-security-policy']).not.toBe(two.headers['content-security-policy']);
  });
});

describe('A refusal', () => {
  it.each([
    ['/nowhere', 404],
    ['/l/unknown/', 401],
    [`/l/${'a'.repeat(22)}/`, 401],
    ['//evil.example/x', 404],
    ['/%', 404],
    ['/l/%ff%/', 400],
    ['/lti/login', 400],
    ['/lti/launch', 400],
  ])('of %s is a page in words with a reference, and echoes nothing', async (path, status) => {
    const answer = await request(app).get(`${path}?echo=%3Cscript%3E`);
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toMatch(/^text\/html/);
    expect(answer.text).toMatch(/reference: [0-9A-F]{8}/);
    expect(answer.text).not.toMatch(/echo|evil\.example|node_modules|at \w+ \(/);
  });

  it('does not follow a path out of the folder of files', async () => {
    for (const path of ['/assets/../package.json', '/assets/x/..%2f..%2fpackage.json', '/package.json'])
      expect((await request(app).get(path)).status).toBe(404);
  });
});

describe('What a phone fetches once', () => {
  it('has its content in its name and is kept for a year', async () => {
    const { text } = await request(app).get('/nowhere');
    const addresses = [...text.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(
      ([, address]) => address ?? '',
    );
    expect(addresses.length).toBeGreaterThan(1);
    for (const address of addresses) {
      const { status, headers } = await request(app).get(address);
      expect([status, headers['cache-control']]).toEqual([200, 'public, max-age=31536000, immutable']);
    }
  });
});

describe('Probes', () => {
  it('are answered without a cookie and are not kept', async () => {
    for (const path of ['/healthz', '/readyz']) {
      const { status, headers } = await request(app).get(path);
      expect(status).toBe(200);
      expect(headers['cache-control']).toBe('no-store');
      expect(headers).not.toHaveProperty('set-cookie');
    }
  });
});

describe('The address alone', () => {
  it('says what this is and how it is opened, and where it is installed from', async () => {
    const { status, text } = await request(app).get('/');
    expect(status).toBe(200);
    expect(text).toContain('<h1>This is Peer Group</h1>');
    expect(text).toContain('choose My Peer Group there');
    expect(text).toContain('href="/lti/register"');
    expect(text).not.toContain('belongs to someone else');
  });
});
