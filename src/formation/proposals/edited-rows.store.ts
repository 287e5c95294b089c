import type { Database } from '../../database/index.ts';
import type { CourseScope } from '../../scope.ts';
import { OPEN_END, proposalModels } from './proposals.model.ts';
import type { NewProposedGroup, ProposalKey, UnplacedRow } from './proposed.store.ts';

/** Rows as they are after an edit by hand, in place of those before it. */
export type ReplacedRows = {
  readonly groups: readonly NewProposedGroup[];
  /** Who is in no group any more, and for which reason. */
  readonly out: readonly UnplacedRow[];
  /** Who was in no group, and is in one now. */
  readonly placed: readonly string[];
};

export type RowReplacer = {
  /**
   * Writes rows that hold from edit `key.edits` on, and ends those they replace; nobody sees them before the proposal
   * counts that edit. May be done twice, also long after.
   */
  replaceRows(scope: CourseScope, key: ProposalKey, rows: ReplacedRows): Promise<void>;
};

/** Puts rows in the place of others, edit by edit: what was before an edit stays to be looked at as of then. */
export function createRowReplacer(database: Database): RowReplacer {
  const { groups, unplaced } = proposalModels(database);
  return {
    async replaceRows({ courseId }, { id: proposalId, run, edits }, rows) {
      const where = { courseId, proposalId, run };
      const since = { ...where, since: edits, until: OPEN_END };
      // What is there is never written over: a later edit may have ended it since.
      const insert = <Row extends object>(_id: string, row: Row) => ({
        updateOne: { filter: { _id }, update: { $setOnInsert: { ...row, ...since } }, upsert: true },
      });
      const ended = { ...where, since: { $lt: edits }, until: OPEN_END };
      const end = { $set: { until: edits } };
      if (rows.groups.length > 0) {
        await groups.bulkWrite(rows.groups.map((row) => insert(`${run}.${row.ordinal}.${edits}`, row)));
        await groups.updateMany({ ...ended, ordinal: { $in: rows.groups.map((row) => row.ordinal) } }, end);
      }
      if (rows.out.length > 0)
        await unplaced.bulkWrite(rows.out.map((row) => insert(`${run}.${row.personId}.${edits}`, row)));
      if (rows.placed.length > 0)
        await unplaced.updateMany({ ...ended, personId: { $in: [...rows.placed] } }, end);
    },
  };
}
