import type { Database, Stage } from '../../database/index.ts';
import { NotFound } from '../../errors.ts';
import type { CourseScope } from '../../scope.ts';
import { type GroupDocument, groupModels } from './groups.model.ts';
import { createMembershipStore, type MembershipStore } from './memberships.store.ts';
import { createPublishWrites, type PublishWrites } from './publish-writes.store.ts';

export type { Membership } from './memberships.store.ts';
export type Group = Omit<GroupDocument, '_id'> & { readonly id: string };
export type GroupKey = { readonly nameFolded: string; readonly id: string };
/** Groups whose folded name holds the text, and these besides; of both, or of all, none of `except`. */
export type GroupSearch = {
  readonly text?: RegExp;
  readonly ids?: readonly string[];
  readonly except?: readonly string[];
};

export type GroupStore = MembershipStore &
  PublishWrites & {
    find(scope: CourseScope, version: number, groupId: string): Promise<Group | null>;
    /** @throws NotFound also for groups of a later version */
    select(scope: CourseScope, version: number, groupId: string): Promise<Group>;
    /**
     * With what these stages put beside it, in one read; the row holds both.
     * @throws NotFound also for groups of a later version
     */
    selectWith(
      scope: CourseScope,
      version: number,
      groupId: string,
      beside: readonly Stage[],
    ): Promise<{ readonly group: Group; readonly row: object }>;
    /** By folded name, a page at a time. */
    list(
      scope: CourseScope,
      version: number,
      search: GroupSearch | null,
      after: GroupKey | null,
      limit: number,
    ): Promise<readonly Group[]>;
    /** Those before a group, the nearest first. */
    listBefore(
      scope: CourseScope,
      version: number,
      search: GroupSearch | null,
      before: GroupKey,
      limit: number,
    ): Promise<readonly Group[]>;
    count(scope: CourseScope, version: number): Promise<number>;
    foldedNames(scope: CourseScope): Promise<ReadonlySet<string>>;
  };

/** Groups and who is in them, at a version of the course. */
export function createGroupStore(database: Database): GroupStore {
  const { groups } = groupModels(database);
  const find: GroupStore['find'] = async ({ courseId }, version, groupId) => {
    const row = await groups
      .findOne({ courseId, _id: groupId, fromVersion: { $lte: version } })
      .lean<GroupDocument>();
    return row === null ? null : plain(row);
  };
  const listed = async (
    { courseId }: CourseScope,
    version: number,
    search: GroupSearch | null,
    where: object,
    direction: 1 | -1,
    limit: number,
  ): Promise<Group[]> => {
    const rows = await groups
      .find({ $and: [{ courseId, ...openAt(version) }, ...conditionsOf(search), where] })
      .sort({ nameFolded: direction, _id: direction })
      .limit(limit)
      .lean<GroupDocument[]>();
    return rows.map(plain);
  };
  return {
    ...createMembershipStore(database),
    ...createPublishWrites(database),
    find,
    async select(scope, version, groupId) {
      const group = await find(scope, version, groupId);
      if (group === null) throw new NotFound();
      return group;
    },
    async selectWith({ courseId }, version, groupId, beside) {
      const [row] = await groups.aggregate<{ group: GroupDocument }>([
        { $match: { courseId, _id: groupId, fromVersion: { $lte: version } } },
        // Aside, so that nothing put beside it takes the place of a field.
        { $project: { _id: 0, group: '$$ROOT' } },
        ...beside,
      ]);
      if (row === undefined) throw new NotFound();
      return { group: plain(row.group), row };
    },
    list: (scope, version, search, after, limit) =>
      listed(scope, version, search, after === null ? {} : behind(after), 1, limit),
    listBefore: (scope, version, search, before, limit) =>
      listed(scope, version, search, ahead(before), -1, limit),
    count: ({ courseId }, version) => groups.countDocuments({ courseId, ...openAt(version) }),
    async foldedNames({ courseId }) {
      const rows = await groups.find({ courseId }, { nameFolded: 1 }).lean<{ nameFolded: string }[]>();
      return new Set(rows.map(({ nameFolded }) => nameFolded));
    },
  };
}

/** The first condition says nothing new, but it is what the index begins at; an `or` alone would read from the start. */
function behind({ nameFolded, id }: GroupKey) {
  return {
    nameFolded: { $gte: nameFolded },
    $or: [{ nameFolded: { $gt: nameFolded } }, { _id: { $gt: id } }],
  };
}

/** Groups that are there at a version, and that somebody is in. */
function openAt(version: number) {
  return { fromVersion: { $lte: version }, closedFrom: { $not: { $lte: version } } };
}

function ahead({ nameFolded, id }: GroupKey) {
  return {
    nameFolded: { $lte: nameFolded },
    $or: [{ nameFolded: { $lt: nameFolded } }, { _id: { $lt: id } }],
  };
}

function conditionsOf(search: GroupSearch | null): object[] {
  const { text, ids = [], except = [] } = search ?? {};
  return [
    ...(text === undefined ? [] : [{ $or: [{ nameFolded: text }, { _id: { $in: [...ids] } }] }]),
    ...(except.length === 0 ? [] : [{ _id: { $nin: [...except] } }]),
  ];
}

function plain({ _id, ...rest }: GroupDocument): Group {
  return { id: _id, ...rest };
}
