import { type Database, newId } from '../../database/index.ts';
import type { CourseScope } from '../../scope.ts';
import {
  OPEN_END,
  proposalModels,
  type ProposedGroupDocument,
  type UnplacedDocument,
} from './proposals.model.ts';

type Where = 'courseId' | 'proposalId' | 'run' | 'since' | 'until';
/** Which rows are a proposal's outcome: those of a run, as of an edit by hand. */
export type ProposalKey = { readonly id: string; readonly run: string; readonly edits: number };
export type NewProposedGroup = Omit<ProposedGroupDocument, '_id' | Where>;
export type ProposedGroup = Omit<NewProposedGroup, 'nameFolded'> & { readonly id: string };
export type UnplacedRow = Omit<UnplacedDocument, '_id' | Where>;
/** How many are unplaced for a reason, and of which tracks. */
export type UnplacedCount = {
  readonly reason: string;
  readonly track: string | null;
  readonly count: number;
};

export type ProposedStore = {
  /** Groups and unplaced people of a run; may be done twice. */
  put(
    scope: CourseScope,
    key: Omit<ProposalKey, 'edits'>,
    groups: readonly NewProposedGroup[],
    unplaced: readonly UnplacedRow[],
  ): Promise<void>;
  /** Forgets what this run wrote, or what all other attempts at forming did. */
  forget(scope: CourseScope, key: Omit<ProposalKey, 'edits'>, which: 'this' | 'others'): Promise<void>;
  /** Groups behind `afterOrdinal` (-1 for the first page). */
  groups(
    scope: CourseScope,
    key: ProposalKey,
    afterOrdinal: number,
    limit: number,
  ): Promise<readonly ProposedGroup[]>;
  /** All groups, streamed by pages. */
  eachGroup(scope: CourseScope, key: ProposalKey): AsyncIterable<readonly ProposedGroup[]>;
  /** Unplaced people for one reason, behind `afterPersonId` ('' for the first page). */
  unplaced(
    scope: CourseScope,
    key: ProposalKey,
    reason: string,
    afterPersonId: string,
    limit: number,
  ): Promise<readonly UnplacedRow[]>;
  unplacedCounts(scope: CourseScope, key: ProposalKey): Promise<readonly UnplacedCount[]>;
  /** What was known of everybody who went in, by person. */
  prints(scope: CourseScope, key: ProposalKey): Promise<ReadonlyMap<string, string>>;
  /** Every reason that this person was given for having no place, and as of which edits of which run it holds. */
  reasonsOf(
    scope: CourseScope,
    personId: string,
  ): Promise<readonly Pick<UnplacedDocument, 'run' | 'reason' | 'since' | 'until'>[]>;
};

/** Whether two groups have the same people, in whatever order. */
export function isSameCompany(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((id) => other.includes(id));
}

/** Runs of edits are told from attempts at forming by how they begin. */
export const EDITED_RUN = /^edit\./;
/** A new run of an edit; when it was begun stands in it, so that what nobody let in can be told by its age. */
export function newEditedRun(now: Date): string {
  return `edit.${now.getTime()}.${newId()}`;
}
export function editedRunBegan(run: string): Date {
  return new Date(Number(run.split('.')[1]));
}

const BATCH = 1_000;
const PAGE = 500;
// Without this word, rows that fail the schema are dropped in silence.
const OPTIONS = { ordered: false, throwOnValidationError: true } as const;

