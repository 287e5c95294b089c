import type { Launch } from '../../lti/types.ts';
import { courseScope, type CourseRole, type CourseScope } from '../../scope.ts';
import type { CopyStore } from '../copies/copies.store.ts';
import type { PlaceTreeStore } from '../places/trees.store.ts';
import type { ProfileStore } from '../profiles/profiles.store.ts';
import type { EnrolmentStore } from '../roster/enrolments.store.ts';
import { displayName } from '../roster/enrolments.store.ts';
import type { CourseStore } from './courses.store.ts';
import { toldByCustom } from './custom.ts';

/** What a launch opens: a person in a course. */
export type RecordedLaunch = { readonly scope: CourseScope; readonly personId: string };
export type Visitor = { role: CourseRole; name: string | null; courseTitle: string; timeZone: string };

export type LaunchStore = {
  /** Keeps what a launch tells: its course, its person, their place where the platform says one. Idempotent. */
  record(launch: Launch): Promise<RecordedLaunch>;
  /** Who a person is in the course today; null where they have left it. */
  findVisitor(scope: CourseScope, personId: string): Promise<Visitor | null>;
};

export type LaunchStoreDeps = {
  readonly courses: CourseStore;
  readonly enrolments: EnrolmentStore;
  readonly profiles: ProfileStore;
  readonly trees: PlaceTreeStore;
  readonly copies: CopyStore;
};

/** Launches: where the LMS's word enters the course. */
export function createLaunchStore({
  courses,
  enrolments,
  profiles,
  trees,
  copies,
}: LaunchStoreDeps): LaunchStore {
  return {
    async record(launch) {
      if (launch.context === null) throw new Error('A launch without a course opens nothing here.');
      const course = await courses.record({
        platformId: launch.platformId,
        deploymentId: launch.deploymentId,
        contextId: launch.context.id,
        title: launch.context.title,
        label: launch.context.label,
        services: launch.services,
      });
      const scope = courseScope(course.id);
      await copies.follow(scope, launch);
      const { person } = launch;
      const enrolment = await enrolments.recordLaunch(scope, {
        platformId: launch.platformId,
        sub: person.sub,
        name:
          person.name ??
          ([person.givenName, person.familyName].filter((part) => part !== null).join(' ') || null),
        email: person.email,
        role: launch.role,
        testUser: launch.testUser,
      });
      if (enrolment.role === 'fellow') {
        const places = await trees.places(scope, course.settings.placesId);
        const told = toldByCustom(launch.custom, course.settings.tracks, places);
        if (Object.keys(told).length > 0)
          await profiles.tell(scope, [{ personId: enrolment.personId, told }], 'launch');
      }
      return { scope, personId: enrolment.personId };
    },
    async findVisitor(scope, personId) {
      const [enrolment, course] = await Promise.all([enrolments.find(scope, personId), courses.find(scope)]);
      if (enrolment === null || course === null || enrolment.state === 'left') return null;
      return {
        role: enrolment.role,
        name: displayName(enrolment),
        courseTitle: course.title ?? course.label ?? '',
        timeZone: course.settings.timeZone,
      };
    },
  };
}
