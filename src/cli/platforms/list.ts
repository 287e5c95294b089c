import type { Health } from '../../lti/health.store.ts';
import type { Platform } from '../../lti/platforms.ts';
import { profileOf } from '../../lti/profiles.ts';
import { none, readArguments } from './arguments.ts';
import type { Command, PlatformsDeps } from './types.ts';

const MOST_LINES = 200;

/** Prints what is installed where, and how it is doing. */
export const list: Command = async (args, deps) => {
  none(readArguments(args, {}).positionals);
  const [platforms, health] = await Promise.all([deps.door.platforms.list(), deps.door.health.list()]);
  if (platforms.length === 0) deps.print('No platform is registered yet.');
  for (const platform of platforms) {
    deps.print(describe(platform));
    for (const [name, value] of factsOf(platform, health.get(platform.id) ?? null, deps))
      deps.print(`  ${name.padEnd(15)}${value}`);
  }
  return 0;
};

/** Prints what was done to the installation, the newest first. */
export const log: Command = async (args, deps) => {
  none(readArguments(args, {}).positionals);
  for (const { at, by, action, platformId, details } of await deps.door.operatorLog.list(MOST_LINES)) {
    const more = Object.entries(details).map(([name, value]) => `${name}=${String(value)}`);
    deps.print([minuteOf(at), by, action, platformId ?? '-', ...more].join('  '));
  }
  return 0;
};

/** A platform in one line. */
export function describe(platform: Platform): string {
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

function factsOf(platform: Platform, health: Health | null, deps: PlatformsDeps): [string, string][] {
  const when = (date: Date | null | undefined): string => (date == null ? 'never' : minuteOf(date));
  const revoked = platform.revokedDeploymentIds.join(', ');
  return [
    ['id', platform.id],
    ['software', profileOf(platform.family).name],
    ['token audience', platform.tokenAudience],
    ['hosts', platform.serviceHosts.join(', ')],
    ...(revoked === '' ? [] : [['revoked', revoked] satisfies [string, string]]),
    ['key', platform.keyId],
    ['last launch', when(health?.launchAt)],
    ['last roster', when(health?.rosterAt)],
    ['last score', when(health?.scoreAt)],
    ['last error', errorOf(health, deps)],
  ];
}

function errorOf(health: Health | null, deps: PlatformsDeps): string {
  if (health?.errorAt == null || health.error === null) return 'none';
  return `${minuteOf(health.errorAt)}: ${deps.words(health.error)} (${health.error})`;
}

/** 2026-11-24 09:00 UTC */
function minuteOf(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
