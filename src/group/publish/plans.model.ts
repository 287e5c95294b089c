import { Schema } from 'mongoose';
import type { Database } from '../../database/index.ts';
import { defineModel } from '../../database/model.ts';
import type { Rung } from '../../formation/engine/types.ts';
import type { Publication } from '../../formation/proposals/proposals.store.ts';

/** Why somebody's group changes: what they and others are told depends on it. */
export type Cause = 'formed' | 'late' | 'staff' | 'update' | Gone;
/** Left the course, or is in it and no fellow any more. */
export type Gone = 'left' | 'other_role';

/** A frozen plan: never changed once made, thrown away if it was never bound. */
export type PlanDocument = {
  _id: string;
  courseId: string;
  /** Null where people join, leave or move one by one. */
  proposalId: string | null;
  count: number;
  checksum: string;
  /** What the page will say when it is done. */
  publication: Publication | null;
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
  cause: Cause;
  /** Where a late joiner's place and the group's meet. */
  meets: Rung | null;
  /** When the one ends and the other begins; versions are no dates. */
  at: Date;
};

const text = { type: String, required: true };
const optional = { type: String, default: null };
const plan = new Schema<PlanDocument>(
  {
    _id: text,
    courseId: text,
    proposalId: optional,
    count: { type: Number, required: true },
    checksum: text,
    publication: { type: Schema.Types.Mixed, default: null },
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
    cause: { type: String, default: 'formed' },
    meets: optional,
    at: { type: Date, required: true },
  },
  { versionKey: false },
)
  .index({ courseId: 1, planId: 1, personId: 1 }, { unique: true })
  .index({ courseId: 1, cause: 1, at: -1 });

/** The models of publishing plans. */
export function planModels(database: Database) {
  return {
    plans: defineModel<PlanDocument>(database, 'PublishPlan', plan, 'publish_plans'),
    rows: defineModel<PlanRowDocument>(database, 'PublishRow', row, 'publish_rows'),
  };
}
