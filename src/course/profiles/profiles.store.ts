import type { Database } from '../../database/index.ts';
import type { CourseScope } from '../../scope.ts';
import { EMPTY_FIELDS, overlay, type Profile, type ProfileFields, type ProfileSource } from './profile.ts';
import { type ProfileDocument, profileModel } from './profiles.model.ts';

export type ProfileChange = { readonly personId: string; readonly told: Partial<ProfileFields> };

export type ProfileStore = {
  find(scope: CourseScope, personId: string): Promise<Profile | null>;
  findMany(scope: CourseScope, personIds: readonly string[]): Promise<ReadonlyMap<string, Profile>>;
  /** Lays the values over what is known, by rank of source; answers how many profiles changed. May run twice. */
  tell(scope: CourseScope, changes: readonly ProfileChange[], source: ProfileSource): Promise<number>;
  /** A person's own form: what it leaves empty is emptied. */
  replace(
    scope: CourseScope,
    personId: string,
    told: Partial<ProfileFields>,
    source: ProfileSource,
  ): Promise<void>;
  erase(scope: CourseScope, personId: string): Promise<void>;
  /** How many have a place, and a track or `oneTrack` instead of it. */
  countComplete(scope: CourseScope, oneTrack: string | null): Promise<number>;
};

/** Profiles: what formation needs to know of a fellow, and where each value came from. */
export function createProfileStore(database: Database, clock: () => Date): ProfileStore {
  const model = profileModel(database);
  const idOf = (scope: CourseScope, personId: string): string => `${scope.courseId}.${personId}`;
  const save = (scope: CourseScope, { personId, ...rest }: Profile) => ({
    updateOne: {
      filter: { _id: idOf(scope, personId) },
      update: { $set: { ...rest, courseId: scope.courseId, personId, updatedAt: clock() } },
      upsert: true,
    },
  });
  const findMany: ProfileStore['findMany'] = async (scope, personIds) => {
    const rows = await model
      .find({ courseId: scope.courseId, personId: { $in: personIds } })
      .lean<ProfileDocument[]>();
    return new Map(rows.map((row) => [row.personId, plain(row)]));
  };
  return {
    findMany,
    async find(scope, personId) {
      return (await findMany(scope, [personId])).get(personId) ?? null;
    },
    async tell(scope, changes, source) {
      const known = await findMany(
        scope,
        changes.map(({ personId }) => personId),
      );
      const writes = changes.flatMap(({ personId, told }) => {
        const before = known.get(personId) ?? emptyProfile(personId);
        const after = overlay(before, told, source);
        return JSON.stringify(after) === JSON.stringify(before) ? [] : [save(scope, after)];
      });
      if (writes.length > 0) await model.bulkWrite(writes, { ordered: false });
      return writes.length;
    },
    async replace(scope, personId, told, source) {
      const before = (await findMany(scope, [personId])).get(personId) ?? emptyProfile(personId);
      const sources = {
        ...before.sources,
        ...Object.fromEntries(Object.keys(told).map((key) => [key, source])),
      };
      await model.bulkWrite([save(scope, { ...before, ...told, sources })]);
    },
    countComplete: (scope, oneTrack) =>
      model.countDocuments({
        courseId: scope.courseId,
        ...(oneTrack === null ? { track: { $ne: null } } : {}),
        $or: [{ state: { $ne: null } }, { lga: { $ne: null } }, { zone: { $ne: null } }],
      }),
    async erase(scope, personId) {
      await model.deleteOne({ courseId: scope.courseId, personId });
    },
  };
}

function emptyProfile(personId: string): Profile {
  return { ...EMPTY_FIELDS, personId, sources: {} };
}

function plain({ _id, courseId: _courseId, updatedAt: _updatedAt, ...rest }: ProfileDocument): Profile {
  return rest;
}
