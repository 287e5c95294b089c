import { Schema } from 'mongoose';
import type { Database } from '../../database/index.ts';
import { defineModel } from '../../database/model.ts';

export type Outcome = 'met' | 'excused' | 'missed' | 'disputed' | 'unproven';

export type EvidenceDocument = {
  _id: string;
  courseId: string;
  kind: string;
  opportunityId: string;
  personId: string;
  groupId: string;
  /** When the opportunity was, not when it was written down. */
  occurredAt: Date;
  outcome: Outcome;
  /** 1 for the first word; a correction is a further row. */
  revision: number;
  recordedAt: Date;
  recordedBy: string;
};

const text = { type: String, required: true };
const schema = new Schema<EvidenceDocument>(
  {
    _id: text,
    courseId: text,
    kind: text,
    opportunityId: text,
    personId: text,
    groupId: text,
    occurredAt: { type: Date, required: true },
    outcome: { type: String, enum: ['met', 'excused', 'missed', 'disputed', 'unproven'], required: true },
    revision: { type: Number, required: true },
    recordedAt: { type: Date, required: true },
    recordedBy: text,
  },
  { versionKey: false },
)
  .index({ courseId: 1, kind: 1, opportunityId: 1, personId: 1, revision: 1 }, { unique: true })
  .index({ courseId: 1, personId: 1, occurredAt: 1 });

/** The model of evidence: append-only. */
export function evidenceModel(database: Database) {
  return defineModel<EvidenceDocument>(database, 'Evidence', schema, 'evidence');
}
