import { type Database, type RevisedWrite, type Stage, writeByRevision } from '../../database/index.ts';
import type { CourseScope } from '../../scope.ts';
import { besideBy } from '../beside.ts';
import type { Place } from '../places/places.ts';
import {
  EMPTY_FIELDS,
  emptyProfile,
  isSame,
  overlay,
  type Profile,
  type ProfileFields,
  type ProfileSource,
} from './profile.ts';
import { type ProfileDocument, profileModel } from './profiles.model.ts';

export type ProfileChange = { readonly personId: string; readonly told: Partial<ProfileFields> };
/** How many profiles changed, and which values of whom were better than what was told. */
export type Telling = { readonly changed: number; readonly kept: ReadonlyMap<string, readonly string[]> };
export type Counted<T> = { readonly value: T; readonly count: number };

export type ProfileStore = {
  find(scope: CourseScope, personId: string): Promise<Profile | null>;
  findMany(scope: CourseScope, personIds: readonly string[]): Promise<ReadonlyMap<string, Profile>>;
  /** Lays the values over what is known, by rank of source. May run twice. */
  tell(scope: CourseScope, changes: readonly ProfileChange[], source: ProfileSource): Promise<Telling>;
  /** A person's own word, or staff's about one person: every value that is given stands, an empty one too. */
  replace(
    scope: CourseScope,
    personId: string,
    told: Partial<ProfileFields>,
    source: ProfileSource,
  ): Promise<void>;
  /** Everyone with this track has the other from now on, or none; where it came from stays. May run twice. */
  renameTrack(scope: CourseScope, from: string, to: string | null): Promise<void>;
  /** Tracks that profiles have, most frequent first; `except` are people who do not count. */
  tracks(scope: CourseScope, except: readonly string[]): Promise<readonly Counted<string>[]>;
  /** Places that profiles have, most frequent first; `except` are people who do not count. */
  places(scope: CourseScope, except?: readonly string[]): Promise<readonly Counted<Place>[]>;
  erase(scope: CourseScope, personId: string): Promise<void>;
  /** How many have a place, and a track or `oneTrack` instead of it; of everybody, or of these alone. */
  countComplete(scope: CourseScope, oneTrack: string | null, personIds?: readonly string[]): Promise<number>;
};

/** Profiles: what formation needs to know of a fellow, and where each value came from. */
export function createProfileStore(database: Database, clock: () => Date): ProfileStore {
  const model = profileModel(database);
  const read = async (scope: CourseScope, personIds: readonly string[]) => {
    const rows = await model
      .find({ courseId: scope.courseId, personId: { $in: personIds } })
      .lean<ProfileDocument[]>();
    return new Map(rows.map((row) => [row.personId, row]));
  };
  const write = (
    { courseId }: CourseScope,
    personId: string,
    revision: number,
    fields: Partial<ProfileFields>,
    sources: Readonly<Record<string, ProfileSource>>,
  ): RevisedWrite<ProfileDocument> => ({
    id: `${courseId}.${personId}`,
    revision,
    set: { ...fields, sources: { ...sources }, courseId, personId, updatedAt: clock() },
  });
  const findMany: ProfileStore['findMany'] = async (scope, personIds) =>
    new Map([...(await read(scope, personIds))].map(([personId, row]) => [personId, plain(row)]));
  const countBy = async <T>(scope: CourseScope, condition: object, by: unknown): Promise<Counted<T>[]> => {
    const rows = await model.aggregate<{ _id: T; count: number }>([
      { $match: { courseId: scope.courseId, ...condition } },
      { $group: { _id: by, count: { $sum: 1 } } },
      { $sort: { count: -1, _id: 1 } },
    ]);
    return rows.map(({ _id, count }) => ({ value: _id, count }));
  };

  return {
    findMany,
    async find(scope, personId) {
      return (await findMany(scope, [personId])).get(personId) ?? null;
    },
    async tell(scope, changes, source) {
      const changed = new Set<string>();
      const kept = new Map<string, readonly string[]>();
      const personIds = changes.map(({ personId }) => personId);
      await writeByRevision(model, async () => {
        const rows = await read(scope, personIds);
        return changes.flatMap(({ personId, told }) => {
          const row = rows.get(personId);
          const before = row === undefined ? emptyProfile(personId) : plain(row);
          const after = overlay(before, told, source);
          if (after.kept.length > 0) kept.set(personId, after.kept);
          if (isSame(after.profile, before)) return [];
          changed.add(personId);
          const { personId: _personId, sources, ...fields } = after.profile;
          return [write(scope, personId, row?.revision ?? 0, fields, sources)];
        });
      });
      return { changed: changed.size, kept };
    },
    async replace(scope, personId, told, source) {
      await writeByRevision(model, async () => {
        const row = (await read(scope, [personId])).get(personId);
        const fields = { ...EMPTY_FIELDS, ...(row === undefined ? {} : fieldsOf(row)), ...told };
        const given = Object.fromEntries(Object.keys(told).map((key) => [key, source]));
        const sources = { ...row?.sources, ...given };
        if (row !== undefined && isSame([fieldsOf(row), row.sources], [fields, sources])) return [];
        return [write(scope, personId, row?.revision ?? 0, fields, sources)];
      });
    },
    async renameTrack({ courseId }, from, to) {
      await model.updateMany(
        { courseId, track: from },
        {
          $set: { track: to, updatedAt: clock() },
          $inc: { revision: 1 },
          ...(to === null ? { $unset: { 'sources.track': 1 } } : {}),
        },
      );
    },
    tracks: (scope, except) =>
      countBy<string>(scope, { track: { $ne: null }, personId: { $nin: except } }, '$track'),
    places: (scope, except = []) =>
      countBy<Place>(
        scope,
        {
          personId: { $nin: except },
          $or: [{ state: { $ne: null } }, { zone: { $ne: null } }, { country: { $ne: null } }],
        },
        { lga: '$lga', state: '$state', zone: '$zone', country: '$country' },
      ),
    countComplete: (scope, oneTrack, personIds) =>
      model.countDocuments({
        courseId: scope.courseId,
        ...(personIds === undefined ? {} : { personId: { $in: personIds } }),
        ...(oneTrack === null ? { track: { $ne: null } } : {}),
        $or: [{ state: { $ne: null } }, { zone: { $ne: null } }, { country: { $ne: null } }],
      }),
    async erase(scope, personId) {
      await model.deleteOne({ courseId: scope.courseId, personId });
    },
  };
}

function fieldsOf(row: ProfileDocument): ProfileFields {
  const { personId: _personId, sources: _sources, ...fields } = plain(row);
  return fields;
}

/** Puts a person's profile beside a row; both are expressions upon it. */
export function profileBeside(courseId: unknown, personId: unknown): Stage {
  return besideBy('profiles', courseId, personId);
}

/** What `profileBeside` put there. */
export function profileIn(row: object): Profile | null {
  const [document] = (row as { profiles: ProfileDocument[] }).profiles;
  return document === undefined ? null : plain(document);
}

function plain(row: ProfileDocument): Profile {
  const { _id, courseId: _courseId, updatedAt: _updatedAt, revision: _revision, ...rest } = row;
  return rest;
}