/** What proposals hold: a row a group, and one for everybody who has no place. */
export function createProposedStore(database: Database): ProposedStore {
  const { groups, unplaced } = proposalModels(database);
  const behind = async (filter: object, ordinal: number, limit: number): Promise<ProposedGroup[]> => {
    const rows = await groups
      .find({ ...filter, ordinal: { $gt: ordinal } })
      .sort({ ordinal: 1 })
      .limit(limit)
      .lean<ProposedGroupDocument[]>();
    return rows.map(plainGroup);
  };
  return {
    async put({ courseId }, { id: proposalId, run }, formed, left) {
      const where = { courseId, proposalId, run, since: 0, until: OPEN_END };
      for (const batch of batches(formed)) {
        const rows = batch.map((group) => ({ ...group, ...where, _id: `${run}.${group.ordinal}` }));
        await groups.bulkWrite(rows.map(replaceOne), OPTIONS);
      }
      for (const batch of batches(left)) {
        const rows = batch.map((row) => ({ ...row, ...where, _id: `${run}.${row.personId}` }));
        await unplaced.bulkWrite(rows.map(replaceOne), OPTIONS);
      }
    },
    async forget({ courseId }, { id: proposalId, run }, which) {
      // What an edit wrote is no other attempt's, though nobody may see it yet.
      const others = { $ne: run, $not: EDITED_RUN };
      const filter = { courseId, proposalId, run: which === 'this' ? run : others };
      await groups.deleteMany(filter);
      await unplaced.deleteMany(filter);
    },
    groups: (scope, key, after, limit) => behind(rowsOf(scope, key), after, limit),
    async *eachGroup(scope, key) {
      for (let after = -1; ;) {
        const page = await behind(rowsOf(scope, key), after, PAGE);
        if (page.length > 0) yield page;
        const last = page.at(-1);
        if (last === undefined || page.length < PAGE) return;
        after = last.ordinal;
      }
    },
    async unplaced(scope, key, reason, after, limit) {
      const rows = await unplaced
        .find({ ...rowsOf(scope, key), reason, personId: { $gt: after } })
        .sort({ personId: 1 })
        .limit(limit)
        .lean<UnplacedDocument[]>();
      return rows.map(({ personId, track, print, fromGroupId }) => ({
        ...{ personId, reason, track, print },
        ...(fromGroupId == null ? {} : { fromGroupId }),
      }));
    },
    async unplacedCounts(scope, key) {
      const rows = await unplaced.aggregate<{
        _id: { reason: string; track: string | null };
        count: number;
      }>([
        { $match: rowsOf(scope, key) },
        { $group: { _id: { reason: '$reason', track: '$track' }, count: { $sum: 1 } } },
        { $sort: { count: -1, _id: 1 } },
      ]);
      return rows.map(({ _id, count }) => ({ ..._id, count }));
    },
    async prints(scope, key) {
      const [formed, left] = await Promise.all([
        groups
          .find(rowsOf(scope, key), { memberIds: 1, prints: 1 })
          .lean<Pick<ProposedGroupDocument, 'memberIds' | 'prints'>[]>(),
        unplaced
          .find(rowsOf(scope, key), { personId: 1, print: 1 })
          .lean<Pick<UnplacedDocument, 'personId' | 'print'>[]>(),
      ]);
      const prints = new Map(left.map(({ personId, print }) => [personId, print]));
      for (const group of formed)
        for (const [at, personId] of group.memberIds.entries()) prints.set(personId, group.prints[at] ?? '');
      return prints;
    },
    async reasonsOf({ courseId }, personId) {
      return unplaced.find({ courseId, personId }).lean<UnplacedDocument[]>();
    },
  };
}

/** A proposal's own rows. */
export function rowsOf({ courseId }: CourseScope, { id: proposalId, run, edits }: ProposalKey) {
  return { courseId, proposalId, run, since: { $lte: edits }, until: { $gt: edits } };
}

function replaceOne<Row extends { _id: string }>(row: Row) {
  return { replaceOne: { filter: { _id: row._id }, replacement: row, upsert: true } };
}

function* batches<T>(rows: readonly T[]): Generator<readonly T[]> {
  for (let start = 0; start < rows.length; start += BATCH) yield rows.slice(start, start + BATCH);
}

/** A group as it leaves the store. */
export function plainGroup({
  _id,
  courseId: _course,
  proposalId: _proposal,
  run: _run,
  since: _since,
  until: _until,
  nameFolded: _folded,
  ...rest
}: ProposedGroupDocument): ProposedGroup {
  return { id: _id, ...rest };
}
