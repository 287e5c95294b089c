import { Schema } from 'mongoose';
import type { Database } from '../../database/index.ts';
import { defineModel } from '../../database/model.ts';
import type { Grade, OutboxState } from './decide.ts';
import { OUTCOMES, type RunMark } from './runs.ts';

/** A score on its way or arrived: `at` is the timestamp it carries, in whole seconds. */
export type Sending = { score: number; at: Date; number: number };

export type OutboxDocument = {
  _id: string;
  courseId: string;
  lineItemId: string;
  personId: string;
  state: OutboxState;
  /** What is to be posted, and when what it is for happened. */
  score: number;
  activityAt: Date;
  /** What we last posted, as the LMS confirmed it. */
  posted: Sending | null;
  /** Written before each post and taken away with its answer: what may be in the LMS without our knowing. */
  sent: Sending | null;
  /** Staff ordered our score to stand instead of this grade of the LMS. */
  instead: { of: Grade } | null;
  /** The LMS's grade, where it is not ours. */
  found: Grade;
  /** Why it was refused or held; a key of words. */
  reason: string | null;
  /** What the last posting of the whole course did with it; null before the first one, missing in rows of old. */
  run?: RunMark | null;
  /** What became of the last order that ours stand instead of the LMS's grade. */
  order?: RunMark | null;
  attempts: number;
  /** A worker may take the row from here on; one that has it moves this ahead as it goes. */
  dueAt: Date;
  leaseId: string | null;
  /** A worker's last write. */
  mark: string | null;
  changedAt: Date;
};

const text = { type: String, required: true };
const optional = { type: String, default: null };
const number = { type: Number, required: true };
const date = { type: Date, required: true };
const sending = {
  type: new Schema<Sending>({ score: number, at: date, number }, { _id: false }),
  default: null,
};
const mark = {
  type: new Schema<RunMark>(
    {
      id: text,
      outcome: { type: String, enum: OUTCOMES, required: true },
      score: { type: Number, default: null },
      found: { type: Number, default: null },
      reason: optional,
      tried: { type: Boolean, required: true },
    },
    { _id: false },
  ),
  default: null,
};
const schema = new Schema<OutboxDocument>(
  {
    _id: text,
    courseId: text,
    lineItemId: text,
    personId: text,
    state: { type: String, enum: ['waiting', 'posted', 'held', 'kept', 'refused'], required: true },
    score: number,
    activityAt: date,
    posted: sending,
    sent: sending,
    instead: {
      type: new Schema<{ of: Grade }>({ of: { type: Number, default: null } }, { _id: false }),
      default: null,
    },
    found: { type: Number, default: null },
    reason: optional,
    run: mark,
    order: mark,
    attempts: number,
    dueAt: date,
    leaseId: optional,
    mark: optional,
    changedAt: date,
  },
  { versionKey: false },
)
  // A row per fellow and line item: the invariant lives in the database.
  .index({ courseId: 1, personId: 1, lineItemId: 1 }, { unique: true })
  .index({ courseId: 1, lineItemId: 1, state: 1, dueAt: 1 })
  .index({ courseId: 1, lineItemId: 1, state: 1, _id: 1 })
  .index({ courseId: 1, lineItemId: 1, 'posted.number': 1 })
  .index({ courseId: 1, lineItemId: 1, 'run.id': 1, 'run.outcome': 1, _id: 1 });

/** The model of the score outbox. */
export function outboxModel(database: Database) {
  return defineModel<OutboxDocument>(database, 'OutboxRow', schema, 'outbox');
}
