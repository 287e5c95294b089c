import { Schema } from 'mongoose';
import type { Database } from '../../database/index.ts';
import { defineModel } from '../../database/model.ts';
import type { GroupFigures } from '../engine/by-hand.ts';
import type { EditedFigures, ReplacedRows } from '../proposals/proposals.store.ts';

export type EditKind = 'move' | 'swap' | 'lock' | 'unlock' | 'improve' | 'undo' | 'redo';
/** Somebody's way from one group, by its number in the proposal, to another; null is no group. */
export type Step = { personId: string; from: number | null; to: number | null };
/** What a group was and is. */
export type Effect = { ordinal: number; name: string; before: GroupFigures; after: GroupFigures };

/** A line of the log of a proposal's edits by hand; never changed once written (docs/decisions/0016-board.md). */
export type EditDocument = {
  _id: string;
  courseId: string;
  proposalId: string;
  /** 1, 2, 3 … of the proposal. */
  seq: number;
  kind: EditKind;
  /** What is undone or done again. */
  of: number | null;
  by: string;
  at: Date;
  steps: Step[];
  /** How many people change groups: of what was improved they are too many to list. */
  people: number;
  effects: Effect[];
  /** What is locked or unlocked. */
  lock: { personId: string | null; ordinal: number | null } | null;
  /** The job that made it, of what was improved. */
  jobId: string | null;
  /** The rows and figures on either side, so that anybody can finish the edit, and undo it. */
  before: ReplacedRows;
  after: ReplacedRows;
  was: EditedFigures;
  next: EditedFigures;
};

const text = { type: String, required: true };
const mixed = { type: Schema.Types.Mixed, required: true };
const edit = new Schema<EditDocument>(
  {
    _id: text,
    courseId: text,
    proposalId: text,
    seq: { type: Number, required: true },
    kind: text,
    of: { type: Number, default: null },
    by: text,
    at: { type: Date, required: true },
    steps: { type: [Schema.Types.Mixed], required: true } as never,
    people: { type: Number, required: true },
    effects: { type: [Schema.Types.Mixed], required: true } as never,
    lock: { type: Schema.Types.Mixed, default: null },
    jobId: { type: String, default: null },
    before: mixed,
    after: mixed,
    was: mixed,
    next: mixed,
  },
  { versionKey: false, minimize: false },
).index({ courseId: 1, proposalId: 1, seq: 1 }, { unique: true });

/** The model of the log of edits. */
export function editModel(database: Database) {
  return defineModel<EditDocument>(database, 'ProposalEdit', edit, 'proposal_edits');
}
