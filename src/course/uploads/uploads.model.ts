import { Schema } from 'mongoose';
import type { Database } from '../../database/index.ts';
import { defineModel } from '../../database/model.ts';

/** reading: not whole yet · read: shown, nothing changed · applying: a job is at it · applied. */
export type UploadState = 'reading' | 'read' | 'applying' | 'applied';

/** A file of tracks and places between reading and applying. */
export type UploadDocument = {
  _id: string;
  courseId: string;
  by: string;
  state: UploadState;
  /** Lines of fellows with something to take, in parts of 1,000. */
  people: number;
  empty: number;
  /** The first findings as JSON, and how many there were. */
  findings: string;
  findingCount: number;
  later: string[];
  ignored: string[];
  jobId: string | null;
  /** The first of those who had entered better values themselves, as JSON, and how many they were. */
  kept: string;
  keptCount: number;
  createdAt: Date;
};
/** A thousand changes as JSON: all of a large file would not fit into one document. */
export type UploadPartDocument = {
  _id: string;
  courseId: string;
  uploadId: string;
  number: number;
  changes: string;
  createdAt: Date;
};

const text = { type: String, required: true };
const number = { type: Number, required: true };
const moment = { type: Date, required: true };
const uploadSchema = new Schema<UploadDocument>(
  {
    _id: text,
    courseId: text,
    by: text,
    state: { type: String, enum: ['reading', 'read', 'applying', 'applied'], required: true },
    people: number,
    empty: number,
    findings: text,
    findingCount: number,
    later: { type: [String], required: true },
    ignored: { type: [String], required: true },
    jobId: { type: String, default: null },
    kept: text,
    keptCount: number,
    createdAt: moment,
  },
  { versionKey: false },
).index({ createdAt: 1 });
const partSchema = new Schema<UploadPartDocument>(
  { _id: text, courseId: text, uploadId: text, number, changes: text, createdAt: moment },
  { versionKey: false },
)
  .index({ courseId: 1, uploadId: 1, number: 1 }, { unique: true })
  .index({ createdAt: 1 });

/** The model of uploads. */
export function uploadModel(database: Database) {
  return defineModel<UploadDocument>(database, 'Upload', uploadSchema, 'uploads');
}

/** The model of an upload's changes. */
export function uploadPartModel(database: Database) {
  return defineModel<UploadPartDocument>(database, 'UploadPart', partSchema, 'uploadparts');
}
