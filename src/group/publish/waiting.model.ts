import { Schema } from 'mongoose';
import type { Database } from '../../database/index.ts';
import { defineModel } from '../../database/model.ts';

/** A fellow for whom no group of those there are had a seat, and why, as of the last look. */
export type WaitingDocument = {
  _id: string;
  courseId: string;
  personId: string;
  reason: string;
  since: Date;
};

const text = { type: String, required: true };
const schema = new Schema<WaitingDocument>(
  { _id: text, courseId: text, personId: text, reason: text, since: { type: Date, required: true } },
  { versionKey: false },
)
  .index({ courseId: 1, personId: 1 }, { unique: true })
  .index({ courseId: 1, reason: 1, since: 1, _id: 1 });

/** The model of fellows who wait. */
export function waitingModel(database: Database) {
  return defineModel<WaitingDocument>(database, 'WaitingFellow', schema, 'waiting_fellows');
}
