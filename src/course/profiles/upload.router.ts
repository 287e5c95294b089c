import { stringify } from 'csv-stringify/sync';
import { BadRequest } from '../../errors.ts';
import { page } from '../../web/page.ts';
import { allow, createRouter, field, type RoomRouter, seeOther, visitOf } from '../../web/routing.ts';
import type { AuditStore } from '../audit/audit.store.ts';
import type { CourseStore } from '../courses/courses.store.ts';
import { NIGERIAN_PLACES } from '../places/places.ts';
import { displayName, type EnrolmentStore } from '../roster/enrolments.store.ts';
import { CSV_COLUMNS, decodeUtf8, type Known, matchPeople, readProfileCsv } from './csv.ts';
import type { UploadStore } from './uploads.store.ts';

export type UploadDeps = {
  readonly courses: CourseStore;
  readonly enrolments: EnrolmentStore;
  readonly uploads: UploadStore;
  readonly audit: AuditStore;
};

/** Tracks and places by CSV: read and shown first, applied on a second word. */
export function uploadRouter({ courses, enrolments, uploads, audit }: UploadDeps): RoomRouter {
  const router = createRouter();
  router.get('/roster/upload', allow('manager'), (_req, res) => {
    page(res, 'course/upload', { columns: CSV_COLUMNS });
  });
  router.get('/roster/template.csv', allow('manager'), async (_req, res) => {
    const { scope } = visitOf(res);
    const rows: string[][] = [];
    for await (const batch of enrolments.each(scope, 'fellow')) {
      for (const person of batch) rows.push([person.sub, person.email ?? '', displayName(person)]);
    }
    const lines = rows.map((row) => [...row, ...CSV_COLUMNS.slice(3).map(() => '')]);
    res.attachment('tracks-and-places.csv').type('text/csv');
    res.send(stringify([CSV_COLUMNS, ...lines], { bom: true, escape_formulas: true }));
  });
  router.post('/roster/upload', allow('manager'), async (req, res) => {
    const { scope, personId } = visitOf(res);
    const file = res.locals['file'] as Buffer | undefined;
    const text = file !== undefined && file.length > 0 ? decodeUtf8(file) : field(req.body, 'text');
    if (text === null) throw new BadRequest('csv_encoding');
    if (text.trim() === '') throw new BadRequest('csv_empty');
    const course = await courses.select(scope);
    const read = readProfileCsv(text, course.settings.tracks, NIGERIAN_PLACES);
    if (read.fatal !== null) throw new BadRequest(read.fatal);
    const people: Known[] = [];
    for await (const batch of enrolments.each(scope, 'fellow')) people.push(...batch);
    const matched = matchPeople(read.rows, people);
    const findings = [...read.findings, ...matched.findings].toSorted((a, b) => a.line - b.line);
    const id = await uploads.keep(scope, personId, { changes: matched.changes, findings });
    seeOther(res, `/roster/upload/${id}`);
  });
  router.get('/roster/upload/:uploadId', allow('manager'), async (req, res) => {
    page(res, 'course/upload-read', {
      upload: await uploads.select(visitOf(res).scope, String(req.params['uploadId'])),
    });
  });
  router.post('/roster/upload/:uploadId', allow('manager'), async (req, res) => {
    const { scope, personId } = visitOf(res);
    const id = String(req.params['uploadId']);
    const changed = await uploads.apply(scope, id);
    await audit.note(scope, personId, 'profiles_upload', id, { changed });
    seeOther(res, `/roster/upload/${id}`);
  });
  return router;
}
