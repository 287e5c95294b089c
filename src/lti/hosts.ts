import type { Platform } from './platforms.ts';

/** True for a host that registration pinned, alone or as one of `*.domain`: bearer tokens and answers go nowhere else. */
export function isPinned(platform: Pick<Platform, 'serviceHosts'>, address: string): boolean {
  return (
    URL.canParse(address) && platform.serviceHosts.some((pinned) => covers(pinned, new URL(address).host))
  );
}

/** True for an address on one of the platform's pages. */
export function isOwnPage(platform: Pick<Platform, 'frameOrigins'>, address: string): boolean {
  if (!URL.canParse(address)) return false;
  const { origin, protocol, host } = new URL(address);
  return platform.frameOrigins.some(
    (page) =>
      page === origin ||
      (page.startsWith(`${protocol}//*.`) && covers(page.slice(protocol.length + 2), host)),
  );
}

/** `*.school.example` covers hosts below that domain, not the domain itself. */
function covers(pinned: string, host: string): boolean {
  return pinned === host || (pinned.startsWith('*.') && host.endsWith(pinned.slice(1)));
}
