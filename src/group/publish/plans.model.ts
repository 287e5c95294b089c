import { Schema } from 'mongoose';
import type { Database } from '../../database/index.ts';
import { defineModel } from '../../database/model.ts';
import type { Publication } from '../../formation/proposals/proposals.store.ts';

/** A frozen plan: never changed once made, thrown away if it was never bound. */
export type PlanDocument = {
  _id: string;
  courseId: string;
  proposalId: string;
  count: number;
  checksum: string;
  /** What the page will say when it is done. */
  publication: Publication;
  by: string;
  at: Date;
};
/** One person's change: from where they are expected to be, to where they go; a null means no group. */
export type PlanRowDocument = {
  _id: string;
  courseId: string;
  planId: string;
  personId: string;
  fromGroupId: string | null;
  toGroupId: string | null;
  guest: boolean;
  /** When the one ends and the other begins; versions are no dates. */
  at: Date;
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
    publication: { type: Schema.Types.Mixed, required: true },
    by: text,
    at: { type: Date, required: true },
  },
  { versionKey: false },
).index({ courseId: 1, proposalId: 1 });
const row = new Schema<PlanRowDocument>(
  {
    _id: text,
    courseId: text,
    planId: text,
    personId: text,
    fromGroupId: optional,
    toGroupId: optional,
    guest: { type: Boolean, required: true },
    at: { type: Date, required: true },
  },
  { versionKey: false },
).index({ courseId: 1, planId: 1, personId: 1 }, { unique: true });

/** The models of publishing plans. */
export function planModels(database: Database) {
  return {
    plans: defineModel<PlanDocument>(database, 'PublishPlan', plan, 'publish_plans'),
    rows: defineModel<PlanRowDocument>(database, 'PublishRow', row, 'publish_rows'),
  };
}
