import type { Response } from 'express';
import { page } from '../../web/page.ts';
import { allow, createRouter, field, type RoomRouter, seeOther, visitOf } from '../../web/routing.ts';
import type { AuditStore } from '../audit/audit.store.ts';
import type { PlaceTreeStore } from '../places/trees.store.ts';
import type { ProfileStore } from '../profiles/profiles.store.ts';
import type { EnrolmentStore } from '../roster/enrolments.store.ts';
import type { CourseStore } from './courses.store.ts';
import {
  readSettings,
  type SettingsErrors,
  type SettingsForm,
  settingsFormOf,
  zonesWith,
} from './settings-form.ts';

export type SettingsDeps = {
  readonly courses: CourseStore;
  readonly trees: PlaceTreeStore;
  readonly profiles: ProfileStore;
  readonly enrolments: EnrolmentStore;
  readonly audit: AuditStore;
};
/** A track that fellows have and the list does not: what becomes of it ('' is not said yet, '-' is: not known). */
type Lost = { readonly track: string; readonly count: number; readonly becomes: string };

const UNKNOWN = '-';

/** What staff may change about the course. */
export function settingsRouter({ courses, trees, profiles, enrolments, audit }: SettingsDeps): RoomRouter {
  const router = createRouter();
  router.get('/settings', allow('manager'), async (req, res) => {
    const { scope } = visitOf(res);
    const { settings } = await courses.select(scope);
    const lost = await lostBy(res, settings.tracks, () => '');
    await show(res, settingsFormOf(settings), {}, lost, { saved: field(req.query, 'saved') === '1' });
  });
  router.post('/settings', allow('manager'), async (req, res) => {
    const { scope, personId } = visitOf(res);
    const form: SettingsForm = {
      tracks: field(req.body, 'tracks'),
      oneTrack: field(req.body, 'one_track'),
      timeZone: field(req.body, 'time_zone'),
      channels: field(req.body, 'channels'),
    };
    const read = readSettings(form);
    if ('errors' in read) {
      await show(res.status(422), form, read.errors, [], {});
      return;
    }
    // Asked by name, not by place in the list: the answer must not meet another track.
    const lost = await lostBy(res, read.tracks, (track) => field(req.body, `becomes ${track}`));
    const undecided = lost.some(({ becomes }) => becomes !== UNKNOWN && !read.tracks.includes(becomes));
    if (undecided) {
      await show(res.status(422), form, {}, lost, { asks: true });
      return;
    }
    const revision = field(req.body, 'revision');
    if (!(await courses.saveSettings(scope, read, /^\d+$/.test(revision) ? Number(revision) : -1))) {
      await show(res.status(409), form, {}, lost, { stale: true });
      return;
    }
    // Interrupted from here on, the page of settings itself asks about the tracks that are left to rename.
    for (const { track, becomes } of lost)
      await profiles.renameTrack(scope, track, becomes === UNKNOWN ? null : becomes);
    await audit.note(scope, personId, 'settings', null, { tracks: read.tracks.length, renamed: lost.length });
    seeOther(res, '/settings?saved=1');
  });

  async function lostBy(
    res: Response,
    tracks: readonly string[],
    becomesOf: (track: string) => string,
  ): Promise<readonly Lost[]> {
    const { scope } = visitOf(res);
    const inUse = await profiles.tracks(scope, await enrolments.otherIds(scope));
    return inUse
      .filter(({ value }) => !tracks.includes(value))
      .map(({ value, count }) => ({ track: value, count, becomes: becomesOf(value) }));
  }
  async function show(
    res: Response,
    form: SettingsForm,
    errors: SettingsErrors,
    lost: readonly Lost[],
    { saved = false, asks = false, stale = false },
  ): Promise<void> {
    const { scope } = visitOf(res);
    const { settings, settingsRevision } = await courses.select(scope);
    const { counts } = await trees.places(scope, settings.placesId);
    page(res, 'course/settings', {
      form,
      errors,
      saved,
      asks,
      stale,
      // Of a form that comes back with a fault, what it was filled from; of one that was too late, what it now replaces.
      revision: stale ? settingsRevision : field(res.req.body, 'revision') || settingsRevision,
      lost,
      unknown: UNKNOWN,
      offered: form.tracks.split(/\r?\n/).flatMap((line) => line.trim() || []),
      zones: zonesWith(settings.timeZone),
      nigeria: settings.placesId === null,
      counts,
    });
  }
  return router;
}
