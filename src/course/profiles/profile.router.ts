import { BadRequest } from '../../errors.ts';
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
import type { AuditStore } from '../audit/audit.store.ts';
import type { CourseStore } from '../courses/courses.store.ts';
import { NIGERIAN_PLACES } from '../places/places.ts';
import type { EnrolmentStore } from '../roster/enrolments.store.ts';
import { missingOf, type ProfileFields } from './profile.ts';
import type { ProfileStore } from './profiles.store.ts';

export type ProfileDeps = {
  readonly courses: CourseStore;
  readonly profiles: ProfileStore;
  readonly enrolments: EnrolmentStore;
  readonly audit: AuditStore;
};

const SLOTS = 21;

/** The fellow's own form: track and place, and what helps to form a good group. */
export function profileRouter({ courses, profiles }: ProfileDeps): RoomRouter {
  const router = createRouter();
  router.get('/me/profile', allow('fellow'), async (req, res) => {
    const { scope, personId } = visitOf(res);
    const [course, profile] = await Promise.all([courses.select(scope), profiles.find(scope, personId)]);
    // Without script the state is chosen first, then its local government areas are listed.
    const asked = field(req.query, 'state');
    const state = asked === '' ? (profile?.state ?? null) : asked;
    page(res, 'course/profile', {
      profile,
      missing: missingOf(profile, course.settings.oneTrack),
      tracks: course.settings.tracks,
      oneTrack: course.settings.oneTrack,
      states: NIGERIAN_PLACES.states,
      state: NIGERIAN_PLACES.states.find((known) => known.state === state) ?? null,
      saved: field(req.query, 'saved') === '1',
    });
  });
  router.post('/me/profile', allow('fellow'), async (req, res) => {
    const { scope, personId } = visitOf(res);
    const { settings } = await courses.select(scope);
    if (field(req.body, 'choose') === 'state') {
      seeOther(res, `/me/profile?state=${encodeURIComponent(field(req.body, 'state'))}#place`);
      return;
    }
    await profiles.replace(scope, personId, readForm(req.body, settings.tracks), 'form');
    seeOther(res, '/me/profile?saved=1');
  });
  return router;
}

/** @throws BadRequest where a value is none of those offered */
function readForm(body: unknown, tracks: readonly string[]): Partial<ProfileFields> {
  const track = field(body, 'track');
  if (track !== '' && !tracks.includes(track)) throw new BadRequest('track_unknown');
  const [lga, state] = [field(body, 'lga'), field(body, 'state')];
  const place = state === '' ? null : NIGERIAN_PLACES.find({ lga, state });
  if (state !== '' && place === null) throw new BadRequest('place_unknown');
  const slots = new Set(fieldList(body, 'slot').map(Number));
  const gender = field(body, 'gender');
  const canLead = field(body, 'can_lead');
  return {
    ...(track === '' ? {} : { track }),
    ...(place ?? {}),
    gender: gender === 'F' || gender === 'M' ? gender : null,
    canLead: canLead === '' ? null : canLead === 'yes',
    availability:
      slots.size === 0
        ? null
        : Array.from({ length: SLOTS }, (_, slot) => (slots.has(slot) ? '1' : '0')).join(''),
  };
}
