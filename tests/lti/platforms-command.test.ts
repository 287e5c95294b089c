import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { platformsCommand } from '../../src/cli/platforms.ts';
import type { Platform } from '../../src/lti/platforms.ts';
import { startLocalPlatform } from './support/local-platform.ts';
import { startTool, type Tool } from './support/tool.ts';

let tool: Tool;
beforeAll(async () => {
  tool = await startTool();
});
afterAll(() => tool.close());

async function run(...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await platformsCommand(args, {
    door: tool.door,
    invitationAddress: (token) => `${tool.origin}/lti/register?invitation=${token}`,
    allowPrivateNetwork: false,
    words: (reason) => `Words for ${reason}.`,
    print: (line) => void out.push(line),
    printError: (line) => void err.push(line),
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

/** A platform of its own, so that tests do not meet in one. */
async function aRegistered(clientId: string): Promise<Platform> {
  await run('add', ...good.map((value) => (value === 'c-1' ? clientId : value)), '--deployment', '1');
  const platform = await tool.door.platforms.findByClient('https://school.example', clientId);
  if (platform === null) throw new Error('Not registered.');
  return platform;
}

const good = [
  ...[
    '--issuer',
    'https://school.example',
    '--client-id',
    'c-1',
    '--auth-url',
    'https://school.example/auth',
  ],
  ...['--token-url', 'https://school.example/token', '--jwks-url', 'https://school.example/jwks'],
];

describe('platforms', () => {
  test('lists nothing at first, and says so', async () => {
    expect(await run('list')).toMatchObject({ code: 0, out: 'No platform is registered yet.' });
  });

  test('adds a platform, lists it, and adds it no second time', async () => {
    expect(
      (await run('add', ...good, '--deployment', '1', '--deployment', '2', '--name', 'School')).code,
    ).toBe(0);
    expect((await run('list')).out).toContain(
      'School: issuer https://school.example, client id c-1, deployments 1, 2, active',
    );
    expect(await run('add', ...good)).toMatchObject({
      code: 1,
      err: expect.stringContaining('registered already'),
    });
  });

  test('learns deployments where none is given', async () => {
    await run(
      'add',
      ...good.map((value) => (value === 'c-1' ? 'c-2' : value)),
      '--service-host',
      'api.school.example',
    );
    const platform = await tool.door.platforms.findByClient('https://school.example', 'c-2');
    expect(platform).toMatchObject({
      deployments: 'learn',
      serviceHosts: ['school.example', 'api.school.example'],
    });
  });

  test.each<[string, string[], string]>([
    ['nothing to do', [], 'Say what to do'],
    ['an unknown command', ['remove'], 'remove is not known here.'],
    ['a name that objects have', ['constructor'], 'constructor is not known here.'],
    ['a command without its platform', ['disable'], 'Give the id of one platform'],
    ['nothing to set', ['set', 'some-id'], 'Say what to set.'],
    [
      'a frame that is no origin',
      ['set', 'some-id', '--frame-origin', 'https://a.example/x'],
      '--frame-origin must',
    ],
    ['a revocation of nothing', ['revoke', 'some-id'], '--deployment is missing.'],
    [
      'a wildcard over a whole ending',
      ['set', 'some-id', '--service-host', '*.example'],
      '--service-host must be',
    ],
    ['a missing address', ['add', ...good.slice(2)], '--issuer is missing.'],
    ['an unknown option', ['add', ...good, '--colour', 'red'], '--colour'],
    ['an option without its value', ['add', ...good, '--name'], '--name'],
    [
      'plain http',
      ['add', ...good, '--jwks-url', 'http://school.example/jwks'],
      '--jwks-url must be an https address',
    ],
    ['a loopback address', ['add', ...good, '--token-url', 'https://127.0.0.1/'], '--token-url must be'],
    ['an empty client id', ['add', ...good, '--client-id', ''], '--client-id must have'],
    [
      'a service host with a path',
      ['add', ...good, '--service-host', 'a.example/x'],
      '--service-host must be',
    ],
  ])('ends with 2 and a sentence for %s', async (_what, args, sentence) => {
    const { code, err } = await run(...args);
    expect(code).toBe(2);
    expect(err).toContain(sentence);
    expect(err).toContain('Usage: npm run platforms');
  });
});

describe('a platform that is not there', () => {
  test.each([
    [['disable', 'nobody']],
    [['enable', 'nobody']],
    [['set', 'nobody', '--name', 'x']],
    [['revoke', 'nobody', '--deployment', '1']],
    [['rotate-keys', 'nobody']],
    [['invite', '--for', 'nobody']],
  ])('is said to be unknown by %j', async (args) => {
    expect(await run(...args)).toMatchObject({
      code: 1,
      err: expect.stringContaining('No platform has this id'),
    });
  });
});

test.each(['-aaaaaaaaaaaaaaaaaaaaa', '--aaaaaaaaaaaaaaaaaaaa'])(
  'an id may begin with a dash: %s',
  async (id) => {
    for (const args of [
      ['disable', id],
      ['invite', '--for', id],
    ])
      expect(await run(...args)).toMatchObject({
        code: 1,
        err: expect.stringContaining('No platform has this id'),
      });
  },
);

describe('invite', () => {
  test('prints a link that is good once, and says for how long', async () => {
    const { code, out } = await run('invite');
    const token = /invitation=([\w-]{32})\n/.exec(out)?.[1] ?? '';
    expect(code).toBe(0);
    expect(out).toMatch(/Good once, until \d{4}-\d\d-\d\d/);
    expect(await tool.door.invitations.claim(token)).toMatchObject({ platformId: null });
  });

  test('may name the platform that it is for', async () => {
    const { id } = await aRegistered('c-invite');
    const { out } = await run('invite', '--for', id);
    const token = /invitation=([\w-]{32})\n/.exec(out)?.[1] ?? '';
    expect(await tool.door.invitations.find(token)).toMatchObject({ platformId: id });
  });
});

describe('what is set', () => {
  test('replaces what was, and the rest stays', async () => {
    const before = await aRegistered('c-set');
    await run(
      'set',
      before.id,
      '--token-audience',
      'https://api.school.example',
      '--service-host',
      '*.school.example',
    );
    expect(await tool.door.platforms.find(before.id)).toEqual({
      ...before,
      tokenAudience: 'https://api.school.example',
      serviceHosts: ['*.school.example'],
    });
  });

  test('is a deployment that opens nothing any more', async () => {
    const { id } = await aRegistered('c-revoke');
    expect((await run('revoke', id, '--deployment', '1')).out).toContain(
      'opens nothing any more; sessions ended: ',
    );
    expect(await tool.door.platforms.find(id)).toMatchObject({ revokedDeploymentIds: ['1'] });
    expect((await run('list')).out).toContain('revoked        1');
  });
});

test('a platform that is disabled opens nothing and ends what it opened, until it is enabled', async () => {
  const lms = await startLocalPlatform();
  const { id } = await tool.door.platforms.register(lms.registration());
  expect((await run('disable', id)).out).toContain('disabled; sessions ended: 3');
  expect(tool.ended.at(-1)).toBe(id);
  const { answer } = await tool.login(lms);
  expect([answer.status, await tool.codeOf(answer)]).toEqual([403, 'lti_platform_disabled']);
  await run('enable', id);
  expect((await tool.launch(lms)).status).toBe(303);
  await lms.close();
});

describe('list', () => {
  test('says when a platform last did well, and what last went wrong, in words', async () => {
    const lms = await startLocalPlatform();
    const { id } = await tool.door.platforms.register({ ...lms.registration(), name: 'Healthy' });
    const facts = async () => ((await run('list')).out.split('Healthy: ')[1] ?? '').split('\n');
    expect((await facts()).filter((line) => line.endsWith('never'))).toHaveLength(3);
    await tool.launch(lms);
    await tool.launch(lms, { aud: 'another' });
    tool.door.health.succeeded(id, 'roster');
    await until(async () => (await facts()).filter((line) => line.endsWith('never')).length === 1);
    await until(async () =>
      (await facts()).some((line) => line.includes('Words for lti_audience. (lti_audience)')),
    );
    expect((await facts()).find((line) => line.includes('last launch'))).toMatch(
      /\d{4}-\d\d-\d\d \d\d:\d\d UTC$/,
    );
    await lms.close();
  });

  test('is not told of what a browser brings about', async () => {
    const lms = await startLocalPlatform();
    await tool.door.platforms.register({ ...lms.registration(), name: 'Blameless' });
    await tool.launch(lms, { nonce: 'another' });
    expect((await run('list')).out.split('Blameless: ')[1]).toContain('last error     none');
    await lms.close();
  });
});

describe('keys', () => {
  const published = async () => (await tool.door.platforms.publicKeys()).map(({ kid }) => kid);

  test('are rotated with an overlap: published at once, signing after an hour, gone after a day more', async () => {
    const { id, keyId: old } = await aRegistered('c-rotate');
    await run('rotate-keys', id);
    const fresh = (await published()).at(-1);
    expect(fresh).not.toBe(old);
    expect((await tool.door.signingKey(id)).kid).toBe(old);
    tool.clock.advance(3_600_000);
    expect((await tool.door.signingKey(id)).kid).toBe(fresh);
    expect(await published()).toEqual(expect.arrayContaining([old, fresh]));
    await tool.door.sweep();
    expect(await published()).toContain(old);
    tool.clock.advance(24 * 3_600_000);
    await tool.door.sweep();
    expect(await published()).not.toContain(old);
    expect(await published()).toContain(fresh);
    tool.clock.reset();
  });

  test('that are not trusted any more are replaced at once', async () => {
    const { id, keyId: old } = await aRegistered('c-rotate-now');
    await run('rotate-keys', id, '--at-once');
    expect(await published()).not.toContain(old);
    expect((await tool.door.signingKey(id)).kid).not.toBe(old);
  });
});

test('every action leaves a line, and no secret in it', async () => {
  const { out } = await run('invite');
  const token = /invitation=([\w-]{32})\n/.exec(out)?.[1] ?? '';
  const { out: lines } = await run('log');
  for (const action of ['invite', 'add', 'set', 'revoke', 'disable', 'enable', 'rotate keys'])
    expect(lines).toContain(`  command  ${action}  `);
  expect(lines).not.toContain(token);
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}
