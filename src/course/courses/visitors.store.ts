import type { Database, Stage } from '../../database/index.ts';
import type { CourseRole, CourseScope } from '../../scope.ts';
import type { Profile } from '../profiles/profile.ts';
import { profileBeside, profileIn } from '../profiles/profiles.store.ts';
import {
  displayName,
  type Enrolment,
  enrolmentBeside,
  enrolmentIn,
  type EnrolmentStore,
} from '../roster/enrolments.store.ts';
import { type CourseDocument, courseModel } from './courses.model.ts';
import { type Course, courseOf, type CourseStore } from './courses.store.ts';

export type Visitor = { role: CourseRole; name: string | null; courseTitle: string; timeZone: string };
/** What is known before a launch is recorded. */
export type Known = {
  readonly course: Course | null;
  readonly enrolment: Enrolment | null;
  readonly profile: Profile | null;
};

export type VisitorStore = {
  /** Stages upon a row with `courseId` and `personId`, such as a session's. */
  readonly beside: readonly Stage[];
  /**
   * Who a person is in the course today; null where they have left it.
   * @param asRead the scope's course and person need not be read again
   */
  of(scope: CourseScope, personId: string, row: object, asRead: boolean): Visitor | null;
  /** A course and one person of it, in one read. */
  known(scope: CourseScope, personId: string): Promise<Known>;
};
export type VisitorStoreDeps = { readonly courses: CourseStore; readonly enrolments: EnrolmentStore };

/** Course and person together, since every request asks for both: one read, and none more for what is in it. */
export function createVisitorStore(database: Database, deps: VisitorStoreDeps): VisitorStore {
  const model = courseModel(database);
  return {
    beside: [
      { $lookup: { from: model.collection.name, localField: 'courseId', foreignField: '_id', as: 'course' } },
      enrolmentBeside('$courseId', '$personId'),
    ],
    of(scope, personId, row, asRead) {
      const [document] = (row as { course: CourseDocument[] }).course;
      const enrolment = enrolmentIn(row);
      if (document?._id !== scope.courseId || enrolment?.personId !== personId) return null;
      if (enrolment.state === 'left') return null;
      const course = courseOf(document);
      if (asRead) {
        deps.courses.takeAsRead(scope, course);
        deps.enrolments.takeAsRead(scope, enrolment);
      }
      return {
        role: enrolment.role,
        name: displayName(enrolment),
        courseTitle: course.title ?? course.label ?? '',
        timeZone: course.settings.timeZone,
      };
    },
    async known({ courseId }, personId) {
      const person = { $literal: personId };
      const [row] = await model.aggregate<CourseDocument>([
        { $match: { _id: courseId } },
        enrolmentBeside('$_id', person),
        profileBeside('$_id', person),
      ]);
      if (row === undefined) return { course: null, enrolment: null, profile: null };
      const { enrolments: _enrolments, profiles: _profiles, ...document } = row as CourseDocument & Beside;
      return { course: courseOf(document), enrolment: enrolmentIn(row), profile: profileIn(row) };
    },
  };
}

type Beside = { readonly enrolments: unknown; readonly profiles: unknown };
