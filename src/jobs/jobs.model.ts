import { Schema } from 'mongoose';
import type { Database } from '../database/index.ts';
import { defineModel } from '../database/model.ts';

export type JobState = 'waiting' | 'running' | 'done' | 'failed';
/** `total` is null while it is not known; `note` is a key of words. */
export type JobProgress = { done: number; total: number | null; note: string | null };

export type JobDocument = {
  _id: string;
  courseId: string;
  kind: string;
  /** What must not run twice at a time in its course. */
  key: string;
  /** Waiting or running. */
  active: boolean;
  payload: unknown;
  state: JobState;
  /** How often it was begun, this time included. */
  attempts: number;
  progress: JobProgress;
  result: unknown;
  errorCode: string | null;
  dueAt: Date;
  /** From here on another worker may take it. */
  leaseUntil: Date | null;
  leaseId: string | null;
  createdAt: Date;
  finishedAt: Date | null;
};

const text = { type: String, required: true };
const mixed = { type: Schema.Types.Mixed, default: null };
const schema = new Schema<JobDocument>(
  {
    _id: text,
    courseId: text,
    kind: text,
    key: text,
    active: { type: Boolean, required: true },
    payload: mixed,
    state: { type: String, enum: ['waiting', 'running', 'done', 'failed'], required: true },
    attempts: { type: Number, required: true },
    progress: { type: Schema.Types.Mixed, required: true },
    result: mixed,
    errorCode: { type: String, default: null },
    dueAt: { type: Date, required: true },
    leaseUntil: { type: Date, default: null },
    leaseId: { type: String, default: null },
    createdAt: { type: Date, required: true },
    finishedAt: { type: Date, default: null },
  },
  { versionKey: false, minimize: false },
)
  // At most one waiting or running job of a course, kind and key: two clicks are one job.
  .index({ courseId: 1, kind: 1, key: 1 }, { unique: true, partialFilterExpression: { active: true } })
  .index({ active: 1, dueAt: 1 })
  .index({ courseId: 1, kind: 1, createdAt: -1 })
  .index({ active: 1, finishedAt: 1 });

export type TimerDocument = { _id: string; nextAt: Date };
const timerSchema = new Schema<TimerDocument>(
  { _id: text, nextAt: { type: Date, required: true } },
  { versionKey: false },
);

/** The model of jobs. */
export function jobModel(database: Database) {
  return defineModel<JobDocument>(database, 'Job', schema, 'jobs');
}

/** When each timed job is due next. */
export function timerModel(database: Database) {
  return defineModel<TimerDocument>(database, 'Timer', timerSchema, 'timers');
}
