import type { Launch } from '../../lti/types.ts';
import { courseScope, type CourseRole, type CourseScope } from '../../scope.ts';
import type { CopyStore } from '../copies/copies.store.ts';
import { courseIdOf, personIdOf } from '../identity.ts';
import type { PlaceTreeStore } from '../places/trees.store.ts';
import { missingOf, type Profile } from '../profiles/profile.ts';
import type { ProfileStore } from '../profiles/profiles.store.ts';
import type { EnrolmentStore, LaunchedPerson } from '../roster/enrolments.store.ts';
import type { Course, CourseStore } from './courses.store.ts';
import { toldByCustom } from './custom.ts';
import type { VisitorStore } from './visitors.store.ts';

/** What a launch opens: a person in a course. */
export type RecordedLaunch = {
  readonly scope: CourseScope;
  readonly personId: string;
  /** Null for whoever may not come back. */
  readonly role: CourseRole | null;
  /** Where their visit begins, as the first page would send them on. */
  readonly firstPage: string;
};

export type LaunchStore = {
  /** Keeps what a launch tells: its course, its person, their place where the platform says one. Idempotent. */
  record(launch: Launch): Promise<RecordedLaunch>;
};

export type LaunchStoreDeps = {
  readonly courses: CourseStore;
  readonly enrolments: EnrolmentStore;
  readonly profiles: ProfileStore;
  readonly trees: PlaceTreeStore;
  readonly copies: CopyStore;
  readonly visitors: VisitorStore;
};

/** Launches: where the LMS's word enters the course. */
export function createLaunchStore({
  courses,
  enrolments,
  profiles,
  trees,
  copies,
  visitors,
}: LaunchStoreDeps): LaunchStore {
  return {
    async record(launch) {
      if (launch.context === null) throw new Error('A launch without a course opens nothing here.');
      const { person, platformId, deploymentId } = launch;
      const { id: contextId, title, label } = launch.context;
      const scope = courseScope(courseIdOf(platformId, deploymentId, contextId));
      const known = await visitors.known(scope, personIdOf(platformId, person.sub));
      const launched = { platformId, deploymentId, contextId, title, label, services: launch.services };
      const course = await courses.record(launched, known.course);
      await copies.follow(scope, launch);
      const enrolment = await enrolments.recordLaunch(scope, personOf(launch), known.enrolment);
      let { profile } = known;
      if (enrolment.role === 'fellow') {
        const places = await trees.places(scope, course.settings.placesId);
        const told = toldByCustom(launch.custom, course.settings.tracks, places);
        if (Object.keys(told).length > 0) {
          await profiles.tell(scope, [{ personId: enrolment.personId, told }], 'launch');
          profile = await profiles.find(scope, enrolment.personId);
        }
      }
      const { personId, state, role } = enrolment;
      return {
        scope,
        personId,
        role: state === 'left' ? null : role,
        firstPage: firstPageOf(role, course, profile),
      };
    },
  };
}

function personOf({ platformId, person, role, testUser }: Launch): LaunchedPerson {
  const { sub, name, givenName, familyName, email } = person;
  const names = [givenName, familyName].filter((part) => part !== null).join(' ') || null;
  return { platformId, sub, name: name ?? names, email, role, testUser };
}

/** The address that the first page leads to by way of others, where that is known already; each asks anew. */
function firstPageOf(role: CourseRole, { groupsVersion, settings }: Course, profile: Profile | null): string {
  if (role !== 'fellow') return '/';
  const asked = groupsVersion === 0 && missingOf(profile, settings.oneTrack).length > 0;
  return asked ? '/me/profile' : '/group';
}
