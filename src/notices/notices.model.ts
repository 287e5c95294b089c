import { Schema } from 'mongoose';
import type { Database } from '../database/index.ts';
import { defineModel } from '../database/model.ts';

/** What fills a notice's words: texts, counts and days. People stand in it by id, under a name that ends in `Id`. */
export type NoticeParams = Record<string, string | number | Date>;

export type NoticeDocument = {
  _id: string;
  courseId: string;
  personId: string;
  kind: string;
  params: NoticeParams;
  /** What is told once. */
  dedupeKey: string;
  /** The act it tells of; withdrawn with it. */
  about: string | null;
  /** Not shown to readers of groups before this version: written before the act, read after it. */
  fromVersion: number;
  notBefore: Date;
  createdAt: Date;
  readAt: Date | null;
  withdrawnAt: Date | null;
};

const text = { type: String, required: true };
const moment = { type: Date, required: true };
const noMoment = { type: Date, default: null };
const schema = new Schema<NoticeDocument>(
  {
    _id: text,
    courseId: text,
    personId: text,
    kind: text,
    params: { type: Schema.Types.Mixed, required: true },
    dedupeKey: text,
    about: { type: String, default: null },
    fromVersion: { type: Number, required: true },
    notBefore: moment,
    createdAt: moment,
    readAt: noMoment,
    withdrawnAt: noMoment,
  },
  { versionKey: false, minimize: false },
)
  .index({ courseId: 1, dedupeKey: 1, personId: 1 }, { unique: true })
  .index({ courseId: 1, personId: 1, readAt: 1, createdAt: -1 })
  .index({ courseId: 1, about: 1 })
  // For the sweep, which is of all courses.
  .index({ createdAt: 1 });

/** The model of notices: what a person is told in a course. */
export function noticeModel(database: Database) {
  return defineModel<NoticeDocument>(database, 'Notice', schema, 'notices');
}
