import { Schema } from 'mongoose';
import type { Database } from '../database/index.ts';
import { defineModel } from '../database/model.ts';

/** How a platform has been doing; `_id` is the platform's. */
export type HealthDocument = {
  _id: string;
  launchAt: Date | null;
  rosterAt: Date | null;
  scoreAt: Date | null;
  errorAt: Date | null;
  error: string | null;
};

const date = { type: Date, default: null };
const schema = new Schema<HealthDocument>(
  {
    _id: { type: String, required: true },
    launchAt: date,
    rosterAt: date,
    scoreAt: date,
    errorAt: date,
    error: { type: String, default: null },
  },
  { versionKey: false },
);

/** The model of platforms' health. */
export function healthModel(database: Database) {
  return defineModel<HealthDocument>(database, 'LtiHealth', schema, 'lti_health');
}
