import type { Database } from '../../database/index.ts';
import { isDuplicateKey } from '../../database/index.ts';
import { NotFound } from '../../errors.ts';
import type { CourseScope } from '../../scope.ts';
import {
  type ProposalDocument,
  proposalModels,
  type ProposalState,
  type ProposedGroupDocument,
  type UnplacedDocument,
} from './proposals.model.ts';

export type { ProposalState, RungFacts } from './proposals.model.ts';
export type Proposal = Omit<ProposalDocument, '_id'> & { readonly id: string };
export type ProposedGroup = Omit<ProposedGroupDocument, '_id' | 'courseId' | 'proposalId' | 'nameFolded'> & {
  readonly id: string;
};
export type NewProposal = Pick<Proposal, 'rules' | 'createdBy'>;
export type Outcome = Pick<Proposal, 'snapshot' | 'people' | 'byRung' | 'terms'> & {
  readonly groups: readonly (Omit<ProposedGroup, 'id'> & { readonly nameFolded: string })[];
  readonly unplaced: readonly { personId: string; reason: string }[];
};

export type ProposalStore = {
  /** A proposal in the making; it gets the course's next number. */
  begin(scope: CourseScope, id: string, proposal: NewProposal): Promise<void>;
  /** Puts the outcome in. May run twice: rows are named by proposal and ordinal. */
  fill(scope: CourseScope, id: string, outcome: Outcome): Promise<void>;
  find(scope: CourseScope, id: string): Promise<Proposal | null>;
  /** @throws NotFound */
  select(scope: CourseScope, id: string): Promise<Proposal>;
  list(scope: CourseScope, limit: number): Promise<readonly Proposal[]>;
  /** Groups behind `afterOrdinal` (-1 for the first page). */
  groups(
    scope: CourseScope,
    id: string,
    afterOrdinal: number,
    limit: number,
  ): Promise<readonly ProposedGroup[]>;
  /** Groups whose folded name holds the text, or with one of these members. */
  search(
    scope: CourseScope,
    id: string,
    text: RegExp,
    personIds: readonly string[],
    limit: number,
  ): Promise<readonly ProposedGroup[]>;
  unplaced(
    scope: CourseScope,
    id: string,
    limit: number,
  ): Promise<readonly { personId: string; reason: string }[]>;
  /** How many are unplaced for each reason. */
  unplacedReasons(scope: CourseScope, id: string): Promise<Readonly<Record<string, number>>>;
  setState(scope: CourseScope, id: string, state: ProposalState): Promise<void>;
  markPublished(scope: CourseScope, id: string): Promise<void>;
};

const BATCH = 1_000;

/** Proposals: groups as they might be, until somebody publishes them. */
export function createProposalStore(database: Database, clock: () => Date): ProposalStore {
  const { proposals, groups, unplaced } = proposalModels(database);
  const find: ProposalStore['find'] = async (scope, id) => {
    const row = await proposals.findOne({ _id: id, courseId: scope.courseId }).lean<ProposalDocument>();
    return row === null ? null : plain(row);
  };
  const setState: ProposalStore['setState'] = async (scope, id, state) => {
    await proposals.updateOne({ _id: id, courseId: scope.courseId }, { $set: { state } });
  };
  return {
    find,
    setState,
    async begin(scope, id, { rules, createdBy }) {
      if ((await find(scope, id)) !== null) return;
      const [last] = await proposals
        .find({ courseId: scope.courseId })
        .sort({ number: -1 })
        .limit(1)
        .lean<ProposalDocument[]>();
      const row = {
        _id: id,
        courseId: scope.courseId,
        number: (last?.number ?? 0) + 1,
        state: 'forming' as const,
        rules,
        createdBy,
      };
      try {
        await proposals.create({
          ...row,
          snapshot: '-',
          groups: 0,
          people: 0,
          unplaced: 0,
          byRung: {},
          terms: [],
          createdAt: clock(),
        });
      } catch (error) {
        // Another proposal took the number at the same moment.
        if (!isDuplicateKey(error)) throw error;
        await this.begin(scope, id, { rules, createdBy });
      }
    },
    async fill(scope, id, { groups: formed, unplaced: left, ...figures }) {
      const { courseId } = scope;
      for (let start = 0; start < formed.length; start += BATCH) {
        await groups.bulkWrite(
          formed.slice(start, start + BATCH).map((group) => ({
            replaceOne: {
              filter: { _id: `${id}.${group.ordinal}` },
              // Named here too: a row that fails the schema is dropped without a word in an unordered bulk write.
              replacement: {
                ...group,
                _id: `${id}.${group.ordinal}`,
                memberIds: [...group.memberIds],
                guestIds: [...group.guestIds],
                courseId,
                proposalId: id,
              },
              upsert: true,
            },
          })),
          { ordered: false },
        );
      }
      for (let start = 0; start < left.length; start += BATCH) {
        await unplaced.bulkWrite(
          left.slice(start, start + BATCH).map((row) => ({
            replaceOne: {
              filter: { _id: `${id}.${row.personId}` },
              replacement: { ...row, _id: `${id}.${row.personId}`, courseId, proposalId: id },
              upsert: true,
            },
          })),
          { ordered: false },
        );
      }
      const counts = { groups: formed.length, unplaced: left.length };
      await proposals.updateOne(
        { _id: id, courseId, state: 'forming' },
        { $set: { ...figures, ...counts, state: 'open' } },
      );
    },
    async select(scope, id) {
      const proposal = await find(scope, id);
      if (proposal === null) throw new NotFound();
      return proposal;
    },
    async list(scope, limit) {
      const rows = await proposals
        .find({ courseId: scope.courseId, state: { $ne: 'discarded' } })
        .sort({ number: -1 })
        .limit(limit)
        .lean<ProposalDocument[]>();
      return rows.map(plain);
    },
    async groups(scope, id, afterOrdinal, limit) {
      const rows = await groups
        .find({ courseId: scope.courseId, proposalId: id, ordinal: { $gt: afterOrdinal } })
        .sort({ ordinal: 1 })
        .limit(limit)
        .lean<ProposedGroupDocument[]>();
      return rows.map(plainGroup);
    },
    async search(scope, id, text, personIds, limit) {
      const rows = await groups
        .find({
          courseId: scope.courseId,
          proposalId: id,
          $or: [{ nameFolded: text }, { memberIds: { $in: personIds } }],
        })
        .sort({ ordinal: 1 })
        .limit(limit)
        .lean<ProposedGroupDocument[]>();
      return rows.map(plainGroup);
    },
    async unplaced(scope, id, limit) {
      const rows = await unplaced
        .find({ courseId: scope.courseId, proposalId: id })
        .sort({ personId: 1 })
        .limit(limit)
        .lean<UnplacedDocument[]>();
      return rows.map(({ personId, reason }) => ({ personId, reason }));
    },
    async unplacedReasons(scope, id) {
      const rows = await unplaced.aggregate<{ _id: string; count: number }>([
        { $match: { courseId: scope.courseId, proposalId: id } },
        { $group: { _id: '$reason', count: { $sum: 1 } } },
      ]);
      return Object.fromEntries(rows.map(({ _id, count }) => [_id, count]));
    },
    markPublished: (scope, id) => setState(scope, id, 'published'),
  };
}

function plain({ _id, ...rest }: ProposalDocument): Proposal {
  return { id: _id, ...rest };
}

function plainGroup({
  _id,
  courseId: _course,
  proposalId: _proposal,
  nameFolded: _folded,
  ...rest
}: ProposedGroupDocument): ProposedGroup {
  return { id: _id, ...rest };
}
