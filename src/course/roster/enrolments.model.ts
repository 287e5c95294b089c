import { Schema } from 'mongoose';
import type { Database } from '../../database/index.ts';
import { defineModel } from '../../database/model.ts';
import type { LtiRole } from '../../lti/types.ts';
import type { CourseRole } from '../../scope.ts';

/** A time in the course; somebody who left and came back has several. */
export type Stay = { from: Date; until: Date | null };
/** What a sync did to a person; `fields` says what changed. */
export type RosterChange = {
  syncId: string;
  /** `listed`: a roster names for the first time who came by a launch before. */
  what: 'added' | 'returned' | 'listed' | 'changed' | 'left';
  fields: string[];
};

export type EnrolmentDocument = {
  _id: string;
  courseId: string;
  personId: string;
  platformId: string;
  sub: string;
  name: string | null;
  email: string | null;
  chosenName: string | null;
  number: number;
  /** The name as shown, folded: what lists are sorted and searched by. */
  nameFolded: string;
  emailFolded: string | null;
  launchRole: LtiRole | null;
  rosterRole: LtiRole | null;
  roleOverride: CourseRole | null;
  role: CourseRole;
  testUser: boolean;
  state: 'active' | 'left';
  /** When they first came, and when they left last; null while they are here. */
  joinedAt: Date;
  leftAt: Date | null;
  stays: Stay[];
  /** A roster has listed them; only such people can be missing from one. */
  inRoster: boolean;
  /** By the last sync that changed anything here. */
  change: RosterChange | null;
  /** From then on neither a roster nor a launch brings them back. */
  erasedAt: Date | null;
  revision: number;
};

const text = { type: String, required: true };
const optional = { type: String, default: null };
const moment = { type: Date, required: true };
const noMoment = { type: Date, default: null };
const flag = { type: Boolean, required: true };
const schema = new Schema<EnrolmentDocument>(
  {
    _id: text,
    courseId: text,
    personId: text,
    platformId: text,
    sub: { type: String, default: '' },
    name: optional,
    email: optional,
    chosenName: optional,
    number: { type: Number, required: true },
    nameFolded: text,
    emailFolded: optional,
    launchRole: optional,
    rosterRole: optional,
    roleOverride: optional,
    role: text,
    testUser: flag,
    state: { type: String, enum: ['active', 'left'], required: true },
    joinedAt: moment,
    leftAt: noMoment,
    stays: { type: [new Schema<Stay>({ from: moment, until: noMoment }, { _id: false })], required: true },
    inRoster: flag,
    change: {
      type: new Schema<RosterChange>(
        {
          syncId: text,
          what: { type: String, enum: ['added', 'returned', 'listed', 'changed', 'left'], required: true },
          fields: { type: [String], required: true },
        },
        { _id: false },
      ),
      default: null,
    },
    erasedAt: noMoment,
    revision: { type: Number, required: true },
  },
  { versionKey: false },
)
  .index({ courseId: 1, personId: 1 }, { unique: true })
  .index({ courseId: 1, state: 1, role: 1, nameFolded: 1, _id: 1 })
  .index({ courseId: 1, emailFolded: 1 })
  .index({ courseId: 1, 'change.syncId': 1, 'change.what': 1, nameFolded: 1 });

/** Those whom a sync changed in this way; who came by a launch and is listed now is told of only where more changed. */
export function changeBy(syncId: string, what: RosterChange['what']) {
  if (what !== 'changed') return { 'change.syncId': syncId, 'change.what': what };
  const listed = { 'change.what': 'listed' as const, 'change.fields.0': { $exists: true } };
  return { 'change.syncId': syncId, $or: [{ 'change.what': what }, listed] };
}

/** The model of enrolments: one person in one course. */
export function enrolmentModel(database: Database) {
  return defineModel<EnrolmentDocument>(database, 'Enrolment', schema, 'enrolments');
}
