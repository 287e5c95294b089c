import { Schema } from 'mongoose';
import type { Database } from '../../database/index.ts';
import { defineModel } from '../../database/model.ts';
import type { CourseServices } from '../../lti/types.ts';
import type { CourseSettings } from './settings.ts';

/** A publish that is bound: from here it is finished, never undone (docs/decisions/0004-publishing.md). */
export type Publishing = { publishId: string; version: number; count: number; checksum: string };

export type CourseDocument = {
  _id: string;
  platformId: string;
  deploymentId: string;
  contextId: string;
  title: string | null;
  label: string | null;
  services: CourseServices;
  settings: CourseSettings;
  /** Counts the savings of settings, so that nobody writes over what they have not read; missing in courses of old. */
  settingsRevision?: number;
  /** The number given last to a person (see enrolments). */
  lastNumber: number;
  /** The version of the groups that readers see. */
  groupsVersion: number;
  publishing: Publishing | null;
  createdAt: Date;
};

const text = { type: String, required: true };
const optional = { type: String, default: null };
const schema = new Schema<CourseDocument>(
  {
    _id: text,
    platformId: text,
    deploymentId: text,
    contextId: text,
    title: optional,
    label: optional,
    services: {
      type: new Schema<CourseServices>(
        {
          membershipsUrl: optional,
          lineItemsUrl: optional,
          lineItemUrl: optional,
          scopes: { type: [String], required: true },
        },
        { _id: false },
      ),
      required: true,
    },
    settings: {
      type: new Schema<CourseSettings>(
        {
          tracks: { type: [String], required: true },
          oneTrack: optional,
          channels: { type: [new Schema({ host: text, label: text }, { _id: false })], required: true },
          timeZone: text,
          placesId: optional,
          placeLate: { type: Boolean, default: true },
          graceDays: { type: Number, default: 3 },
        },
        { _id: false },
      ),
      required: true,
    },
    settingsRevision: { type: Number, default: 0 },
    lastNumber: { type: Number, default: 0 },
    groupsVersion: { type: Number, required: true },
    publishing: {
      type: new Schema<Publishing>(
        {
          publishId: text,
          version: { type: Number, required: true },
          count: { type: Number, required: true },
          checksum: text,
        },
        { _id: false },
      ),
      default: null,
    },
    createdAt: { type: Date, required: true },
  },
  { versionKey: false },
)
  .index({ platformId: 1, deploymentId: 1, contextId: 1 }, { unique: true })
  .index(
    { 'publishing.publishId': 1 },
    { partialFilterExpression: { 'publishing.publishId': { $exists: true } } },
  );

/** The model of courses. */
export function courseModel(database: Database) {
  return defineModel<CourseDocument>(database, 'Course', schema, 'courses');
}
