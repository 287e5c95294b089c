import type { Response } from 'express';
import { NotFound } from '../../errors.ts';
import type { Jobs } from '../../jobs/index.ts';
import { page } from '../../web/page.ts';
import { allow, createRouter, field, type RoomRouter, seeOther, visitOf } from '../../web/routing.ts';
import type { CourseScope } from '../../scope.ts';
import type { AuditStore } from '../audit/audit.store.ts';
import type { Course, CourseStore } from '../courses/courses.store.ts';
import { placeChoice } from '../places/choice.ts';
import type { Places } from '../places/places.ts';
import type { PlaceTreeStore } from '../places/trees.store.ts';
import type { Profile } from '../profiles/profile.ts';
import type { ProfileStore } from '../profiles/profiles.store.ts';
import { displayName, type Enrolment, type EnrolmentStore, type NameKey } from './enrolments.store.ts';
import {
  changesBy,
  errorsIn,
  type PersonErrors,
  type PersonForm,
  personFormOf,
  ROLES,
} from './person-form.ts';
import { SYNC } from './sync.job.ts';

export type RosterDeps = {
  readonly jobs: Jobs;
  readonly courses: CourseStore;
  readonly trees: PlaceTreeStore;
  readonly enrolments: EnrolmentStore;
  readonly profiles: ProfileStore;
  readonly audit: AuditStore;
  readonly peopleChanged: (scope: CourseScope) => Promise<void>;
};
type Here = { course: Course; places: Places; person: Enrolment; profile: Profile | null };

const PAGE = 50;

/** The roster: who is in the course, and what is known of each. */
export function rosterRouter(deps: RosterDeps): RoomRouter {
  const { jobs, courses, trees, enrolments, profiles, audit, peopleChanged } = deps;
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
    const ids = shown.map(({ personId }) => personId);
    const known = await profiles.findMany(scope, ids);
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

  const hereOf = async (res: Response, personId: string): Promise<Here> => {
    const { scope } = visitOf(res);
    const [course, person, profile] = await Promise.all([
      courses.select(scope),
      enrolments.find(scope, personId),
      profiles.find(scope, personId),
    ]);
    if (person === null) throw new NotFound();
    return { course, person, profile, places: await trees.places(scope, course.settings.placesId) };
  };
  router.get('/roster/people/:personId', allow('manager', 'mentor'), async (req, res) => {
    const here = await hereOf(res, String(req.params['personId']));
    const form = personFormOf(here.person, here.profile);
    const chosen = { country: field(req.query, 'country'), state: field(req.query, 'state'), lga: '' };
    const asks = chosen.country !== '' || chosen.state !== '';
    showPerson(res, here, asks ? { ...form, ...chosen } : form, {}, field(req.query, 'saved') === '1');
  });
  router.post('/roster/people/:personId', allow('manager'), async (req, res) => {
    const { scope, personId: by } = visitOf(res);
    const here = await hereOf(res, String(req.params['personId']));
    const { personId } = here.person;
    const [role, track, country, state, lga] = ['role', 'track', 'country', 'state', 'lga'].map((name) =>
      field(req.body, name),
    ) as [string, string, string, string, string];
    const form = { role, track, country, state, lga };
    if (field(req.body, 'choose') !== '') {
      showPerson(res, here, form, {}, false);
      return;
    }
    const errors = errorsIn(form, here.course.settings.tracks, here.places, personId === by);
    if (Object.keys(errors).length > 0) {
      showPerson(res.status(422), here, form, errors, false);
      return;
    }
    const { roleOverride, told } = changesBy(form, here.profile, here.course.settings.tracks, here.places);
    await enrolments.setRole(scope, personId, roleOverride);
    if (Object.keys(told).length > 0) await profiles.replace(scope, personId, told, 'staff');
    await peopleChanged(scope);
    const fields = Object.keys(told).join(' ');
    await audit.note(scope, by, 'person_edit', personId, { role: roleOverride, fields });
    seeOther(res, `/roster/people/${personId}?saved=1`);
  });
  return router;
}

function showPerson(res: Response, here: Here, form: PersonForm, errors: PersonErrors, saved: boolean): void {
  const { course, person, profile, places } = here;
  page(res, 'course/person', {
    person: { ...person, shownName: displayName(person) },
    profile,
    form,
    errors,
    saved,
    roles: ROLES,
    tracks: course.settings.tracks,
    choice: placeChoice(places, form),
    nigeria: course.settings.placesId === null,
  });
}

function keyOf(query: unknown): NameKey | null {
  const nameFolded = field(query, 'after');
  const id = field(query, 'id');
  return nameFolded === '' || id === '' ? null : { nameFolded, id };
}
