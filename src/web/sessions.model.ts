import { Schema } from 'mongoose';
import type { Database } from '../database/index.ts';
import { defineModel } from '../database/model.ts';

/** One launch = one tab's session: bound to a browser by the hash of its cookie. */
export type SessionDocument = {
  _id: string;
  cookieHash: string;
  platformId: string;
  courseId: string;
  personId: string;
  csrfToken: string;
  locale: string | null;
  timeZone: string | null;
  frameOrigins: string[];
  createdAt: Date;
  /** When it ends at the latest. */
  endsAt: Date;
  /** When it ends unless it is used before. */
  expiresAt: Date;
};

const text = { type: String, required: true };
const schema = new Schema<SessionDocument>(
  {
    _id: text,
    cookieHash: text,
    platformId: text,
    courseId: text,
    personId: text,
    csrfToken: text,
    locale: { type: String, default: null },
    timeZone: { type: String, default: null },
    frameOrigins: { type: [String], required: true },
    createdAt: { type: Date, required: true },
    endsAt: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
  },
  { versionKey: false },
).index({ expiresAt: 1 });

/** The model of sessions. */
export function sessionModel(database: Database) {
  return defineModel<SessionDocument>(database, 'Session', schema, 'sessions');
}
