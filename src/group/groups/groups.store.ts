import type { Database } from '../../database/index.ts';
import { isDuplicateKey } from '../../database/index.ts';
import { NotFound } from '../../errors.ts';
import type { CourseScope } from '../../scope.ts';
import { type GroupDocument, groupModels, MAX_VERSION, type MembershipDocument } from './groups.model.ts';

export type Group = Omit<GroupDocument, '_id'> & { readonly id: string };
export type Membership = Omit<MembershipDocument, '_id'>;
export type NewMembership = Pick<Membership, 'personId' | 'groupId' | 'from'>;
export type GroupKey = { readonly nameFolded: string; readonly id: string };

export type GroupStore = {
  find(scope: CourseScope, version: number, groupId: string): Promise<Group | null>;
  /** @throws NotFound also for groups of a later version */
  select(scope: CourseScope, version: number, groupId: string): Promise<Group>;
  list(
    scope: CourseScope,
    version: number,
    search: RegExp | null,
    after: GroupKey | null,
    limit: number,
  ): Promise<readonly Group[]>;
  count(scope: CourseScope, version: number): Promise<number>;
  membershipOf(scope: CourseScope, version: number, personId: string): Promise<Membership | null>;
  /** Every membership a person had or has, for scores over their own time. */
  historyOf(
    scope: CourseScope,
    version: number,
    personIds: readonly string[],
  ): Promise<readonly Membership[]>;
  membersOf(scope: CourseScope, version: number, groupIds: readonly string[]): Promise<readonly Membership[]>;
  /** Who belonged to the group at a moment, by dates. */
  membersAtTime(scope: CourseScope, version: number, groupId: string, at: Date): Promise<readonly string[]>;
  placedPersonIds(scope: CourseScope, version: number): Promise<ReadonlySet<string>>;
  countPlaced(scope: CourseScope, version: number): Promise<number>;
  /** Steps 3 to 5 of a publish; each may run twice. */
  insertGroups(scope: CourseScope, groups: readonly Group[]): Promise<void>;
  closeMemberships(
    scope: CourseScope,
    version: number,
    moves: readonly { personId: string; groupId: string; until: Date }[],
  ): Promise<void>;
  /** @throws Error where an open membership is another's: the plan and the database disagree */
  openMemberships(scope: CourseScope, version: number, opened: readonly NewMembership[]): Promise<void>;
  countOpened(scope: CourseScope, version: number): Promise<number>;
};

const BATCH = 1_000;

/** Groups and who is in them, at a version of the course. */
export function createGroupStore(database: Database): GroupStore {
  const { groups, memberships } = groupModels(database);
  const at = (version: number) => ({ fromVersion: { $lte: version }, untilVersion: { $gt: version } });
  const find: GroupStore['find'] = async ({ courseId }, version, groupId) => {
    const row = await groups
      .findOne({ _id: groupId, courseId, fromVersion: { $lte: version } })
      .lean<GroupDocument>();
    return row === null ? null : plain(row);
  };
  return {
    find,
    async select(scope, version, groupId) {
      const group = await find(scope, version, groupId);
      if (group === null) throw new NotFound();
      return group;
    },
    async list({ courseId }, version, search, after, limit) {
      const key =
        after === null
          ? {}
          : {
              $or: [
                { nameFolded: { $gt: after.nameFolded } },
                { nameFolded: after.nameFolded, _id: { $gt: after.id } },
              ],
            };
      const rows = await groups
        .find({
          courseId,
          fromVersion: { $lte: version },
          ...(search === null ? {} : { nameFolded: search }),
          ...key,
        })
        .sort({ nameFolded: 1, _id: 1 })
        .limit(limit)
        .lean<GroupDocument[]>();
      return rows.map(plain);
    },
    count: ({ courseId }, version) => groups.countDocuments({ courseId, fromVersion: { $lte: version } }),
    membershipOf: ({ courseId }, version, personId) =>
      memberships.findOne({ courseId, personId, ...at(version) }).lean<Membership>(),
    historyOf: ({ courseId }, version, personIds) =>
      memberships
        .find({ courseId, personId: { $in: personIds }, fromVersion: { $lte: version } })
        .lean<Membership[]>(),
    membersOf: ({ courseId }, version, groupIds) =>
      memberships.find({ courseId, groupId: { $in: groupIds }, ...at(version) }).lean<Membership[]>(),
    async membersAtTime({ courseId }, version, groupId, time) {
      const rows = await memberships
        .find({
          courseId,
          groupId,
          fromVersion: { $lte: version },
          from: { $lte: time },
          $or: [{ until: null }, { until: { $gt: time } }],
        })
        .lean<Membership[]>();
      return rows.map(({ personId }) => personId);
    },
    async placedPersonIds({ courseId }, version) {
      const rows = await memberships
        .find({ courseId, ...at(version) }, { personId: 1 })
        .lean<{ personId: string }[]>();
      return new Set(rows.map(({ personId }) => personId));
    },
    countPlaced: ({ courseId }, version) => memberships.countDocuments({ courseId, ...at(version) }),
    async insertGroups(_scope, made) {
      for (const batch of batches(made)) {
        await groups.bulkWrite(
          batch.map(({ id, ...group }) => ({
            updateOne: { filter: { _id: id }, update: { $setOnInsert: group }, upsert: true },
          })),
          { ordered: false },
        );
      }
    },
    async closeMemberships({ courseId }, version, moves) {
      for (const batch of batches(moves)) {
        await memberships.bulkWrite(
          batch.map(({ personId, groupId, until }) => ({
            updateOne: {
              filter: {
                courseId,
                personId,
                groupId,
                untilVersion: MAX_VERSION,
                fromVersion: { $lt: version },
              },
              update: { $set: { untilVersion: version, until } },
            },
          })),
          { ordered: false },
        );
      }
    },
    async openMemberships({ courseId }, version, opened) {
      for (const batch of batches(opened)) {
        const rows = batch.map((row) => ({
          _id: `${courseId}.${row.personId}.${version}`,
          courseId,
          ...row,
          fromVersion: version,
          untilVersion: MAX_VERSION,
          until: null,
        }));
        try {
          await memberships.insertMany(rows, { ordered: false });
        } catch (error) {
          if (!isDuplicateKey(error)) throw error;
          await checkSame(courseId, version, rows);
        }
      }
    },
    countOpened: ({ courseId }, version) => memberships.countDocuments({ courseId, fromVersion: version }),
  };

  /** A duplicate is success only where the row there is the one that was meant. */
  async function checkSame(courseId: string, version: number, rows: readonly NewMembership[]): Promise<void> {
    const there = await memberships
      .find({ courseId, fromVersion: version, personId: { $in: rows.map(({ personId }) => personId) } })
      .lean<Membership[]>();
    const groupOf = new Map(there.map(({ personId, groupId }) => [personId, groupId]));
    const other = rows.filter(({ personId, groupId }) => groupOf.get(personId) !== groupId);
    if (other.length > 0) throw new Error(`publish disagrees with ${other.length} open memberships`);
  }
}

function* batches<T>(rows: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < rows.length; start += BATCH) yield rows.slice(start, start + BATCH);
}

function plain({ _id, ...rest }: GroupDocument): Group {
  return { id: _id, ...rest };
}
