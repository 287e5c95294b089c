import { Schema } from 'mongoose';
import type { Database } from '../../database/index.ts';
import { defineModel } from '../../database/model.ts';

export type AuditDocument = {
  _id: string;
  courseId: string;
  at: Date;
  by: string;
  action: string;
  subject: string | null;
  details: Record<string, string | number | boolean | null>;
};

const text = { type: String, required: true };
const schema = new Schema<AuditDocument>(
  {
    _id: text,
    courseId: text,
    at: { type: Date, required: true },
    by: text,
    action: text,
    subject: { type: String, default: null },
    details: { type: Schema.Types.Mixed, required: true },
  },
  { versionKey: false, minimize: false },
).index({ courseId: 1, at: -1 });

/** The model of the audit log. */
export function auditModel(database: Database) {
  return defineModel<AuditDocument>(database, 'Audit', schema, 'audit');
}
