import { Schema } from 'mongoose';
import type { Database } from '../../database/index.ts';
import { defineModel } from '../../database/model.ts';
import type { Statement } from '../engine/explanation.ts';
import type { CurrentPlacement, FormationPerson } from '../engine/types.ts';

/** What a run knew of somebody, and why they came to be where they are; with it a run can be done again. */
export type RecordDocument = {
  _id: string;
  courseId: string;
  proposalId: string;
  run: string;
  personId: string;
  /** Null once they are erased. */
  person: FormationPerson | null;
  /** In an update, the group they were in before it. */
  before?: CurrentPlacement | null;
  statements: Statement[];
};

const text = { type: String, required: true };
const record = new Schema<RecordDocument>(
  {
    ...{ _id: text, courseId: text, proposalId: text, run: text, personId: text },
    person: { type: Schema.Types.Mixed, default: null } as never,
    before: { type: Schema.Types.Mixed, default: null } as never,
    statements: { type: [Schema.Types.Mixed], required: true } as never,
  },
  { versionKey: false, minimize: false },
)
  .index({ courseId: 1, proposalId: 1, personId: 1, run: 1 }, { unique: true })
  .index({ courseId: 1, personId: 1 });

/** The model of records of runs. */
export function recordModel(database: Database) {
  return defineModel<RecordDocument>(database, 'ProposalRecord', record, 'proposal_records');
}
