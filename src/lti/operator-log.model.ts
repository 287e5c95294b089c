import { Schema } from 'mongoose';
import type { Database } from '../database/index.ts';
import { defineModel } from '../database/model.ts';

/** What was done to the installation: by the command or on the operator's page, through an invitation, or by open registration. */
export type OperatorLogDocument = {
  _id: string;
  at: Date;
  by: 'command' | 'operator page' | 'invitation' | 'open registration';
  action: string;
  platformId: string | null;
  details: Record<string, string | number | boolean | null>;
};

const text = { type: String, required: true };
const schema = new Schema<OperatorLogDocument>(
  {
    _id: text,
    at: { type: Date, required: true },
    by: text,
    action: text,
    platformId: { type: String, default: null },
    details: { type: Schema.Types.Mixed, required: true },
  },
  { versionKey: false, minimize: false },
).index({ at: -1 });

/** The model of the operator's log. */
export function operatorLogModel(database: Database) {
  return defineModel<OperatorLogDocument>(database, 'LtiOperatorLog', schema, 'lti_operator_log');
}
