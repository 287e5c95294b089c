/** Hosts on which meetings are held, and what people call them. A host counts with its subdomains where it says so. */
type Known = { readonly host: string; readonly subdomains: boolean; readonly label: string };
const APPROVED: readonly Known[] = [
  { host: 'discord.gg', subdomains: false, label: 'Discord' },
  { host: 'discord.com', subdomains: false, label: 'Discord' },
  { host: 'chat.whatsapp.com', subdomains: false, label: 'WhatsApp' },
  { host: 'call.whatsapp.com', subdomains: false, label: 'WhatsApp' },
  { host: 'wa.me', subdomains: false, label: 'WhatsApp' },
  { host: 'whatsapp.com', subdomains: false, label: 'WhatsApp' },
  { host: 'meet.google.com', subdomains: false, label: 'Google Meet' },
  { host: 'zoom.us', subdomains: true, label: 'Zoom' },
  { host: 'teams.microsoft.com', subdomains: false, label: 'Microsoft Teams' },
  { host: 'teams.live.com', subdomains: false, label: 'Microsoft Teams' },
];

/** What a person is told they may use; the course adds to them in Settings. */
export const APPROVED_CHANNELS: readonly string[] = [...new Set(APPROVED.map(({ label }) => label))];

/** Everybody in a WhatsApp chat or call sees the others' numbers; on the other channels nobody does. */
export function showsPhoneNumbers(channel: string): boolean {
  return channel === 'WhatsApp';
}

export type ApprovedLink = { readonly href: string; readonly channel: string };
/** Why a link is not taken; a key of words. */
export type LinkRefusal = 'link_unreadable' | 'link_not_https' | 'link_with_login' | 'link_channel';

/**
 * A meeting link on an approved channel, or why not. Compared as parsed hosts, so that look-alikes
 * (zoom.us.example.org, discord.com@example.org) are none.
 */
export function approveLink(
  text: string,
  further: readonly { host: string; label: string }[],
): ApprovedLink | LinkRefusal {
  if (text.length > 500 || !URL.canParse(text)) return 'link_unreadable';
  const url = new URL(text);
  if (url.protocol !== 'https:' || url.port !== '') return 'link_not_https';
  if (url.username !== '' || url.password !== '') return 'link_with_login';
  const host = url.hostname.replace(/^www\./, '');
  const known = [...APPROVED, ...further.map((channel) => ({ ...channel, subdomains: false }))].find(
    (channel) => host === channel.host || (channel.subdomains && host.endsWith(`.${channel.host}`)),
  );
  return known === undefined ? 'link_channel' : { href: url.href, channel: known.label };
}
