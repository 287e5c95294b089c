import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { ConfigError, readConfig } from '../src/config.ts';

const directory = mkdtempSync(path.join(tmpdir(), 'peer-group-config-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const GOOD = {
  PUBLIC_URL: 'https://peers.example.org',
  MONGODB_URI: 'mongodb://localhost/peers',
  SESSION_SECRET: 's'.repeat(32),
  ENCRYPTION_KEY: 'e'.repeat(32),
};

function findingsOf(environment: NodeJS.ProcessEnv): readonly string[] {
  try {
    readConfig(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.lines;
    throw error;
  }
}

describe('A setting that is missing or senseless', () => {
  it.each([
    ['PUBLIC_URL', undefined],
    ['PUBLIC_URL', 'peers.example.org'],
    ['PUBLIC_URL', 'ftp://peers.example.org'],
    ['PUBLIC_URL', 'https://peers.example.org/tool'],
    ['PUBLIC_URL', 'https://user@peers.example.org'],
    ['PUBLIC_URL', 'http://peers.example.org'],
    ['MONGODB_URI', undefined],
    ['MONGODB_URI', 'postgres://localhost'],
    ['MONGODB_URI', 'embedded:'],
    ['SESSION_SECRET', undefined],
    ['SESSION_SECRET', 'short'],
    ['ENCRYPTION_KEY', undefined],
    ['ENCRYPTION_KEY', 'short'],
    ['PORT', 'many'],
    ['PORT', '70000'],
    ['PORT', '3000.5'],
    ['LTI_REGISTRATION', 'closed'],
    ['LTI_ALLOW_PRIVATE_NETWORK', 'yes'],
    ['LTI_OPEN_REGISTRATION_CONFIRMED', '1'],
    ['LOG_LEVEL', 'loud'],
  ])('is named in one sentence: %s=%s', (name, value) => {
    const findings = findingsOf({ ...GOOD, [name]: value });
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatch(new RegExp(`^${name}\\b.*\\.$`));
    expect(findings[0]).not.toContain('\n');
  });

  it('is named beside all others, so that a start fails once', () => {
    expect(findingsOf({ PORT: 'many', LOG_LEVEL: 'loud' }).map((line) => line.split(' ')[0])).toEqual(
      expect.arrayContaining(['PORT', 'PUBLIC_URL', 'MONGODB_URI', 'LOG_LEVEL']),
    );
  });

  it.each<[string, NodeJS.ProcessEnv, string[]]>([
    [
      'an address that is none beside a port that is none',
      { ...GOOD, PORT: 'many', PUBLIC_URL: 'peers.example.org' },
      ['PORT', 'PUBLIC_URL'],
    ],
    [
      'a path, plain http and missing secrets beside a log level that is none',
      { PUBLIC_URL: 'http://peers.example.org/tool', MONGODB_URI: GOOD.MONGODB_URI, LOG_LEVEL: 'loud' },
      ['LOG_LEVEL', 'PUBLIC_URL', 'PUBLIC_URL', 'SESSION_SECRET', 'ENCRYPTION_KEY'],
    ],
    [
      'open registration that nobody confirmed beside a port that is none',
      { ...GOOD, PORT: '-1', LTI_REGISTRATION: 'open' },
      ['PORT', 'LTI_REGISTRATION=open'],
    ],
    [
      'a short secret beside a database that is missing',
      { PUBLIC_URL: GOOD.PUBLIC_URL, SESSION_SECRET: 'short' },
      ['MONGODB_URI', 'SESSION_SECRET'],
    ],
  ])('is named at once with what is wrong in another way: %s', (_what, environment, names) => {
    expect(findingsOf(environment).map((line) => line.split(' ')[0])).toEqual(names);
  });

  it('counts as missing where it is blank', () => {
    expect(findingsOf({ ...GOOD, SESSION_SECRET: '' })[0]).toMatch(/^SESSION_SECRET is missing/);
  });

  it('never shows the value of a secret', () => {
    const findings = findingsOf({ ...GOOD, SESSION_SECRET: 'hush', ENCRYPTION_KEY: 'hush' });
    expect(findings.join('\n')).not.toContain('hush');
  });
});

describe('Open registration', () => {
  it('needs a second word where the tool is not on loopback', () => {
    expect(findingsOf({ ...GOOD, LTI_REGISTRATION: 'open' })).toHaveLength(1);
    expect(
      findingsOf({ ...GOOD, LTI_REGISTRATION: 'open', LTI_OPEN_REGISTRATION_CONFIRMED: 'true' }),
    ).toEqual([]);
  });

  it('is off unless it is asked for', () => {
    expect(readConfig(GOOD).registration).toBe('invite');
  });
});

describe('With the embedded engine', () => {
  const embedded = { PUBLIC_URL: 'http://localhost:3000', MONGODB_URI: `embedded:${directory}` };

  it('secrets that are not set are made once and kept for their owner alone', () => {
    const first = readConfig(embedded);
    const second = readConfig(embedded);
    expect(second.sessionSecret).toBe(first.sessionSecret);
    expect(second.encryptionKey.equals(first.encryptionKey)).toBe(true);
    expect(first.sessionSecret).toMatch(/^[0-9a-f]{64}$/);
    for (const name of ['session_secret.txt', 'encryption_key.txt']) {
      expect(statSync(path.join(directory, name)).mode & 0o777).toBe(0o600);
      expect(readFileSync(path.join(directory, name), 'utf8')).toHaveLength(64);
    }
  });

  it('nobody else may look into its directory', () => {
    readConfig(embedded);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
  });

  it('a kept secret that is cut short ends the start with a sentence', () => {
    const cut = path.join(directory, 'cut');
    mkdirSync(cut);
    writeFileSync(path.join(cut, 'session_secret.txt'), '');
    const findings = findingsOf({ ...embedded, MONGODB_URI: `embedded:${cut}` });
    expect(findings).toEqual([
      expect.stringMatching(/^SESSION_SECRET is not set, and what is kept in .* is no secret/),
    ]);
  });

  it('secrets that are set go before those that were kept', () => {
    expect(readConfig({ ...embedded, SESSION_SECRET: 's'.repeat(40) }).sessionSecret).toBe('s'.repeat(40));
  });
});

describe('The address to listen on', () => {
  it('is loopback where people reach the tool on loopback, and every interface otherwise', () => {
    expect(readConfig({ ...GOOD, PUBLIC_URL: 'http://localhost:3000' }).host).toBe('127.0.0.1');
    expect(readConfig(GOOD).host).toBe('0.0.0.0');
  });
});
