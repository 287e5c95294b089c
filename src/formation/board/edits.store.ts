import type { Database } from '../../database/index.ts';
import { isDuplicateKey, newId } from '../../database/index.ts';
import type { CourseScope } from '../../scope.ts';
import type { ProposalStore } from '../proposals/proposals.store.ts';
import { type EditDocument, editModel } from './edits.model.ts';

export type { Effect, Step } from './edits.model.ts';
export type Edit = Omit<EditDocument, '_id' | 'courseId'>;
export type NewEdit = Omit<Edit, 'at'>;
export type EditStore = {
  find(scope: CourseScope, proposalId: string, seq: number): Promise<Edit | null>;
  /** Those that hold, between two numbers: behind the first, up to the second. */
  between(scope: CourseScope, proposalId: string, after: number, upTo: number): Promise<readonly Edit[]>;
  /**
   * Writes an edit, its rows, and lets it hold. False where another has its number, or the proposal is not open any more;
   * an edit that was left half done by its maker is finished on the way.
   */
  add(scope: CourseScope, edit: NewEdit): Promise<boolean>;
  /** Lets an edit hold that is written; false where it cannot any more. May be done twice. */
  finish(scope: CourseScope, edit: NewEdit): Promise<boolean>;
  /** Those of these runs that an edit lets in, done or not. */
  letIn(scope: CourseScope, runs: readonly string[]): Promise<ReadonlySet<string>>;
  /** Forgets the log of a proposal that goes. */
  forget(scope: CourseScope, proposalId: string): Promise<void>;
};
/** Between the writes of an edit; tests let it throw like a crash. */
export type EditCheckpoint = (step: 'written' | 'rows') => Promise<void> | void;

export type EditStoreDeps = {
  readonly database: Database;
  readonly clock: () => Date;
  readonly proposals: ProposalStore;
  /** Writes down that an edit came in: called by whoever let it, maker or not. */
  readonly note?: ((scope: CourseScope, edit: NewEdit) => Promise<void>) | undefined;
  readonly checkpoint?: EditCheckpoint | undefined;
};

/** The log of edits by hand: written first, it says all that is needed to finish an edit, whoever does. */
export function createEditStore(deps: EditStoreDeps): EditStore {
  const { database, clock, proposals, note, checkpoint = () => undefined } = deps;
  const model = editModel(database);
  const find: EditStore['find'] = async ({ courseId }, proposalId, seq) => {
    const row = await model.findOne({ courseId, proposalId, seq }).lean<EditDocument>();
    return row === null ? null : plain(row);
  };
  const finish: EditStore['finish'] = async (scope, edit) => {
    const { proposalId: id, seq, next, after } = edit;
    await proposals.replaceRows(scope, { id, run: next.run, edits: seq }, after);
    await checkpoint('rows');
    const came = await proposals.commitEdit(scope, id, seq - 1, next);
    if (came) await note?.(scope, edit);
    return came;
  };
  return {
    find,
    finish,
    async letIn({ courseId }, runs) {
      return new Set(await model.distinct('next.run', { courseId, 'next.run': { $in: [...runs] } }));
    },
    async forget({ courseId }, proposalId) {
      await model.deleteMany({ courseId, proposalId });
    },
    async between({ courseId }, proposalId, after, upTo) {
      const filter = { courseId, proposalId, seq: { $gt: after, $lte: upTo } };
      const rows = await model.find(filter).sort({ seq: 1 }).lean<EditDocument[]>();
      return rows.map(plain);
    },
    async add(scope, edit) {
      const { proposalId, seq } = edit;
      try {
        await model.create({ ...edit, _id: newId(), courseId: scope.courseId, at: clock() });
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
        const there = await find(scope, proposalId, seq);
        if (there !== null) await finish(scope, there);
        return false;
      }
      await checkpoint('written');
      if (await finish(scope, edit)) return true;
      // Somebody who wanted the next number may have finished this one.
      const { edits } = await proposals.select(scope, proposalId);
      return edits >= seq;
    },
  };
}

function plain({ _id, courseId: _course, ...rest }: EditDocument): Edit {
  return rest;
}
