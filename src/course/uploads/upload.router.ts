import type { Response } from 'express';
import { stringify } from 'csv-stringify/sync';
import type { Jobs } from '../../jobs/index.ts';
import type { CourseScope } from '../../scope.ts';
import { page } from '../../web/page.ts';
import { allow, createRouter, field, type RoomRouter, seeOther, visitOf } from '../../web/routing.ts';
import type { AuditStore } from '../audit/audit.store.ts';
import { displayName, type Enrolment, type EnrolmentStore } from '../roster/enrolments.store.ts';
import { type Fatal, readText } from '../table.ts';
import { CSV_COLUMNS, MOST_ROWS } from './csv.ts';
import type { Intake } from './intake.store.ts';
import { enqueueApply } from './upload.job.ts';
import { PART, type Upload, type UploadStore } from './uploads.store.ts';

export type UploadDeps = {
  readonly jobs: Jobs;
  readonly enrolments: EnrolmentStore;
  readonly uploads: UploadStore;
  readonly intake: Intake;
  readonly audit: AuditStore;
};

const PAGE = 50;

/** Tracks and places by CSV: read and shown first, applied on a second word. */
export function uploadRouter({ jobs, enrolments, uploads, intake, audit }: UploadDeps): RoomRouter {
  const router = createRouter();
  router.get('/roster/upload', allow('manager'), (_req, res) => {
    showForm(res, null, '');
  });
  router.get('/roster/template.csv', allow('manager'), async (_req, res) => {
    const { scope } = visitOf(res);
    const people: Enrolment[] = [];
    for await (const batch of enrolments.each(scope, 'fellow')) people.push(...batch);
    const byName = people.toSorted(
      (a, b) => Number(a.nameFolded > b.nameFolded) - Number(a.nameFolded < b.nameFolded),
    );
    const rows = byName.map((person) => [person.sub, person.email ?? '', displayName(person)]);
    const lines = rows.map((row) => [...row, ...CSV_COLUMNS.slice(3).map(() => '')]);
    res.attachment('tracks-and-places.csv').type('text/csv');
    res.send(stringify([CSV_COLUMNS, ...lines], { bom: true, escape_formulas: true }));
  });
  router.post('/roster/upload', allow('manager'), async (req, res) => {
    const { scope, personId } = visitOf(res);
    const file = res.locals['file'] as Buffer | undefined;
    const pasted = field(req.body, 'text');
    const text = file !== undefined && file.length > 0 ? readText(file) : pasted;
    const taken: { id: string } | Fatal =
      typeof text === 'string' ? await intake.take(scope, personId, text) : text;
    if ('code' in taken) showForm(res.status(422), taken, pasted);
    else seeOther(res, `/roster/upload/${taken.id}`);
  });
  router.get('/roster/upload/:uploadId', allow('manager'), async (req, res) => {
    const { scope } = visitOf(res);
    const upload = await uploads.select(scope, String(req.params['uploadId']));
    const job = upload.jobId === null ? null : await jobs.find(scope, upload.jobId);
    const running = upload.state === 'applying' && job?.state !== 'failed';
    const from = Math.max(0, Math.trunc(Number(field(req.query, 'from')) || 0));
    page(res, 'course/upload-read', {
      upload,
      job,
      running,
      ...(running ? { refreshSeconds: 2 } : {}),
      ...(await linesOf(scope, upload, from)),
    });
  });
  router.post('/roster/upload/:uploadId', allow('manager'), async (req, res) => {
    const { scope, personId } = visitOf(res);
    const id = String(req.params['uploadId']);
    const { state, people } = await uploads.select(scope, id);
    if (state !== 'applied' && people > 0) {
      await audit.note(scope, personId, 'profiles_upload', id, { people });
      await enqueueApply({ jobs, uploads }, scope, id);
    }
    seeOther(res, `/roster/upload/${id}`);
  });

  /** A page of the lines that are taken, and the names behind those whose own word stood. */
  async function linesOf(scope: CourseScope, upload: Upload, from: number) {
    const part = await uploads.part(scope, upload.id, Math.trunc(from / PART));
    const lines = part.slice(from % PART, (from % PART) + PAGE);
    const shown = [...lines, ...upload.kept.slice(0, PAGE)].map(({ personId }) => personId);
    const people = await enrolments.findMany(scope, shown);
    const names = new Map(people.map((person) => [person.personId, displayName(person)]));
    const nameOf = (personId: string): string => names.get(personId) ?? '–';
    const next = from + PAGE - (from % PAGE);
    return {
      lines: lines.map((line) => ({ ...line, name: nameOf(line.personId) })),
      kept: upload.kept.slice(0, PAGE).map((line) => ({ ...line, name: nameOf(line.personId) })),
      from,
      next: next < upload.people ? next : null,
    };
  }
  return router;
}

function showForm(res: Response, fatal: Fatal | null, text: string): void {
  page(res, 'course/upload', { columns: CSV_COLUMNS, most: MOST_ROWS, fatal, text });
}
