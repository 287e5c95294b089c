import type { Database } from '../../database/index.ts';
import { isDuplicateKey } from '../../database/index.ts';
import { NotFound } from '../../errors.ts';
import type { CourseScope } from '../../scope.ts';
import {
  createProposedStore,
  type NewProposedGroup,
  type ProposedStore,
  type UnplacedRow,
} from './proposed.store.ts';
import { type BoardRows, createBoardRows } from './board-rows.store.ts';
import { createRowReplacer, type RowReplacer } from './edited-rows.store.ts';
import { createProposedViews, type ProposedViews } from './proposed-views.store.ts';
import {
  type BoardState,
  type ProposalDocument,
  proposalModels,
  type ProposalState,
  type Publication,
  UNTOUCHED,
} from './proposals.model.ts';

export type { BoardState, LeftOut, ProposalState, Publication, RungFacts } from './proposals.model.ts';
export type { NewProposedGroup, ProposedGroup, UnplacedRow } from './proposed.store.ts';
export type { ReplacedRows } from './edited-rows.store.ts';
export type Proposal = Omit<ProposalDocument, '_id'> & { readonly id: string };
export type NewProposal = Pick<Proposal, 'rules' | 'anywhere' | 'createdBy'>;
/** What an edit by hand changes in a proposal, beside its rows. */
export type EditedFigures = Pick<
  Proposal,
  'run' | 'groups' | 'unplaced' | 'byRung' | 'bySize' | 'terms' | 'board'
>;
/** What forming came to. */
export type Outcome = Pick<Proposal, 'snapshot' | 'people' | 'byRung' | 'bySize' | 'leadUnknown' | 'terms'> &
  Partial<Pick<Proposal, 'update'>> & {
    readonly groups: readonly NewProposedGroup[];
    readonly unplaced: readonly UnplacedRow[];
    /** Of the people in groups, how many have a known skill and activity. */
    readonly known?: BoardState['known'];
  };

export type ProposalStore = Omit<ProposedStore, 'reasonsOf'> &
  RowReplacer &
  BoardRows &
  ProposedViews & {
    /** A proposal in the making; it gets the course's next number. May run twice. */
    begin(scope: CourseScope, id: string, proposal: NewProposal): Promise<void>;
    /** Puts the outcome in, under a run of its own: of two attempts one is the outcome, whole. */
    fill(scope: CourseScope, id: string, outcome: Outcome, run?: string): Promise<void>;
    find(scope: CourseScope, id: string): Promise<Proposal | null>;
    /** @throws NotFound */
    select(scope: CourseScope, id: string): Promise<Proposal>;
    /** The newest that can be looked at. */
    list(scope: CourseScope, limit: number): Promise<readonly Proposal[]>;
    /**
     * One step of a proposal's life; false where it stands in none of these states, or, where `edits` is given, was edited
     * since. Of two one wins.
     */
    move(
      scope: CourseScope,
      id: string,
      from: readonly ProposalState[],
      to: 'open' | 'publishing' | 'discarded',
      edits?: number,
    ): Promise<boolean>;
    /** Lets edit `edits + 1` hold, where `edits` was the last and the proposal is open; of two one wins. */
    commitEdit(scope: CourseScope, id: string, edits: number, figures: EditedFigures): Promise<boolean>;
    markPublished(scope: CourseScope, id: string, publication: Publication): Promise<void>;
    /** Why this person had no place in the newest published proposal that named them; null where none did. */
    reasonOf(scope: CourseScope, personId: string): Promise<string | null>;
  };

