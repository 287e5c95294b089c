import type { Response } from 'express';
import { stringify } from 'csv-stringify/sync';
import type { CourseScope } from '../../scope.ts';
import { page } from '../../web/page.ts';
import { allow, createRouter, field, type RoomRouter, seeOther, visitOf } from '../../web/routing.ts';
import type { AuditStore } from '../audit/audit.store.ts';
import type { CourseStore } from '../courses/courses.store.ts';
import type { ProfileStore } from '../profiles/profiles.store.ts';
import type { EnrolmentStore } from '../roster/enrolments.store.ts';
import { type Fatal, readText } from '../table.ts';
import { hasPlace } from './places.ts';
import { MOST_PLACES, PLACE_COLUMNS, readPlaceCsv, type ReadPlaces } from './place-csv.ts';
import type { PlaceTreeStore } from './trees.store.ts';

export type PlacesDeps = {
  readonly courses: CourseStore;
  readonly trees: PlaceTreeStore;
  readonly profiles: ProfileStore;
  readonly enrolments: EnrolmentStore;
  readonly audit: AuditStore;
};

const MOST_SHOWN = 20;

/** The course's own list of places instead of Nigeria's: read and shown first, taken on a second word. */
export function placesRouter({ courses, trees, profiles, enrolments, audit }: PlacesDeps): RoomRouter {
  const router = createRouter();
  router.get('/settings/places', allow('manager'), async (_req, res) => {
    await showForm(res, null, '');
  });
  router.get('/settings/places.csv', allow('manager'), async (_req, res) => {
    const { scope } = visitOf(res);
    const { states } = await current(scope);
    const lines = states.flatMap(({ country, zone, state, lgas }) =>
      (lgas.length === 0 ? [''] : lgas).map((lga) => [country ?? '', zone ?? '', state, lga]),
    );
    res.attachment('places.csv').type('text/csv');
    res.send(stringify([[...PLACE_COLUMNS], ...lines], { bom: true, escape_formulas: true }));
  });
  router.post('/settings/places', allow('manager'), async (req, res) => {
    const { scope, personId } = visitOf(res);
    const file = res.locals['file'] as Buffer | undefined;
    const pasted = field(req.body, 'text');
    const text = file !== undefined && file.length > 0 ? readText(file) : pasted;
    const read: ReadPlaces | Fatal = typeof text === 'string' ? readPlaceCsv(text) : text;
    if ('code' in read) await showForm(res.status(422), read, pasted);
    else seeOther(res, `/settings/places/${await trees.keep(scope, personId, read)}`);
  });
  router.post('/settings/places/nigeria', allow('manager'), async (_req, res) => {
    const { scope, personId } = visitOf(res);
    await courses.saveSettings(scope, { placesId: null });
    await audit.note(scope, personId, 'places', null);
    seeOther(res, '/settings/places');
  });
  router.get('/settings/places/:treeId', allow('manager'), async (req, res) => {
    const { scope } = visitOf(res);
    const id = String(req.params['treeId']);
    const [tree, places, course, inUse] = await Promise.all([
      trees.select(scope, id),
      trees.places(scope, id),
      courses.select(scope),
      enrolments.otherIds(scope).then((others) => profiles.places(scope, others)),
    ]);
    const lost = inUse.filter(({ value }) => !hasPlace(places, value));
    page(res, 'course/places-read', {
      tree,
      applied: course.settings.placesId === id,
      first: places.states.slice(0, MOST_SHOWN),
      lost: lost.slice(0, MOST_SHOWN),
      lostPeople: lost.reduce((sum, { count }) => sum + count, 0),
    });
  });
  router.post('/settings/places/:treeId', allow('manager'), async (req, res) => {
    const { scope, personId } = visitOf(res);
    const { id, counts } = await trees.select(scope, String(req.params['treeId']));
    await courses.saveSettings(scope, { placesId: id });
    await audit.note(scope, personId, 'places', id, { states: counts.states, lgas: counts.lgas });
    seeOther(res, `/settings/places/${id}`);
  });

  async function current(scope: CourseScope) {
    const { settings } = await courses.select(scope);
    return trees.places(scope, settings.placesId);
  }
  async function showForm(res: Response, fatal: Fatal | null, text: string): Promise<void> {
    const { scope } = visitOf(res);
    const { settings } = await courses.select(scope);
    const { counts } = await trees.places(scope, settings.placesId);
    page(res, 'course/places', {
      nigeria: settings.placesId === null,
      counts,
      columns: PLACE_COLUMNS,
      most: MOST_PLACES,
      fatal,
      text,
    });
  }
  return router;
}
