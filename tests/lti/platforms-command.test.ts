import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { platformsCommand } from '../../src/cli/platforms.ts';
import { startTool, type Tool } from './support/tool.ts';

let tool: Tool;
beforeAll(async () => {
  tool = await startTool();
});
afterAll(() => tool.close());

async function run(...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await platformsCommand(args, {
    platforms: tool.door.platforms,
    allowPrivateNetwork: false,
    print: (line) => void out.push(line),
    printError: (line) => void err.push(line),
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
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
    ['an unknown command', ['remove'], 'Only add and list'],
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
