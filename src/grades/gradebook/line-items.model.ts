import { Schema } from 'mongoose';
import type { Database } from '../../database/index.ts';
import { defineModel } from '../../database/model.ts';

/** The column of a course's gradebook that we post into, one for each purpose. */
export type LineItemDocument = {
  _id: string;
  courseId: string;
  purpose: string;
  /** What the LMS calls the column. */
  label: string;
  /** Null until it was found or created. */
  url: string | null;
  /** Which column this is: goes up where the LMS lost one and another was found or created in its place. */
  number: number;
  /** Something waits to be posted, so a worker is to come. */
  open: boolean;
  /** The posting that staff asked for last. */
  wantedRun: string | null;
  /** The posting whose scores are in the outbox already. */
  preparedRun: string | null;
  /** How many fellows of that posting had no score; null before the first one. */
  without: number | null;
  /** Why posting stopped for good until staff post again; a key of words. */
  stopped: string | null;
  /** Failures in a row of the LMS as a whole. */
  failures: number;
  leaseId: string | null;
  leaseUntil: Date | null;
};

const text = { type: String, required: true };
const optional = { type: String, default: null };
const number = { type: Number, required: true };
const schema = new Schema<LineItemDocument>(
  {
    _id: text,
    courseId: text,
    purpose: text,
    label: text,
    url: optional,
    number,
    open: { type: Boolean, required: true },
    wantedRun: optional,
    preparedRun: optional,
    without: { type: Number, default: null },
    stopped: optional,
    failures: number,
    leaseId: optional,
    leaseUntil: { type: Date, default: null },
  },
  { versionKey: false },
)
  .index({ courseId: 1, purpose: 1 }, { unique: true })
  .index({ open: 1, stopped: 1 });

/** The model of line items. */
export function lineItemModel(database: Database) {
  return defineModel<LineItemDocument>(database, 'LineItem', schema, 'line_items');
}
