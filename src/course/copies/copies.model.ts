import { Schema } from 'mongoose';
import type { Database } from '../../database/index.ts';
import { defineModel } from '../../database/model.ts';

/** A course that the LMS made from another one; `_id` is the new course's. Only its settings are ever offered. */
export type CopyDocument = {
  _id: string;
  fromCourseId: string;
  /** `taking`: staff said yes, and the settings are being written; pressed again, it is finished. */
  state: 'offered' | 'taking' | 'taken' | 'declined';
  foundAt: Date;
  decidedAt: Date | null;
};

/** Which course a link of the LMS opened first, for links that say only what they were copied from. */
export type CourseLinkDocument = { _id: string; courseId: string };

const text = { type: String, required: true };
const copySchema = new Schema<CopyDocument>(
  {
    _id: text,
    fromCourseId: text,
    state: { type: String, enum: ['offered', 'taking', 'taken', 'declined'], required: true },
    foundAt: { type: Date, required: true },
    decidedAt: { type: Date, default: null },
  },
  { versionKey: false },
);
const linkSchema = new Schema<CourseLinkDocument>({ _id: text, courseId: text }, { versionKey: false });

/** The model of copied courses. */
export function copyModel(database: Database) {
  return defineModel<CopyDocument>(database, 'CourseCopy', copySchema, 'course_copies');
}

/** The model of the links that courses were opened by. */
export function courseLinkModel(database: Database) {
  return defineModel<CourseLinkDocument>(database, 'CourseLink', linkSchema, 'course_links');
}
