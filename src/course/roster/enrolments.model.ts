import { Schema } from 'mongoose';
import type { Database } from '../../database/index.ts';
import { defineModel } from '../../database/model.ts';
import type { LtiRole } from '../../lti/types.ts';
import type { CourseRole } from '../../scope.ts';

export type EnrolmentDocument = {
  _id: string;
  courseId: string;
  personId: string;
  platformId: string;
  sub: string;
  name: string | null;
  email: string | null;
  /** Folded name, or the folded stand-in where the LMS withholds names: what lists are sorted and searched by. */
  nameFolded: string;
  emailFolded: string | null;
  launchRole: LtiRole | null;
  rosterRole: LtiRole | null;
  roleOverride: CourseRole | null;
  role: CourseRole;
  testUser: boolean;
  state: 'active' | 'left';
  joinedAt: Date;
  leftAt: Date | null;
  /** The sync that saw this person last; null before the first. */
  lastSyncId: string | null;
};

const text = { type: String, required: true };
const optional = { type: String, default: null };
const schema = new Schema<EnrolmentDocument>(
  {
    _id: text,
    courseId: text,
    personId: text,
    platformId: text,
    sub: text,
    name: optional,
    email: optional,
    nameFolded: text,
    emailFolded: optional,
    launchRole: optional,
    rosterRole: optional,
    roleOverride: optional,
    role: text,
    testUser: { type: Boolean, required: true },
    state: { type: String, enum: ['active', 'left'], required: true },
    joinedAt: { type: Date, required: true },
    leftAt: { type: Date, default: null },
    lastSyncId: optional,
  },
  { versionKey: false },
)
  .index({ courseId: 1, personId: 1 }, { unique: true })
  .index({ courseId: 1, state: 1, role: 1, nameFolded: 1, _id: 1 })
  .index({ courseId: 1, emailFolded: 1 });

/** The model of enrolments: one person in one course. */
export function enrolmentModel(database: Database) {
  return defineModel<EnrolmentDocument>(database, 'Enrolment', schema, 'enrolments');
}
