import { BadRequest, NotFound } from '../../errors.ts';
import type { Jobs } from '../../jobs/index.ts';
import type { CourseRole } from '../../scope.ts';
import { page } from '../../web/page.ts';
import { allow, createRouter, field, type RoomRouter, seeOther, visitOf } from '../../web/routing.ts';
import type { AuditStore } from '../audit/audit.store.ts';
import type { CourseStore } from '../courses/courses.store.ts';
import { NIGERIAN_PLACES } from '../places/places.ts';
import type { ProfileStore } from '../profiles/profiles.store.ts';
import { displayName, type EnrolmentStore, type NameKey } from './enrolments.store.ts';
import { enqueueSync, SYNC } from './sync.job.ts';

export type RosterDeps = {
  readonly jobs: Jobs;
  readonly courses: CourseStore;
  readonly enrolments: EnrolmentStore;
  readonly profiles: ProfileStore;
  readonly audit: AuditStore;
};

const PAGE = 50;
const ROLES: readonly CourseRole[] = ['manager', 'mentor', 'fellow', 'visitor'];

/** The roster: who is in the course, synced from the LMS. */
export function rosterRouter({ jobs, courses, enrolments, profiles, audit }: RosterDeps): RoomRouter {
  const router = createRouter();
  router.get('/roster', allow('manager', 'mentor'), async (req, res) => {
    const { scope } = visitOf(res);
    const search = field(req.query, 'q').slice(0, 60);
    const left = field(req.query, 'show') === 'left';
    const filter = { state: left ? ('left' as const) : ('active' as const), search };
    const [course, rows, sync, total] = await Promise.all([
      courses.select(scope),
      enrolments.list(scope, filter, keyOf(req.query), PAGE + 1),
      jobs.findLatest(scope, SYNC),
      enrolments.count(scope, { state: 'active', role: 'fellow' }),
    ]);
    const shown = rows.slice(0, PAGE);
    const known = await profiles.findMany(
      scope,
      shown.map(({ personId }) => personId),
    );
    page(res, 'course/roster', {
      people: shown.map((row) => ({
        ...row,
        shownName: displayName(row),
        profile: known.get(row.personId) ?? null,
      })),
      next: rows.length > PAGE ? (shown.at(-1) ?? null) : null,
      first: keyOf(req.query) === null,
      search,
      left,
      total,
      sync,
      offered: course.services.membershipsUrl !== null,
      oneTrack: course.settings.oneTrack,
    });
  });
  router.post('/roster/sync', allow('manager'), async (req, res) => {
    const { scope, personId } = visitOf(res);
    const allowVanish = field(req.body, 'allow_vanish') === 'yes';
    await enqueueSync(jobs, scope, { allowVanish });
    await audit.note(scope, personId, 'roster_sync', null, { allowVanish });
    seeOther(res, '/roster/sync');
  });
  router.get('/roster/sync', allow('manager', 'mentor'), async (_req, res) => {
    const job = await jobs.findLatest(visitOf(res).scope, SYNC);
    if (job === null) throw new NotFound();
    page(res, 'course/sync', { job, ...(job.active ? { refreshSeconds: 2 } : {}) });
  });
  router.get('/roster/people/:personId', allow('manager', 'mentor'), async (req, res) => {
    const { scope } = visitOf(res);
    const personId = String(req.params['personId']);
    const [course, person, profile] = await Promise.all([
      courses.select(scope),
      enrolments.find(scope, personId),
      profiles.find(scope, personId),
    ]);
    if (person === null) throw new NotFound();
    page(res, 'course/person', {
      person: { ...person, shownName: displayName(person) },
      profile,
      tracks: course.settings.tracks,
      states: NIGERIAN_PLACES.states,
      roles: ROLES,
    });
  });
  router.post('/roster/people/:personId', allow('manager'), async (req, res) => {
    const { scope, personId: by } = visitOf(res);
    const personId = String(req.params['personId']);
    if ((await enrolments.find(scope, personId)) === null) throw new NotFound();
    const role = field(req.body, 'role');
    if (role !== '' && !ROLES.includes(role as CourseRole)) throw new BadRequest('role_unknown');
    if (personId === by && role !== '' && role !== 'manager') throw new BadRequest('role_own');
    await enrolments.setRole(scope, personId, role === '' ? null : (role as CourseRole));
    const course = await courses.select(scope);
    const track = course.settings.tracks.find((known) => known === field(req.body, 'track'));
    const place = NIGERIAN_PLACES.find({ lga: field(req.body, 'lga'), state: field(req.body, 'state') });
    await profiles.replace(
      scope,
      personId,
      { ...(track === undefined ? {} : { track }), ...(place ?? {}) },
      'staff',
    );
    await audit.note(scope, by, 'person_edit', personId, { role: role || null });
    seeOther(res, `/roster/people/${personId}?saved=1`);
  });
  return router;
}

function keyOf(query: unknown): NameKey | null {
  const nameFolded = field(query, 'after');
  const id = field(query, 'id');
  return nameFolded === '' || id === '' ? null : { nameFolded, id };
}
