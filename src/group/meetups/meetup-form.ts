import { BadRequest } from '../../errors.ts';
import { type ApprovedChannel, checkLink } from './links.ts';
import { readLocalTime } from './times.ts';

export type MeetupForm = {
  readonly date: string;
  readonly time: string;
  readonly minutes: string;
  readonly title: string;
  readonly link: string;
};
export type ReadMeetup = { title: string; startsAt: Date; endsAt: Date; link: string; channel: string };

const DAY_MS = 86_400_000;
const LONGEST_TITLE = 120;

/**
 * What a meetup's form says. It may lie two weeks back, so that the roll of one that was not announced can be taken.
 * @throws BadRequest naming what does not make sense
 */
export function readMeetup(
  form: MeetupForm,
  zone: string,
  channels: readonly ApprovedChannel[],
  now: Date,
): ReadMeetup {
  const title = form.title.replace(/\s+/g, ' ').slice(0, LONGEST_TITLE);
  if (title === '') throw new BadRequest('title_missing');
  const minutes = Number(form.minutes);
  if (!Number.isInteger(minutes) || minutes < 10 || minutes > 480) throw new BadRequest('minutes_range');
  const start = readLocalTime(form.date, form.time, zone);
  if (start.refused !== null) throw new BadRequest(start.refused);
  const ahead = start.at.getTime() - now.getTime();
  if (ahead < -14 * DAY_MS || ahead > 400 * DAY_MS) throw new BadRequest('time_range');
  const link = checkLink(form.link, channels);
  if (link.refused !== null) throw new BadRequest(link.refused);
  const endsAt = new Date(start.at.getTime() + minutes * 60_000);
  return { title, startsAt: start.at, endsAt, link: link.url, channel: link.label };
}

export type Attendance = 'present' | 'absent' | 'excused';
const OUTCOMES = { present: 'met', absent: 'missed', excused: 'excused' } as const;

/** The roll as outcomes of evidence. @throws BadRequest where somebody's line is missing */
export function readRoll(
  said: (personId: string) => string,
  members: readonly string[],
): ReadonlyMap<string, (typeof OUTCOMES)[Attendance]> {
  return new Map(
    members.map((personId) => {
      const word = said(personId);
      if (word !== 'present' && word !== 'absent' && word !== 'excused')
        throw new BadRequest('roll_incomplete');
      return [personId, OUTCOMES[word]];
    }),
  );
}
