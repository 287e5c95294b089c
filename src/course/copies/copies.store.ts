import { type Database, isDuplicateKey } from '../../database/index.ts';
import type { Launch } from '../../lti/types.ts';
import { courseScope, type CourseScope } from '../../scope.ts';
import type { CourseStore } from '../courses/courses.store.ts';
import { courseIdOf, linkIdOf } from '../identity.ts';
import type { PlaceTreeStore } from '../places/trees.store.ts';
import { copyModel, type CopyDocument, courseLinkModel, type CourseLinkDocument } from './copies.model.ts';
import { historyOf } from './history.ts';

export type CopyStore = {
  /** Finds out from a launch what its course was copied from. May run at every launch; looks once for each link. */
  follow(scope: CourseScope, launch: Launch): Promise<void>;
  /** The course whose settings are on offer; null where there is none or staff decided already. */
  findOffer(scope: CourseScope): Promise<CourseScope | null>;
  /** Takes over the settings, people and grades never; false where nothing is on offer. May run twice. */
  take(scope: CourseScope, by: string): Promise<boolean>;
  decline(scope: CourseScope): Promise<boolean>;
};

export type CopyDeps = {
  readonly database: Database;
  readonly clock: () => Date;
  readonly courses: CourseStore;
  readonly trees: PlaceTreeStore;
};

/** Not finished: a yes that was interrupted is offered once more. */
const OPEN: readonly CopyDocument['state'][] = ['offered', 'taking'];
/** Links that this process has followed once, which is enough. */
const MOST_FOLLOWED = 10_000;

/** Courses that the LMS copied or moved: the new one starts empty and is offered the old one's settings. */
export function createCopyStore({ database, clock, courses, trees }: CopyDeps): CopyStore {
  const copies = copyModel(database);
  const links = courseLinkModel(database);
  const followed = new Set<string>();
  const findOffer = async ({ courseId }: CourseScope): Promise<CourseScope | null> => {
    const row = await copies.findOne({ _id: courseId, state: { $in: OPEN } }).lean<CopyDocument>();
    return row === null ? null : courseScope(row.fromCourseId);
  };
  const decide = async (
    { courseId }: CourseScope,
    from: readonly CopyDocument['state'][],
    state: CopyDocument['state'],
  ): Promise<boolean> => {
    const change = { $set: { state, decidedAt: clock() } };
    return (await copies.updateOne({ _id: courseId, state: { $in: from } }, change)).matchedCount === 1;
  };

  /** The course a link was first opened in; the first launch decides, so that a moved link still tells. */
  const rememberLink = async (scope: CourseScope, launch: Launch): Promise<void> => {
    if (launch.resourceLinkId === null) return;
    const _id = linkIdOf(launch.platformId, launch.deploymentId, launch.resourceLinkId);
    if ((await links.exists({ _id })) !== null) return;
    await links.create({ _id, courseId: scope.courseId }).catch((error: unknown) => {
      if (!isDuplicateKey(error)) throw error;
    });
  };
  const ancestorOf = async (scope: CourseScope, launch: Launch): Promise<string | null> => {
    const { platformId, deploymentId, custom } = launch;
    for (const contextId of historyOf(custom['context_history'])) {
      const courseId = courseIdOf(platformId, deploymentId, contextId);
      if (courseId !== scope.courseId && (await courses.find(courseScope(courseId))) !== null)
        return courseId;
    }
    const moved = launch.resourceLinkId === null ? [] : [launch.resourceLinkId];
    for (const linkId of [...moved, ...historyOf(custom['resource_link_history'])]) {
      const _id = linkIdOf(platformId, deploymentId, linkId);
      const link = await links.findOne({ _id }).lean<CourseLinkDocument>();
      if (link !== null && link.courseId !== scope.courseId) return link.courseId;
    }
    return null;
  };

  return {
    async follow(scope, launch) {
      const key = `${scope.courseId} ${launch.resourceLinkId ?? ''}`;
      if (followed.has(key)) return;
      await rememberLink(scope, launch);
      const known = await copies.exists({ _id: scope.courseId });
      const fromCourseId = known === null ? await ancestorOf(scope, launch) : null;
      if (fromCourseId !== null)
        await copies.updateOne(
          { _id: scope.courseId },
          { $setOnInsert: { fromCourseId, state: 'offered', foundAt: clock(), decidedAt: null } },
          { upsert: true },
        );
      if (followed.size >= MOST_FOLLOWED) followed.clear();
      followed.add(key);
    },
    findOffer,
    async take(scope, by) {
      const from = await findOffer(scope);
      // Decided before anything is written: whoever declines at the same moment finds it taken, or keeps their settings.
      if (from === null || !(await decide(scope, OPEN, 'taking'))) return false;
      const { settings } = await courses.select(from);
      // A course's own list of places is its own: the new one gets a list, not a way into the old course.
      const placesId =
        settings.placesId === null ? null : await copyPlaces(from, scope, settings.placesId, by);
      await courses.saveSettings(scope, { ...settings, placesId });
      return decide(scope, ['taking'], 'taken');
    },
    decline: (scope) => decide(scope, ['offered'], 'declined'),
  };

  async function copyPlaces(
    from: CourseScope,
    to: CourseScope,
    placesId: string,
    by: string,
  ): Promise<string> {
    const [tree, { states }] = await Promise.all([
      trees.select(from, placesId),
      trees.places(from, placesId),
    ]);
    return trees.keep(to, by, { states, counts: tree.counts, findings: [], ignored: [] });
  }
}
