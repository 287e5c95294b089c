import { Schema } from 'mongoose';
import type { Database } from '../../database/index.ts';
import { defineModel } from '../../database/model.ts';

/** Where a value came from, best first: the fellow's own form, staff's CSV or edit, the launch. */
export type ProfileSource = 'form' | 'staff' | 'csv' | 'launch';
export type Gender = 'F' | 'M';

export type ProfileFields = {
  track: string | null;
  lga: string | null;
  state: string | null;
  zone: string | null;
  country: string | null;
  skill: number | null;
  activity: number | null;
  /** Private: used only against isolation, shown to nobody. */
  gender: Gender | null;
  canLead: boolean | null;
  /** 21 bits: seven days (Monday first) of morning, afternoon, evening. */
  availability: string | null;
  languages: string[];
};

export type ProfileDocument = ProfileFields & {
  _id: string;
  courseId: string;
  personId: string;
  sources: Record<string, ProfileSource>;
  updatedAt: Date;
  revision: number;
};

const text = { type: String, required: true };
const optional = { type: String, default: null };
const number = { type: Number, default: null };
const schema = new Schema<ProfileDocument>(
  {
    _id: text,
    courseId: text,
    personId: text,
    track: optional,
    lga: optional,
    state: optional,
    zone: optional,
    country: optional,
    skill: number,
    activity: number,
    gender: optional,
    canLead: { type: Boolean, default: null },
    availability: optional,
    languages: { type: [String], required: true },
    sources: { type: Schema.Types.Mixed, required: true },
    updatedAt: { type: Date, required: true },
    revision: { type: Number, required: true },
  },
  { versionKey: false, minimize: false },
)
  .index({ courseId: 1, personId: 1 }, { unique: true })
  .index({ courseId: 1, track: 1, state: 1 });

/** The model of profiles. */
export function profileModel(database: Database) {
  return defineModel<ProfileDocument>(database, 'Profile', schema, 'profiles');
}
