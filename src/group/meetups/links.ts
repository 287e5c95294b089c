/** A place to meet: its host, and its name as people know it. */
export type ApprovedChannel = { readonly host: string; readonly label: string };
export type LinkRefusal =
  'link_malformed' | 'link_not_https' | 'link_credentials' | 'link_port' | 'link_not_approved';
export type CheckedLink =
  | { readonly url: string; readonly label: string; readonly refused: null }
  | { readonly refused: LinkRefusal };

/** Approved everywhere; a course adds its own in its settings. */
export const CHANNELS: readonly ApprovedChannel[] = [
  { host: 'discord.gg', label: 'Discord' },
  { host: 'discord.com', label: 'Discord' },
  { host: 'chat.whatsapp.com', label: 'WhatsApp' },
  { host: 'wa.me', label: 'WhatsApp' },
  { host: 'whatsapp.com', label: 'WhatsApp' },
  { host: 'meet.google.com', label: 'Google Meet' },
  { host: 'zoom.us', label: 'Zoom' },
  { host: 'teams.microsoft.com', label: 'Microsoft Teams' },
  { host: 'teams.live.com', label: 'Microsoft Teams' },
];

const LONGEST = 500;

/**
 * Whether a link leads to an approved place: https, no name or password before the host, no port, and the host is an
 * approved one or lies below it. The answer's `url` is the parsed address, so what was checked is what is opened.
 */
export function checkLink(text: string, added: readonly ApprovedChannel[]): CheckedLink {
  // Browsers drop line breaks and tabs inside an address; a person reading it sees another one.
  // eslint-disable-next-line no-control-regex -- control characters are exactly what is refused
  if (text.length > LONGEST || /[\s\\\u0000-\u001f\u007f]/.test(text)) return { refused: 'link_malformed' };
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    return { refused: 'link_malformed' };
  }
  if (url.protocol !== 'https:') return { refused: 'link_not_https' };
  if (url.username !== '' || url.password !== '') return { refused: 'link_credentials' };
  if (url.port !== '') return { refused: 'link_port' };
  const host = url.hostname;
  const channel = [...CHANNELS, ...added].find(
    (known) => host === known.host || host.endsWith(`.${known.host}`),
  );
  return channel === undefined
    ? { refused: 'link_not_approved' }
    : { url: url.href, label: channel.label, refused: null };
}
