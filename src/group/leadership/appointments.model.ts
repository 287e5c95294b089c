import { Schema } from 'mongoose';
import type { Database } from '../../database/index.ts';
import { defineModel } from '../../database/model.ts';

export type Office = 'lead' | 'deputy';
export type AppointmentDocument = {
  _id: string;
  courseId: string;
  groupId: string;
  personId: string;
  office: Office;
  from: Date;
  until: Date | null;
  open: boolean;
  by: string;
};

/** Their collection. */
export const APPOINTMENTS = 'appointments';

const text = { type: String, required: true };
const schema = new Schema<AppointmentDocument>(
  {
    _id: text,
    courseId: text,
    groupId: text,
    personId: text,
    office: { type: String, enum: ['lead', 'deputy'], required: true },
    from: { type: Date, required: true },
    until: { type: Date, default: null },
    open: { type: Boolean, required: true },
    by: text,
  },
  { versionKey: false },
)
  .index(
    { courseId: 1, groupId: 1, office: 1 },
    { unique: true, name: 'one_holder', partialFilterExpression: { open: true } },
  )
  .index(
    { courseId: 1, personId: 1 },
    { unique: true, name: 'one_office', partialFilterExpression: { open: true } },
  )
  .index({ courseId: 1, groupId: 1, from: -1 });

/** The model of appointments: dated, never deleted. */
export function appointmentModel(database: Database) {
  return defineModel<AppointmentDocument>(database, 'Appointment', schema, APPOINTMENTS);
}
