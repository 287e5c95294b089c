import { DateTime } from 'luxon';
import type { Channel } from '../../course/courses/settings.ts';
import { approveLink, type LinkRefusal } from './channels.ts';
import { beginOf } from './free-times.ts';
import { MOST_TIMES, startsOf, type TimeRefusal } from './times.ts';

export const FIELDS = ['title', 'date', 'time', 'minutes', 'link', 'repeat', 'times'] as const;
export type MeetupField = (typeof FIELDS)[number];
/** What was typed, as it is shown again. */
export type Typed = Readonly<Record<MeetupField, string>>;
/** Why a form is not taken: a key of words, and the field it stands at. */
export type MeetupRefusal = {
  readonly field: MeetupField;
  readonly reason: 'title_missing' | 'minutes_senseless' | 'times_senseless' | TimeRefusal | LinkRefusal;
};
export type ReadMeetup = {
  readonly title: string;
  readonly link: string;
  readonly channel: string;
  readonly times: readonly { readonly startsAt: Date; readonly endsAt: Date }[];
};

const LONGEST = { title: 120, link: 2_000, other: 20 };
export const MINUTES = { least: 10, most: 480 };

/** The form's fields as text, cut to what a field may hold. */
export function typedIn(read: (name: string) => string): Typed {
  const cut = (name: MeetupField): string =>
    read(name).slice(0, name === 'title' ? LONGEST.title : name === 'link' ? LONGEST.link : LONGEST.other);
  return {
    title: cut('title'),
    date: cut('date'),
    time: cut('time'),
    minutes: cut('minutes'),
    link: cut('link'),
    repeat: cut('repeat'),
    times: cut('times'),
  };
}

/** A new form: at the next such part of the week from tomorrow on; where none was chosen, a week from now at four. */
export function typedAtFirst(now: Date, zone: string, slot: number | null): Typed {
  const today = DateTime.fromJSDate(now, { zone });
  const chosen = slot === null ? null : beginOf(slot);
  const days = chosen === null ? 7 : ((chosen.weekday - today.weekday + 6) % 7) + 1;
  const date = today.plus({ days }).toFormat('yyyy-MM-dd');
  const time = chosen?.time ?? '16:00';
  return { title: '', date, time, minutes: '60', link: '', repeat: 'once', times: '4' };
}

/** A meetup as its form shows it, on the clocks of the group. */
export function typedOf(
  meetup: { title: string; link: string; startsAt: Date; endsAt: Date },
  zone: string,
): Typed {
  const start = DateTime.fromJSDate(meetup.startsAt, { zone });
  return {
    title: meetup.title,
    date: start.toFormat('yyyy-MM-dd'),
    time: start.toFormat('HH:mm'),
    minutes: String(Math.round((meetup.endsAt.getTime() - meetup.startsAt.getTime()) / 60_000)),
    link: meetup.link,
    repeat: 'once',
    times: '1',
  };
}

/** The meetup that a form describes, or what is wrong with it. */
export function readMeetup(
  typed: Typed,
  zone: string,
  channels: readonly Channel[],
  now: Date,
): ReadMeetup | MeetupRefusal {
  if (typed.title === '') return { field: 'title', reason: 'title_missing' };
  const minutes = wholeNumber(typed.minutes);
  const repeat = typed.repeat === 'weekly' || typed.repeat === 'biweekly' ? typed.repeat : 'once';
  const times = repeat === 'once' ? 1 : wholeNumber(typed.times);
  const starts = startsOf(typed.date, typed.time, zone, repeat, times, now);
  if (typeof starts === 'string')
    return { field: AT_DATE.includes(starts) ? 'date' : 'time', reason: starts };
  if (minutes < MINUTES.least || minutes > MINUTES.most)
    return { field: 'minutes', reason: 'minutes_senseless' };
  if (times < 1 || times > MOST_TIMES) return { field: 'times', reason: 'times_senseless' };
  const link = approveLink(typed.link, channels);
  if (typeof link === 'string') return { field: 'link', reason: link };
  return {
    title: typed.title,
    link: link.href,
    channel: link.channel,
    times: starts.map((startsAt) => ({ startsAt, endsAt: new Date(startsAt.getTime() + minutes * 60_000) })),
  };
}

const AT_DATE: readonly TimeRefusal[] = ['date_unreadable', 'date_past', 'time_far'];

/** 0 where it is none. */
function wholeNumber(text: string): number {
  return /^\d{1,6}$/.test(text) ? Number(text) : 0;
}
