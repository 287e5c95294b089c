import { Schema } from 'mongoose';
import type { Database } from '../../database/index.ts';
import { defineModel } from '../../database/model.ts';
import type { Rung } from '../../formation/engine/types.ts';
import type { RungFacts } from '../../formation/proposals/proposals.store.ts';

/** "Still": the upper end of a membership that has none yet. */
export const MAX_VERSION = 2_147_483_647;

export type GroupDocument = {
  _id: string;
  courseId: string;
  name: string;
  nameFolded: string;
  track: string;
  place: string;
  rung: Rung;
  why: RungFacts;
  timeZone: string;
  /** Readers at a lower version do not see the group yet. */
  fromVersion: number;
  /** From this version on nobody is in it; absent or null while somebody is. */
  closedFrom?: number | null;
  /** The version that opened it again. */
  openedFrom?: number | null;
  createdAt: Date;
};

/**
 * What members are read by. Neither holds the end of a membership: a row whose key moves while an index is read, because
 * a publish closes it, would be missed by a reader of the version before.
 */
export const BY_PERSON = { courseId: 1, personId: 1, fromVersion: 1 } as const;
export const BY_GROUP = { courseId: 1, groupId: 1, fromVersion: 1 } as const;

/** A membership is valid in [fromVersion, untilVersion); its dates stand beside, from the frozen plan. */
export type MembershipDocument = {
  _id: string;
  courseId: string;
  personId: string;
  groupId: string;
  /** Of another place than the group's, for want of enough people in their own. */
  guest: boolean;
  fromVersion: number;
  untilVersion: number;
  from: Date;
  until: Date | null;
};

const text = { type: String, required: true };
const number = { type: Number, required: true };
const date = { type: Date, required: true };

const group = new Schema<GroupDocument>(
  {
    _id: text,
    courseId: text,
    name: text,
    nameFolded: text,
    track: text,
    place: text,
    rung: text,
    why: { type: Schema.Types.Mixed, required: true },
    timeZone: text,
    fromVersion: number,
    closedFrom: { type: Number, default: null },
    openedFrom: { type: Number, default: null },
    createdAt: date,
  },
  { versionKey: false },
).index({ courseId: 1, nameFolded: 1, _id: 1 });

const membership = new Schema<MembershipDocument>(
  {
    _id: text,
    courseId: text,
    personId: text,
    groupId: text,
    guest: { type: Boolean, required: true },
    fromVersion: number,
    untilVersion: number,
    from: date,
    until: { type: Date, default: null },
  },
  { versionKey: false },
)
  .index(BY_PERSON, { unique: true })
  // One open membership a person: the invariant lives in the database.
  .index(
    { courseId: 1, personId: 1 },
    { unique: true, name: 'one_open', partialFilterExpression: { untilVersion: MAX_VERSION } },
  )
  .index(BY_GROUP)
  // For counting what a publish closed; never for reading.
  .index({ courseId: 1, untilVersion: 1, _id: 1 });

/** The models of groups and memberships. */
export function groupModels(database: Database) {
  return {
    groups: defineModel<GroupDocument>(database, 'Group', group, 'groups'),
    memberships: defineModel<MembershipDocument>(database, 'Membership', membership, 'memberships'),
  };
}
