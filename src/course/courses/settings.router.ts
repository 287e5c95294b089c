import { IANAZone } from 'luxon';
import { BadRequest } from '../../errors.ts';
import { page } from '../../web/page.ts';
import { allow, createRouter, field, type RoomRouter, seeOther, visitOf } from '../../web/routing.ts';
import type { AuditStore } from '../audit/audit.store.ts';
import type { CourseStore } from './courses.store.ts';
import type { Channel, CourseSettings } from './settings.ts';

const HOST = /^(?=.{4,253}$)([a-z\d]([a-z\d-]{0,61}[a-z\d])?\.)+[a-z]{2,63}$/;
const MOST_TRACKS = 60;

/** What staff may change about the course. */
export function settingsRouter({ courses, audit }: { courses: CourseStore; audit: AuditStore }): RoomRouter {
  const router = createRouter();
  router.get('/settings', allow('manager'), async (req, res) => {
    const course = await courses.select(visitOf(res).scope);
    page(res, 'course/settings', { settings: course.settings, saved: field(req.query, 'saved') === '1' });
  });
  router.post('/settings', allow('manager'), async (req, res) => {
    const { scope, personId } = visitOf(res);
    const settings = readSettings(req.body);
    await courses.saveSettings(scope, settings);
    await audit.note(scope, personId, 'settings', null, { tracks: settings.tracks.length });
    seeOther(res, '/settings?saved=1');
  });
  return router;
}

/** @throws BadRequest naming what does not make sense */
function readSettings(body: unknown): CourseSettings {
  const tracks = [...new Set(linesOf(field(body, 'tracks')).map((track) => track.slice(0, 80)))];
  if (tracks.length === 0) throw new BadRequest('tracks_empty');
  if (tracks.length > MOST_TRACKS) throw new BadRequest('tracks_many', { most: MOST_TRACKS });
  const timeZone = field(body, 'time_zone');
  if (!IANAZone.isValidZone(timeZone)) throw new BadRequest('zone_unknown');
  const oneTrack = field(body, 'one_track');
  return {
    tracks,
    timeZone,
    oneTrack: tracks.includes(oneTrack) ? oneTrack : null,
    channels: linesOf(field(body, 'channels')).map(channelOf),
  };
}

function linesOf(text: string): string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter(Boolean);
}

/** "meet.jit.si Jitsi": a host, then its name. */
function channelOf(line: string): Channel {
  const [host = '', ...label] = line.split(/\s+/);
  if (!HOST.test(host.toLowerCase())) throw new BadRequest('channel_host');
  return { host: host.toLowerCase(), label: label.join(' ').slice(0, 40) || host };
}
