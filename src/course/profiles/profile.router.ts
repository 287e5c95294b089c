import type { Response } from 'express';
import { AppError, NotFound } from '../../errors.ts';
import type { CourseScope } from '../../scope.ts';
import { weekdaysOf } from '../../web/locale.ts';
import { page } from '../../web/page.ts';
import {
  allow,
  createRouter,
  field,
  fieldList,
  type RoomRouter,
  seeOther,
  visitOf,
} from '../../web/routing.ts';
import type { Course, CourseStore } from '../courses/courses.store.ts';
import { placeChoice } from '../places/choice.ts';
import { hasPlace, type Places } from '../places/places.ts';
import type { PlaceTreeStore } from '../places/trees.store.ts';
import type { Enrolment, EnrolmentStore } from '../roster/enrolments.store.ts';
import { posesAsStaff } from '../roster/posing.ts';
import { missingOf, placeOf, type Profile } from './profile.ts';
import {
  errorsOf,
  formOf,
  languageChoice,
  NOT_LISTED,
  type ProfileErrors,
  type ProfileForm,
  readForm,
  toldBy,
} from './profile-form.ts';
import type { ProfileStore } from './profiles.store.ts';

export type ProfileDeps = {
  readonly courses: CourseStore;
  readonly trees: PlaceTreeStore;
  readonly profiles: ProfileStore;
  readonly enrolments: EnrolmentStore;
  readonly peopleChanged: (scope: CourseScope) => Promise<void>;
};
type Here = { course: Course; places: Places; profile: Profile | null; person: Enrolment };

/** The fellow's own form: track and place, and what helps to form a good group. */
export function profileRouter({
  courses,
  trees,
  profiles,
  enrolments,
  peopleChanged,
}: ProfileDeps): RoomRouter {
  const router = createRouter();
  const hereOf = async (res: Response): Promise<Here> => {
    const { scope, personId } = visitOf(res);
    const [course, profile, person] = await Promise.all([
      courses.select(scope),
      profiles.find(scope, personId),
      enrolments.find(scope, personId),
    ]);
    if (person === null) throw new NotFound();
    return { course, profile, person, places: await trees.places(scope, course.settings.placesId) };
  };
  const staffNames = async (scope: CourseScope): Promise<string[]> => {
    const names: string[] = [];
    for (const role of ['manager', 'mentor'] as const)
      for await (const people of enrolments.each(scope, role))
        names.push(...people.map(({ name }) => name ?? '').filter((name) => name !== ''));
    return names;
  };
  router.get('/me/profile', allow('fellow'), async (req, res) => {
    const here = await hereOf(res);
    const form = formOf(here.profile, here.person.chosenName);
    // Where a state or country was just chosen, its places are asked for.
    const chosen = { country: field(req.query, 'country'), state: field(req.query, 'state'), lga: '' };
    const asks = chosen.country !== '' || chosen.state !== '';
    show(res, here, asks ? { ...form, ...chosen } : form, {}, field(req.query, 'saved') === '1');
  });
  router.post('/me/profile', allow('fellow'), async (req, res) => {
    const { scope, personId } = visitOf(res);
    const here = await hereOf(res);
    const { profile, person, places } = here;
    const { tracks, oneTrack } = here.course.settings;
    const form = readForm({
      one: (name) => field(req.body, name),
      all: (name) => fieldList(req.body, name),
    });
    // Without script: the next step of choosing a place, and nothing is saved yet.
    if (field(req.body, 'choose') !== '') {
      show(res, here, form, {}, false);
      return;
    }
    if (person.name === null && form.name !== '' && posesAsStaff(form.name, await staffNames(scope)))
      throw new AppError(422, 'name_poses');
    const errors = errorsOf(form, tracks, oneTrack, places);
    if (Object.keys(errors).length > 0) {
      show(res.status(422), here, form, errors, false);
      return;
    }
    await profiles.replace(scope, personId, toldBy(form, profile, places), 'form');
    if (person.name === null) await enrolments.setChosenName(scope, personId, form.name || null);
    await peopleChanged(scope);
    // Who was asked on the way to the group goes on to it.
    seeOther(res, missingOf(profile, oneTrack).length > 0 ? '/group' : '/me/profile?saved=1');
  });
  return router;
}

function show(res: Response, here: Here, form: ProfileForm, errors: ProfileErrors, saved: boolean): void {
  const { course, profile, places, person } = here;
  const { tracks, oneTrack, placesId } = course.settings;
  const place = placeOf(profile);
  page(res, 'course/profile', {
    form,
    errors,
    saved,
    tracks,
    oneTrack,
    missing: missingOf(profile, oneTrack),
    choice: placeChoice(places, form),
    notListed: { value: NOT_LISTED, chosen: form.lga === NOT_LISTED },
    nigeria: placesId === null,
    languages: languageChoice(form),
    weekdays: weekdaysOf(visitOf(res).locale),
    asksName: person.name === null,
    // What was true once and is not offered any more.
    lost: {
      track: profile?.track != null && !tracks.includes(profile.track) ? profile.track : null,
      place: place !== null && !hasPlace(places, place) ? place : null,
    },
  });
}