/** Proposals: groups as they might be, until somebody publishes them. */
export function createProposalStore(database: Database, clock: () => Date): ProposalStore {
  const { proposals } = proposalModels(database);
  const proposed = createProposedStore(database);
  const find: ProposalStore['find'] = async ({ courseId }, id) => {
    const row = await proposals.findOne({ courseId, _id: id }).lean<ProposalDocument>();
    return row === null ? null : plain(row);
  };
  const newest = (filter: object, limit: number): Promise<ProposalDocument[]> =>
    proposals.find(filter).sort({ number: -1 }).limit(limit).lean<ProposalDocument[]>();
  const begin: ProposalStore['begin'] = async (scope, id, given) => {
    if ((await find(scope, id)) !== null) return;
    const [last] = await newest({ courseId: scope.courseId }, 1);
    const row = { ...EMPTY, ...given, _id: id, courseId: scope.courseId, number: (last?.number ?? 0) + 1 };
    try {
      await proposals.create({ ...row, createdAt: clock() });
    } catch (error) {
      // Another proposal took the number at the same moment.
      if (!isDuplicateKey(error)) throw error;
      await begin(scope, id, given);
    }
  };
  return {
    ...proposed,
    ...createRowReplacer(database),
    ...createBoardRows(database),
    ...createProposedViews(database),
    find,
    begin,
    async fill(scope, id, { groups, unplaced, known = null, ...figures }, run = id) {
      const key = { id, run };
      await proposed.put(scope, key, groups, unplaced);
      const counts = { groups: groups.length, unplaced: unplaced.length };
      await proposals.updateOne(
        { courseId: scope.courseId, _id: id, state: 'forming' },
        {
          $set: { ...figures, ...counts, board: { ...UNTOUCHED, known }, run, formedRun: run, state: 'open' },
        },
      );
      // By what formed it, not by the run it shows: an edit may have given it another meanwhile.
      const won = formedRunOf(await find(scope, id)) === run;
      await proposed.forget(scope, key, won ? 'others' : 'this');
    },
    async select(scope, id) {
      const proposal = await find(scope, id);
      if (proposal === null) throw new NotFound();
      return proposal;
    },
    async list({ courseId }, limit) {
      const rows = await newest({ courseId, state: { $in: ['open', 'publishing', 'published'] } }, limit);
      return rows.map(plain);
    },
    async move({ courseId }, id, from, to, edits) {
      const { matchedCount } = await proposals.updateOne(
        { courseId, _id: id, state: { $in: from }, ...(edits === undefined ? {} : { edits }) },
        { $set: { state: to, ...(to === 'discarded' && { discardedAt: clock() }) } },
      );
      return matchedCount === 1;
    },
    async commitEdit({ courseId }, id, edits, figures) {
      const { matchedCount } = await proposals.updateOne(
        { courseId, _id: id, state: 'open', edits },
        { $set: { ...figures, edits: edits + 1 } },
      );
      return matchedCount === 1;
    },
    async markPublished({ courseId }, id, publication) {
      await proposals.updateOne({ courseId, _id: id }, { $set: { state: 'published', publication } });
    },
    async reasonOf(scope, personId) {
      const reasons = await proposed.reasonsOf(scope, personId);
      const { courseId } = scope;
      const runs = reasons.map(({ run }) => run);
      const [last] = await newest({ courseId, run: { $in: runs }, state: 'published' }, 1);
      const holds = reasons.find(
        ({ run, since, until }) =>
          last !== undefined && run === last.run && since <= last.edits && until > last.edits,
      );
      return holds?.reason ?? null;
    },
  };
}

/** The run whose records say why; null where that is not known any more (edited before it was kept). */
export function formedRunOf(
  proposal: (Pick<Proposal, 'run' | 'edits'> & { readonly formedRun?: string | null | undefined }) | null,
): string | null {
  if (proposal === null) return null;
  return proposal.formedRun ?? (proposal.edits === 0 ? proposal.run : null);
}

/** A proposal of which nothing is known yet. */
const EMPTY = {
  state: 'forming' as const,
  run: '-',
  snapshot: '-',
  groups: 0,
  people: 0,
  unplaced: 0,
  byRung: {},
  bySize: {},
  leadUnknown: 0,
  terms: [],
  edits: 0,
  board: UNTOUCHED,
  publication: null,
};

function plain({ _id, ...rest }: ProposalDocument): Proposal {
  return { id: _id, ...rest };
}
