import { IANAZone } from 'luxon';
import { fold } from '../fold.ts';
import type { Channel, CourseSettings } from './settings.ts';

/** Settings as the form shows and sends them: one track or channel a line. */
export type SettingsForm = Readonly<Record<'tracks' | 'oneTrack' | 'timeZone' | 'channels', string>>;
/** A key of words for each field that must be looked at again, and what fills it. */
export type FieldError = {
  readonly code: string;
  readonly params: Readonly<Record<string, string | number>>;
};
export type SettingsErrors = Readonly<Partial<Record<keyof SettingsForm, FieldError>>>;
export type ReadSettings = Omit<CourseSettings, 'placesId' | 'placeLate' | 'graceDays'>;

const HOST = /^(?=.{4,253}$)([a-z\d]([a-z\d-]{0,61}[a-z\d])?\.)+[a-z]{2,63}$/;
const MOST_TRACKS = 60;
const LONGEST_TRACK = 80;
const MOST_CHANNELS = 30;

/** The form as settings fill it. */
export function settingsFormOf({ tracks, oneTrack, timeZone, channels }: CourseSettings): SettingsForm {
  return {
    tracks: tracks.join('\n'),
    oneTrack: oneTrack ?? '',
    timeZone,
    channels: channels.map(({ host, label }) => `${host} ${label}`).join('\n'),
  };
}

/** The settings that a form means, or what is wrong with it. Two spellings of one track are one. */
export function readSettings(form: SettingsForm): ReadSettings | { readonly errors: SettingsErrors } {
  const errors: { -readonly [key in keyof SettingsForm]?: FieldError } = {};
  const lines = linesOf(form.tracks).map((line) => line.replace(/[\p{Cc}\p{Cs}\s]+/gu, ' '));
  const tracks = distinct(lines);
  if (tracks.length === 0) errors.tracks = wrong('tracks_empty');
  else if (tracks.length > MOST_TRACKS) errors.tracks = wrong('tracks_many', { most: MOST_TRACKS });
  else if (tracks.some((track) => track.length > LONGEST_TRACK))
    errors.tracks = wrong('track_long', { most: LONGEST_TRACK });
  if (form.oneTrack !== '' && !tracks.includes(form.oneTrack)) errors.oneTrack = wrong('one_track_gone');
  if (!IANAZone.isValidZone(form.timeZone)) errors.timeZone = wrong('zone_unknown');
  const channels = linesOf(form.channels).map(channelOf);
  const faulty = channels.findIndex((channel) => channel === null);
  if (faulty !== -1) errors.channels = wrong('channel_host', { line: faulty + 1 });
  else if (channels.length > MOST_CHANNELS) errors.channels = wrong('channels_many', { most: MOST_CHANNELS });
  if (Object.keys(errors).length > 0) return { errors };
  return {
    tracks,
    timeZone: form.timeZone,
    oneTrack: form.oneTrack || null,
    channels: channels.filter((channel) => channel !== null),
  };
}

/** Zones to choose from, as IANA names them, by region; the course's own is among them in any case. */
export function zonesWith(own: string): readonly { region: string; zones: readonly string[] }[] {
  const all = [...new Set([...Intl.supportedValuesOf('timeZone'), 'UTC', own])].toSorted();
  const regions = new Map<string, string[]>();
  for (const zone of all) {
    const region = zone.includes('/') ? (zone.split('/')[0] ?? zone) : zone;
    regions.set(region, [...(regions.get(region) ?? []), zone]);
  }
  return [...regions].map(([region, zones]) => ({ region, zones }));
}

/** The first spelling of each; answered in time that grows with the lines alone, since anybody may paste many. */
function distinct(lines: readonly string[]): string[] {
  const first = new Map<string, string>();
  for (const line of lines) {
    const folded = fold(line);
    if (!first.has(folded)) first.set(folded, line);
    if (first.size > MOST_TRACKS) break;
  }
  return [...first.values()];
}

function linesOf(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter(Boolean);
}

/** "meet.jit.si Jitsi": a host, then its name. */
function channelOf(line: string): Channel | null {
  const [host = '', ...label] = line.split(/\s+/);
  if (!HOST.test(host.toLowerCase())) return null;
  return { host: host.toLowerCase(), label: label.join(' ').slice(0, 40) || host };
}

function wrong(code: string, params: FieldError['params'] = {}): FieldError {
  return { code, params };
}
