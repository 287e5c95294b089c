import { Schema } from 'mongoose';
import type { Database } from '../../database/index.ts';
import { defineModel } from '../../database/model.ts';

/** A frozen plan: never changed once made, thrown away if it was never bound. */
export type PlanDocument = {
  _id: string;
  courseId: string;
  proposalId: string;
  count: number;
  checksum: string;
  dropped: number;
  by: string;
  at: Date;
};
export type PlanRowDocument = {
  _id: string;
  planId: string;
  personId: string;
  fromGroupId: string | null;
  toGroupId: string | null;
};

const text = { type: String, required: true };
const optional = { type: String, default: null };
const plan = new Schema<PlanDocument>(
  {
    _id: text,
    courseId: text,
    proposalId: text,
    count: { type: Number, required: true },
    checksum: text,
    dropped: { type: Number, required: true },
    by: text,
    at: { type: Date, required: true },
  },
  { versionKey: false },
).index({ courseId: 1, proposalId: 1 });
const row = new Schema<PlanRowDocument>(
  { _id: text, planId: text, personId: text, fromGroupId: optional, toGroupId: optional },
  { versionKey: false },
).index({ planId: 1, personId: 1 }, { unique: true });

/** The models of publishing plans. */
export function planModels(database: Database) {
  return {
    plans: defineModel<PlanDocument>(database, 'PublishPlan', plan, 'publish_plans'),
    rows: defineModel<PlanRowDocument>(database, 'PublishRow', row, 'publish_rows'),
  };
}
