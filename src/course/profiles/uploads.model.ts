import { Schema } from 'mongoose';
import type { Database } from '../../database/index.ts';
import { defineModel } from '../../database/model.ts';

/** A file that was read and not yet applied; its changes as JSON, so that one document holds them. */
export type UploadDocument = {
  _id: string;
  courseId: string;
  by: string;
  changes: string;
  people: number;
  findings: string;
  state: 'read' | 'applied';
  createdAt: Date;
};

const text = { type: String, required: true };
const schema = new Schema<UploadDocument>(
  {
    _id: text,
    courseId: text,
    by: text,
    changes: text,
    people: { type: Number, required: true },
    findings: text,
    state: { type: String, enum: ['read', 'applied'], required: true },
    createdAt: { type: Date, required: true },
  },
  { versionKey: false },
).index({ courseId: 1, createdAt: -1 });

/** The model of uploads. */
export function uploadModel(database: Database) {
  return defineModel<UploadDocument>(database, 'Upload', schema, 'uploads');
}
