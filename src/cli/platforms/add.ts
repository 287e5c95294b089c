import { isId } from '../../lti/claims.ts';
import type { NewPlatform } from '../../lti/platforms.ts';
import { isSafeUrl } from '../../lti/safe-fetch.ts';
import { findingsInHosts, Misuse, none, readArguments } from './arguments.ts';
import { describe } from './list.ts';
import type { Command } from './types.ts';

const one = { type: 'string' } as const;
const several = { type: 'string', multiple: true } as const;
const OPTIONS = {
  issuer: one,
  'client-id': one,
  'auth-url': one,
  'token-url': one,
  'jwks-url': one,
  'token-audience': one,
  name: one,
  deployment: several,
  'service-host': several,
};
const ADDRESSES = ['issuer', 'auth-url', 'token-url', 'jwks-url'] as const;

type Values = ReturnType<typeof readArguments<typeof OPTIONS>>['values'];

/** Registers a platform by the values its administrator gave. */
export const add: Command = async (args, deps) => {
  const { values, positionals } = readArguments(args, OPTIONS);
  none(positionals);
  const findings = findingsIn(values, deps.allowPrivateNetwork);
  if (findings.length > 0) throw new Misuse(findings);
  const platform = await deps.door.platforms.register(toPlatform(values));
  const { id: platformId, issuer, clientId } = platform;
  await deps.door.operatorLog.note({
    by: 'command',
    action: 'add',
    platformId,
    details: { issuer, clientId },
  });
  deps.print(`Registered. ${describe(platform)}`);
  return 0;
};

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
  return [...findings, ...findingsInHosts(values['service-host'] ?? [])];
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
