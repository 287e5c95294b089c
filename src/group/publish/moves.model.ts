import { Schema } from 'mongoose';
import type { Database } from '../../database/index.ts';
import { defineModel } from '../../database/model.ts';

/**
 * announced: told and waiting for its day; void: not true any more when its day came; full: no seat was left in the group
 * to join when its day came.
 */
export type MoveState = 'announced' | 'done' | 'withdrawn' | 'void' | 'full';

/** A move to another group that is told before it takes effect. */
export type MoveDocument = {
  _id: string;
  courseId: string;
  personId: string;
  fromGroupId: string;
  /** Null where they are to be in no group for now. */
  toGroupId: string | null;
  /** What the group to join is called and where it is, for as long as it is only to come. */
  toName: string | null;
  toPlace: string | null;
  /** How many the group to join was to have, as staff saw it who planned the move; null where nobody saw it. */
  confirmedSize: number | null;
  guest: boolean;
  cause: 'staff' | 'update';
  /** The proposal that holds the group to join, where it is a new one. */
  proposalId: string | null;
  state: MoveState;
  dueAt: Date;
  /** The fellow's own words. */
  objection: string | null;
  /** Staff read the objection and keep the move. */
  kept: boolean;
  /** From this moment it is being carried out: too late to withdraw it or to object. */
  claimedAt: Date | null;
  /** When everybody was told what state it is in; null where that is still owed. */
  toldAt: Date | null;
  by: string;
  createdAt: Date;
};

const text = { type: String, required: true };
const optional = { type: String, default: null };
const flag = { type: Boolean, required: true };
const moment = { type: Date, required: true };
const schema = new Schema<MoveDocument>(
  {
    _id: text,
    courseId: text,
    personId: text,
    fromGroupId: text,
    toGroupId: optional,
    toName: optional,
    toPlace: optional,
    confirmedSize: { type: Number, default: null },
    guest: flag,
    cause: text,
    proposalId: optional,
    state: { type: String, enum: ['announced', 'done', 'withdrawn', 'void', 'full'], required: true },
    dueAt: moment,
    objection: optional,
    kept: flag,
    claimedAt: { type: Date, default: null },
    toldAt: { type: Date, default: null },
    by: text,
    createdAt: moment,
  },
  { versionKey: false },
)
  // One announced move a person: the invariant lives in the database.
  .index({ courseId: 1, personId: 1 }, { unique: true, partialFilterExpression: { state: 'announced' } })
  .index({ courseId: 1, state: 1, dueAt: 1 });

/** The model of moves that are told before they take effect. */
export function moveModel(database: Database) {
  return defineModel<MoveDocument>(database, 'PlannedMove', schema, 'planned_moves');
}
