import { parseArgs } from 'node:util';
import { AppError } from '../errors.ts';
import { isId } from '../lti/claims.ts';
import type { NewPlatform, Platform } from '../lti/platforms.ts';
import { isSafeUrl } from '../lti/safe-fetch.ts';

/** What the command needs of the house; the caller owns database and output. */
export type PlatformsDeps = {
  readonly platforms: {
    register(platform: NewPlatform): Promise<Platform>;
    list(): Promise<readonly Platform[]>;
  };
  readonly allowPrivateNetwork: boolean;
  print(line: string): void;
  printError(line: string): void;
};

const USAGE = [
  'Usage: npm run platforms -- list',
  '       npm run platforms -- add --issuer URL --client-id ID --auth-url URL --token-url URL --jwks-url URL',
  '                               [--deployment ID]… [--name NAME] [--token-audience VALUE] [--service-host HOST]…',
];
const ADDRESSES = ['issuer', 'auth-url', 'token-url', 'jwks-url'] as const;

type Values = ReturnType<typeof parse>['values'];

/**
 * The `platforms` command: installs an LMS by hand, or lists those installed.
 * @param args what stands after `platforms`
 * @returns the exit code: 0 done, 1 refused (it is registered already), 2 the arguments make no sense
 */
export async function platformsCommand(args: readonly string[], deps: PlatformsDeps): Promise<number> {
  const [command, ...rest] = args;
  if (command === 'list' && rest.length === 0) return list(deps);
  if (command === 'add') return add(rest, deps);
  const finding =
    command === undefined ? 'Say what to do: add or list.' : 'Only add and list are known here.';
  return misused(deps, [finding]);
}

async function list(deps: PlatformsDeps): Promise<number> {
  const platforms = await deps.platforms.list();
  if (platforms.length === 0) deps.print('No platform is registered yet.');
  for (const platform of platforms) deps.print(describe(platform));
  return 0;
}

async function add(args: readonly string[], deps: PlatformsDeps): Promise<number> {
  let values: Values;
  try {
    ({ values } = parse(args));
  } catch (error) {
    return misused(deps, [error instanceof Error ? error.message : String(error)]);
  }
  const findings = findingsIn(values, deps.allowPrivateNetwork);
  if (findings.length > 0) return misused(deps, findings);
  try {
    const platform = await deps.platforms.register(toPlatform(values));
    deps.print(`Registered. ${describe(platform)}`);
    return 0;
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'lti_platform_exists')) throw error;
    deps.printError('A platform with this issuer and client id is registered already; nothing was changed.');
    return 1;
  }
}

function parse(args: readonly string[]) {
  const one = { type: 'string' } as const;
  const several = { type: 'string', multiple: true } as const;
  return parseArgs({
    args: [...args],
    options: {
      issuer: one,
      'client-id': one,
      'auth-url': one,
      'token-url': one,
      'jwks-url': one,
      'token-audience': one,
      name: one,
      deployment: several,
      'service-host': several,
    },
  });
}

function findingsIn(values: Values, allowPrivateNetwork: boolean): string[] {
  const findings = ADDRESSES.filter((name) => !isSafeUrl(values[name] ?? '', allowPrivateNetwork)).map(
    (name) =>
      values[name] === undefined
        ? `--${name} is missing.`
        : `--${name} must be an https address (LTI_ALLOW_PRIVATE_NETWORK=true admits http and private addresses).`,
  );
  if (values['client-id'] === undefined) findings.push('--client-id is missing.');
  else if (!isId(values['client-id'])) findings.push('--client-id must have 1 to 255 characters.');
  if (!(values.deployment ?? []).every(isId)) findings.push('--deployment must have 1 to 255 characters.');
  const hosts = values['service-host'] ?? [];
  if (!hosts.every((host) => URL.canParse(`https://${host}`) && new URL(`https://${host}`).host === host)) {
    findings.push(
      '--service-host must be a host alone, such as school.example.org or school.example.org:8443.',
    );
  }
  return findings;
}

function toPlatform(values: Values): NewPlatform {
  const tokenAudience = values['token-audience'];
  return {
    issuer: values.issuer ?? '',
    clientId: values['client-id'] ?? '',
    authUrl: values['auth-url'] ?? '',
    tokenUrl: values['token-url'] ?? '',
    jwksUrl: values['jwks-url'] ?? '',
    ...(values.name === undefined ? {} : { name: values.name.slice(0, 255) }),
    ...(tokenAudience === undefined ? {} : { tokenAudience }),
    deploymentIds: values.deployment ?? [],
    serviceHosts: values['service-host'] ?? [],
  };
}

function describe(platform: Platform): string {
  const deployments =
    platform.deployments === 'learn' && platform.deploymentIds.length === 0
      ? 'learned from the first staff launch'
      : platform.deploymentIds.join(', ');
  return [
    `${platform.name}: issuer ${platform.issuer}`,
    `client id ${platform.clientId}`,
    `deployments ${deployments}`,
    platform.state,
  ].join(', ');
}

function misused(deps: PlatformsDeps, findings: readonly string[]): number {
  for (const line of [...findings, ...USAGE]) deps.printError(line);
  return 2;
}
