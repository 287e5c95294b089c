import type { Response } from 'express';
import { BadRequest, Conflict, NotFound } from '../../errors.ts';
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
import { displayName, type Enrolment, type EnrolmentStore } from './enrolments.store.ts';
import {
  changesBy,
  errorsIn,
  type PersonErrors,
  type PersonForm,
  personFormOf,
  ROLES,
} from './person-form.ts';
import { createRosterPages, type RosterPageDeps, SHOWS } from './roster.page.ts';

export type RosterDeps = RosterPageDeps & {
  readonly courses: CourseStore;
  readonly trees: PlaceTreeStore;
  readonly enrolments: EnrolmentStore;
  readonly profiles: ProfileStore;
  readonly audit: AuditStore;
  readonly peopleChanged: (scope: CourseScope) => Promise<void>;
};
type Here = {
  course: Course;
  places: Places;
  person: Enrolment;
  profile: Profile | null;
  group: { title: string; path: string } | null;
};

/** The roster: who is in the course, and what is known of each. */
export function rosterRouter(deps: RosterDeps): RoomRouter {
  const { courses, trees, enrolments, profiles, audit, peopleChanged } = deps;
  const pages = createRosterPages(deps);
  const router = createRouter();
  const showList = async (res: Response, given: unknown, search: string): Promise<void> => {
    const show = SHOWS.find((one) => one === field(given, 'show')) ?? null;
    const after = field(given, 'after') || null;
    page(res, 'course/roster', await pages.list(visitOf(res).scope, { search, show, after }));
  };
  router.get('/roster', allow('manager', 'mentor'), (req, res) => showList(res, req.query, ''));
  // A search names people, so it travels in a form's body and never in an address.
  router.post('/roster/find', allow('manager', 'mentor'), (req, res) =>
    showList(res, req.body, field(req.body, 'q').slice(0, 60)),
  );

  const hereOf = async (res: Response, personId: string): Promise<Here> => {
    const { scope } = visitOf(res);
    const [course, person, profile] = await Promise.all([
      courses.select(scope),
      enrolments.find(scope, personId),
      profiles.find(scope, personId),
    ]);
    if (person === null) throw new NotFound();
    const group = (await pages.groupsShown(scope, [person])).get(personId) ?? null;
    return { course, person, profile, group, places: await trees.places(scope, course.settings.placesId) };
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
  router.post('/roster/people/:personId/fellow', allow('manager'), async (req, res) => {
    const { scope, personId: by } = visitOf(res);
    const person = await enrolments.find(scope, String(req.params['personId']));
    if (person === null) throw new NotFound();
    const { personId } = person;
    const is = field(req.body, 'is');
    if (is !== 'yes' && is !== 'no') throw new BadRequest('person_changed');
    const may = is === 'no' ? person.role === 'fellow' : person.roleOverride === 'visitor';
    if (!may || personId === by) throw new Conflict('person_changed');
    await enrolments.setRole(scope, personId, is === 'no' ? 'visitor' : null);
    await peopleChanged(scope);
    await audit.note(scope, by, is === 'no' ? 'person_not_fellow' : 'person_fellow_again', personId);
    seeOther(res, `/roster/people/${personId}?saved=1`);
  });
  return router;
}

function showPerson(res: Response, here: Here, form: PersonForm, errors: PersonErrors, saved: boolean): void {
  const { course, person, profile, places, group } = here;
  page(res, 'course/person', {
    person: { ...person, shownName: displayName(person) },
    profile,
    group,
    form,
    errors,
    saved,
    roles: ROLES,
    tracks: course.settings.tracks,
    choice: placeChoice(places, form),
    nigeria: course.settings.placesId === null,
  });
}
