import { isId } from '../../lti/claims.ts';
import type { PlatformSettings } from '../../lti/platforms.store.ts';
import { findingsInHosts, Misuse, none, onlyId, readArguments } from './arguments.ts';
import { describe } from './list.ts';
import type { Command } from './types.ts';

const one = { type: 'string' } as const;
const several = { type: 'string', multiple: true } as const;

/** Prints a link for an LMS's administrator. */
export const invite: Command = async (args, deps) => {
  const { values, positionals } = readArguments(args, { for: one });
  none(positionals);
  const platformId = values.for ?? null;
  const { token, expiresAt } = await deps.door.operator.invite('command', platformId);
  deps.print(deps.invitationAddress(token));
  deps.print(
    `Good once, until ${expiresAt.toISOString().slice(0, 10)}. It is for the LMS's administrator alone.`,
  );
  return 0;
};

/** Changes what the operator may set; what is given replaces what was. */
export const set: Command = async (args, deps) => {
  const options = { name: one, 'token-audience': one, 'service-host': several, 'frame-origin': several };
  const { values, positionals } = readArguments(args, options);
  const id = onlyId(positionals);
  const origins = values['frame-origin'] ?? [];
  const findings = findingsInHosts(values['service-host'] ?? []);
  if (!origins.every((origin) => URL.canParse(origin) && new URL(origin).origin === origin))
    findings.push('--frame-origin must be an origin, such as https://school.example.org.');
  const audience = values['token-audience'];
  if (audience !== undefined && !isId(audience))
    findings.push('--token-audience must have 1 to 255 characters.');
  if (Object.keys(values).length === 0) findings.push('Say what to set.');
  if (findings.length > 0) throw new Misuse(findings);
  const settings: PlatformSettings = {
    ...(values.name === undefined ? {} : { name: values.name.slice(0, 255) }),
    ...(audience === undefined ? {} : { tokenAudience: audience }),
    ...(values['service-host'] === undefined ? {} : { serviceHosts: values['service-host'] }),
    ...(values['frame-origin'] === undefined ? {} : { frameOrigins: origins }),
  };
  const platform = await deps.door.platforms.set(id, settings);
  const details = Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, String(value)]));
  await deps.door.operatorLog.note({ by: 'command', action: 'set', platformId: id, details });
  deps.print(`Set. ${describe(platform)}`);
  return 0;
};

/** Switches a platform off, with everybody who came in through it, or on again. */
export const setState =
  (state: 'active' | 'disabled'): Command =>
  async (args, deps) => {
    const id = onlyId(readArguments(args, {}).positionals);
    const { platform, sessionsEnded } = await deps.door.operator.setState('command', id, state);
    deps.print(`${describe(platform)}${state === 'disabled' ? `; sessions ended: ${sessionsEnded}` : ''}`);
    return 0;
  };

/** Ends one deployment; the platform's others stay. */
export const revoke: Command = async (args, deps) => {
  const { values, positionals } = readArguments(args, { deployment: one });
  const id = onlyId(positionals);
  const deployment = values.deployment;
  if (!isId(deployment)) throw new Misuse(['--deployment is missing.']);
  const sessionsEnded = await deps.door.operator.revoke('command', id, deployment);
  deps.print(`Deployment ${deployment} opens nothing any more; sessions ended: ${sessionsEnded}`);
  return 0;
};

/** Adds a signing key; the old one signs for an hour more and stays published for a day after that. */
export const rotateKeys: Command = async (args, deps) => {
  const { values, positionals } = readArguments(args, { 'at-once': { type: 'boolean' } });
  const id = onlyId(positionals);
  const atOnce = values['at-once'] === true;
  await deps.door.operator.rotateKey('command', id, atOnce);
  deps.print(
    atOnce
      ? 'A new key signs from now on; the old ones are not published any more.'
      : 'A new key is published and signs in an hour; the old one stays published for a day after that.',
  );
  return 0;
};

/** Seals all private keys with the new ENCRYPTION_KEY. */
export const reseal: Command = async (args, deps) => {
  none(readArguments(args, {}).positionals);
  const keys = await deps.door.platforms.reseal();
  await deps.door.operatorLog.note({ by: 'command', action: 'reseal', platformId: null, details: { keys } });
  deps.print(`Keys sealed anew: ${keys}. ENCRYPTION_KEY_PREVIOUS is not needed any more.`);
  return 0;
};

/** Prints a link into the operator's page. */
export const openPage: Command = async (args, deps) => {
  none(readArguments(args, {}).positionals);
  deps.print(await deps.door.operatorLink());
  deps.print('Good once, for ten minutes. It is for you alone.');
  return 0;
};
