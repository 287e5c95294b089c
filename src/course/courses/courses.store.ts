import type { Database } from '../../database/index.ts';
import { NotFound } from '../../errors.ts';
import type { CourseServices } from '../../lti/types.ts';
import { courseScope, type CourseScope } from '../../scope.ts';
import { courseIdOf } from '../identity.ts';
import { type CourseDocument, courseModel, type Publishing } from './courses.model.ts';
import { type CourseSettings, FIRST_SETTINGS } from './settings.ts';

export type { Publishing } from './courses.model.ts';
export type Course = Omit<CourseDocument, '_id'> & { readonly id: string; readonly settingsRevision: number };

/** What a launch tells of its course. */
export type LaunchedCourse = {
  readonly platformId: string;
  readonly deploymentId: string;
  readonly contextId: string;
  readonly title: string | null;
  readonly label: string | null;
  readonly services: CourseServices;
};

export type CourseStore = {
  /** @throws NotFound */
  select(scope: CourseScope): Promise<Course>;
  find(scope: CourseScope): Promise<Course | null>;
  /** What was read with the request's session: from here on it is what this scope, and no other, finds. */
  takeAsRead(scope: CourseScope, course: Course): void;
  /**
   * Makes the course at its first launch and keeps title and service addresses current; writes only what changed.
   * @param known the course as it was just read; null where there is none yet
   */
  record(launched: LaunchedCourse, known?: Course | null): Promise<Course>;
  /** False where `revision` is given and somebody has saved settings since they were at it; then nothing is written. */
  saveSettings(scope: CourseScope, settings: Partial<CourseSettings>, revision?: number): Promise<boolean>;
  /** Takes so many numbers for new people, and answers the first; a number is given once, though some may stay unused. */
  takeNumbers(scope: CourseScope, count: number): Promise<number>;
  /** Step 2 of a publish. One wins; false where the version moved on or another publish is bound. */
  bindPublish(scope: CourseScope, expectedVersion: number, publishing: Publishing): Promise<boolean>;
  /** Step 6. True also where this very publish was flipped before. */
  flipVersion(scope: CourseScope, publishing: Publishing): Promise<boolean>;
  /** Courses with a publish that is bound and not yet flipped, for the job that finishes them. */
  withOpenPublish(): Promise<readonly { scope: CourseScope; publishing: Publishing }[]>;
  /** Courses in which groups are published, for the job that looks for joiners. */
  withGroups(): Promise<readonly CourseScope[]>;
  /** Every course there is, for jobs that sweep. */
  all(): Promise<readonly CourseScope[]>;
};

/** Courses: one document each; the publish's two atomic steps live here, because they guard this document. */
export function createCourseStore(database: Database, clock: () => Date): CourseStore {
  const model = courseModel(database);
  const asRead = new WeakMap<CourseScope, Course>();
  const find = async (scope: CourseScope): Promise<Course | null> => {
    const known = asRead.get(scope);
    if (known !== undefined) return known;
    const row = await model.findOne({ _id: scope.courseId }).lean<CourseDocument>();
    return row === null ? null : courseOf(row);
  };
  return {
    find,
    takeAsRead: (scope, course) => void asRead.set(scope, course),
    async select(scope) {
      const course = await find(scope);
      if (course === null) throw new NotFound();
      return course;
    },
    async record(launched, known) {
      const _id = courseIdOf(launched.platformId, launched.deploymentId, launched.contextId);
      const before = known === undefined ? await find(courseScope(_id)) : known;
      const current = currentOf(launched, before);
      if (before !== null && JSON.stringify(current) === JSON.stringify(currentOf(before, null)))
        return before;
      const row = await model
        .findOneAndUpdate(
          { _id },
          {
            $set: current,
            $setOnInsert: {
              platformId: launched.platformId,
              deploymentId: launched.deploymentId,
              contextId: launched.contextId,
              settings: FIRST_SETTINGS,
              lastNumber: 0,
              groupsVersion: 0,
              publishing: null,
              createdAt: clock(),
            },
          },
          { upsert: true, new: true },
        )
        .lean<CourseDocument>();
      return courseOf(row);
    },
    async saveSettings(scope, settings, revision) {
      const fields = Object.entries(settings).map(([key, value]) => [`settings.${key}`, value] as const);
      const read = revision === 0 ? { $in: [0, null] } : revision;
      const { matchedCount } = await model.updateOne(
        { _id: scope.courseId, ...(read === undefined ? {} : { settingsRevision: read }) },
        { $set: Object.fromEntries(fields), $inc: { settingsRevision: 1 } },
      );
      return matchedCount === 1;
    },
    async takeNumbers(scope, count) {
      const row = await model
        .findOneAndUpdate({ _id: scope.courseId }, { $inc: { lastNumber: count } }, { new: true })
        .lean<CourseDocument>();
      if (row === null) throw new NotFound();
      return row.lastNumber - count + 1;
    },
    async bindPublish(scope, expectedVersion, publishing) {
      const { modifiedCount } = await model.updateOne(
        { _id: scope.courseId, groupsVersion: expectedVersion, publishing: null },
        { $set: { publishing } },
      );
      return modifiedCount === 1;
    },
    async flipVersion(scope, { publishId, version }) {
      await model.updateOne(
        { _id: scope.courseId, groupsVersion: version - 1, 'publishing.publishId': publishId },
        { $set: { groupsVersion: version, publishing: null } },
      );
      const after = await find(scope);
      return after !== null && after.groupsVersion >= version && after.publishing?.publishId !== publishId;
    },
    async all() {
      const rows = await model.find({}, { _id: 1 }).lean<{ _id: string }[]>();
      return rows.map(({ _id }) => courseScope(_id));
    },
    async withGroups() {
      const rows = await model.find({ groupsVersion: { $gt: 0 } }, { _id: 1 }).lean<{ _id: string }[]>();
      return rows.map(({ _id }) => courseScope(_id));
    },
    async withOpenPublish() {
      const rows = await model.find({ 'publishing.publishId': { $exists: true } }).lean<CourseDocument[]>();
      return rows.flatMap(({ _id, publishing }) =>
        publishing === null ? [] : [{ scope: courseScope(_id), publishing }],
      );
    },
  };
}

/**
 * What a launch refreshes. A launch from a link that lacks a service (a platform may offer grading on one link only)
 * does not take the service away from the course.
 */
function currentOf(told: Pick<Course, 'title' | 'label' | 'services'>, before: Course | null) {
  const known = before?.services;
  return {
    title: told.title ?? before?.title ?? null,
    label: told.label ?? before?.label ?? null,
    services: {
      membershipsUrl: told.services.membershipsUrl ?? known?.membershipsUrl ?? null,
      lineItemsUrl: told.services.lineItemsUrl ?? known?.lineItemsUrl ?? null,
      lineItemUrl: told.services.lineItemUrl ?? known?.lineItemUrl ?? null,
      scopes: told.services.scopes.length > 0 ? [...told.services.scopes] : [...(known?.scopes ?? [])],
    },
  };
}

/** A course from before a setting came to be has it as new courses do. */
export function courseOf({ _id, settings, services, settingsRevision, ...rest }: CourseDocument): Course {
  const { deploymentId } = rest;
  return {
    id: _id,
    ...rest,
    settingsRevision: settingsRevision ?? 0,
    services: { ...services, deploymentId },
    settings: { ...FIRST_SETTINGS, ...settings },
  };
}
