import { Schema } from 'mongoose';
import type { Database } from '../../database/index.ts';
import { defineModel } from '../../database/model.ts';

export type RollCounts = { met: number; excused: number; missed: number };
export type MeetupDocument = {
  _id: string;
  courseId: string;
  groupId: string;
  /** The form that planned it, and which of its times this is: a form sent twice plans once. */
  formKey: string;
  ordinal: number;
  title: string;
  startsAt: Date;
  endsAt: Date;
  link: string;
  channel: string;
  state: 'planned' | 'cancelled';
  plannedBy: string;
  cancelledAt: Date | null;
  cancelledBy: string | null;
  /** Somebody began to keep the roll; from here on it is neither changed nor cancelled. */
  rollBegunAt: Date | null;
  /** Held means: its roll was taken. Who took it first stays, whoever corrects it. */
  rollTakenAt: Date | null;
  rollTakenBy: string | null;
  /** The last correction. */
  rollCorrectedAt: Date | null;
  rollCorrectedBy: string | null;
  counts: RollCounts | null;
};

/** Their collection. */
export const MEETUPS = 'meetups';

const text = { type: String, required: true };
const date = { type: Date, required: true };
const schema = new Schema<MeetupDocument>(
  {
    _id: text,
    courseId: text,
    groupId: text,
    formKey: text,
    ordinal: { type: Number, required: true },
    title: text,
    startsAt: date,
    endsAt: date,
    link: text,
    channel: text,
    state: { type: String, enum: ['planned', 'cancelled'], required: true },
    plannedBy: text,
    cancelledAt: { type: Date, default: null },
    cancelledBy: { type: String, default: null },
    rollBegunAt: { type: Date, default: null },
    rollTakenAt: { type: Date, default: null },
    rollTakenBy: { type: String, default: null },
    rollCorrectedAt: { type: Date, default: null },
    rollCorrectedBy: { type: String, default: null },
    counts: { type: Schema.Types.Mixed, default: null },
  },
  { versionKey: false },
)
  .index({ courseId: 1, groupId: 1, formKey: 1, ordinal: 1 }, { unique: true })
  .index({ courseId: 1, groupId: 1, startsAt: 1, _id: 1 })
  .index({ courseId: 1, rollTakenAt: 1 });

/** The model of meetups. */
export function meetupModel(database: Database) {
  return defineModel<MeetupDocument>(database, 'Meetup', schema, MEETUPS);
}
