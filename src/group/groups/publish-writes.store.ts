import type { Database } from '../../database/index.ts';
import { isDuplicateKey } from '../../database/index.ts';
import type { CourseScope } from '../../scope.ts';
import type { Group } from './groups.store.ts';
import { groupModels, MAX_VERSION } from './groups.model.ts';
import type { Membership, NewMembership } from './memberships.store.ts';

export type ClosedMembership = { readonly personId: string; readonly groupId: string; readonly until: Date };

export type NamedGroup = Pick<Group, 'name' | 'track' | 'place' | 'rung'>;

/**
 * Steps 3 to 5 of a publish, and what step 6 verifies (docs/decisions/0004-publishing.md). Each may be done twice, or by
 * a worker that wakes long after: then it matches nothing. `version` is the one that readers do not see yet.
 */
export type PublishWrites = {
  insertGroups(scope: CourseScope, groups: readonly Group[]): Promise<void>;
  closeMemberships(scope: CourseScope, version: number, closed: readonly ClosedMembership[]): Promise<void>;
  /** @throws Error where an open membership is another's: the plan and the database disagree */
  openMemberships(scope: CourseScope, version: number, opened: readonly NewMembership[]): Promise<void>;
  /** Groups that nobody is in from this version on are listed no more; their history stays. */
  closeEmpty(scope: CourseScope, version: number, groupIds: readonly string[]): Promise<void>;
  /** Groups that somebody joins are open, though they were closed before. */
  reopen(scope: CourseScope, version: number, groupIds: readonly string[]): Promise<void>;
  /** What groups are called and where they stand, also those of a version that nobody sees yet. */
  named(scope: CourseScope, groupIds: readonly string[]): Promise<ReadonlyMap<string, NamedGroup>>;
  countMade(
    scope: CourseScope,
    version: number,
    groupIds: readonly string[],
  ): Promise<{ groups: number; closed: number; opened: number }>;
};

const BATCH = 1_000;
// Without this word, rows that fail the schema are dropped in silence.
const OPTIONS = { ordered: false, throwOnValidationError: true } as const;
// Rows by the ten thousand, made here: the database's own validator is enough, and five times as fast.
const LEAN = { ...OPTIONS, lean: true } as const;

export function createPublishWrites(database: Database): PublishWrites {
  const { groups, memberships } = groupModels(database);
  /** A duplicate is success only where the row there is the one that was meant. */
  const checkSame = async (
    courseId: string,
    version: number,
    rows: readonly NewMembership[],
  ): Promise<void> => {
    const there = await memberships
      .find({ courseId, fromVersion: version, personId: { $in: rows.map(({ personId }) => personId) } })
      .lean<Membership[]>();
    const groupOf = new Map(there.map(({ personId, groupId }) => [personId, groupId]));
    const other = rows.filter(({ personId, groupId }) => groupOf.get(personId) !== groupId);
    if (other.length > 0) throw new Error(`publish disagrees with ${other.length} open memberships`);
  };
  return {
    async insertGroups(_scope, made) {
      for (const batch of batches(made)) {
        await groups.bulkWrite(
          batch.map(({ id, ...group }) => ({
            updateOne: { filter: { _id: id }, update: { $setOnInsert: group }, upsert: true },
          })),
          OPTIONS,
        );
      }
    },
    async closeMemberships({ courseId }, version, closed) {
      for (const batch of batches(closed)) {
        await memberships.bulkWrite(
          batch.map(({ personId, groupId, until }) => ({
            updateOne: {
              // Whoever came back later, in a later version, is not meant.
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
          OPTIONS,
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
          await memberships.insertMany(rows, LEAN);
        } catch (error) {
          if (!isDuplicateKey(error)) throw error;
          await checkSame(courseId, version, rows);
        }
      }
    },
    async closeEmpty({ courseId }, version, groupIds) {
      const after = { fromVersion: { $lte: version }, untilVersion: { $gt: version } };
      for (const batch of batches([...new Set(groupIds)])) {
        const filled = await memberships.distinct('groupId', { courseId, groupId: { $in: batch }, ...after });
        const empty = batch.filter((groupId) => !filled.includes(groupId));
        // One that was opened again later is not meant.
        await groups.updateMany(
          { courseId, _id: { $in: empty }, closedFrom: null, openedFrom: { $not: { $gte: version } } },
          { $set: { closedFrom: version } },
        );
      }
    },
    async reopen({ courseId }, version, groupIds) {
      for (const batch of batches(groupIds))
        await groups.updateMany(
          { courseId, _id: { $in: batch }, closedFrom: { $lt: version } },
          { $set: { closedFrom: null, openedFrom: version } },
        );
    },
    async named({ courseId }, groupIds) {
      const rows = await groups
        .find({ courseId, _id: { $in: groupIds } }, { name: 1, track: 1, place: 1, rung: 1 })
        .lean<(NamedGroup & { _id: string })[]>();
      return new Map(rows.map(({ _id, ...group }) => [_id, group]));
    },
    async countMade({ courseId }, version, groupIds) {
      const [made, closed, opened] = await Promise.all([
        groups.countDocuments({ courseId, _id: { $in: groupIds }, fromVersion: { $lte: version } }),
        memberships.countDocuments({ courseId, untilVersion: version }),
        memberships.countDocuments({ courseId, fromVersion: version }),
      ]);
      return { groups: made, closed, opened };
    },
  };
}

function* batches<T>(rows: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < rows.length; start += BATCH) yield rows.slice(start, start + BATCH);
}
