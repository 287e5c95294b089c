import { Schema } from 'mongoose';
import type { Database } from '../../database/index.ts';
import { defineModel } from '../../database/model.ts';
import type { PlaceCounts } from './places.ts';

/** A list of places as it was uploaded; never changed, so that what was read once may be kept in memory. */
export type PlaceTreeDocument = {
  _id: string;
  courseId: string;
  by: string;
  /** The states as JSON: 50,000 places are one value, not 50,000 rows. */
  states: string;
  counts: PlaceCounts;
  /** The first findings as JSON, and how many there were. */
  findings: string;
  findingCount: number;
  ignored: string[];
  createdAt: Date;
};

const text = { type: String, required: true };
const number = { type: Number, required: true };
const schema = new Schema<PlaceTreeDocument>(
  {
    _id: text,
    courseId: text,
    by: text,
    states: text,
    counts: {
      type: new Schema<PlaceCounts>(
        { countries: number, zones: number, states: number, lgas: number },
        { _id: false },
      ),
      required: true,
    },
    findings: text,
    findingCount: number,
    ignored: { type: [String], required: true },
    createdAt: { type: Date, required: true },
  },
  { versionKey: false },
).index({ courseId: 1, createdAt: -1 });

/** The model of place trees. */
export function placeTreeModel(database: Database) {
  return defineModel<PlaceTreeDocument>(database, 'PlaceTree', schema, 'placetrees');
}
