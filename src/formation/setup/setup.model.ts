import { Schema } from 'mongoose';
import type { Database } from '../../database/index.ts';
import { defineModel } from '../../database/model.ts';
import type { RuleName } from '../engine/types.ts';

/** A course's set-up; it counts its changes, so that of two managers nobody writes over what they have not seen. */
export type SetupDocument = {
  _id: string;
  courseId: string;
  revision: number;
  min: number;
  ideal: number;
  max: number;
  ignore: RuleName[];
  crossTrack: boolean;
  anywhere: boolean;
  updatedBy: string;
  updatedAt: Date;
};
/** Who must or must not be with whom, or was in which group before; `b` is a person, or the earlier group's name. */
export type WishDocument = {
  _id: string;
  courseId: string;
  key: string;
  kind: 'with' | 'apart' | 'before';
  a: string;
  b: string;
  addedBy: string;
  addedAt: Date;
};

const text = { type: String, required: true };
const number = { type: Number, required: true };
const flag = { type: Boolean, required: true };
const date = { type: Date, required: true };

const setup = new Schema<SetupDocument>(
  {
    ...{ _id: text, courseId: text, revision: number, min: number, ideal: number, max: number },
    ...{ ignore: { type: [String], required: true } as never, crossTrack: flag, anywhere: flag },
    ...{ updatedBy: text, updatedAt: date },
  },
  { versionKey: false },
).index({ courseId: 1 }, { unique: true });

const wish = new Schema<WishDocument>(
  {
    ...{ _id: text, courseId: text, key: text, a: text, b: text },
    ...{ kind: { type: String, enum: ['with', 'apart', 'before'], required: true } as never },
    ...{ addedBy: text, addedAt: date },
  },
  { versionKey: false },
)
  .index({ courseId: 1, key: 1 }, { unique: true })
  .index({ courseId: 1, a: 1 })
  .index({ courseId: 1, b: 1 });

/** The models of set-up. */
export function setupModels(database: Database) {
  return {
    setups: defineModel<SetupDocument>(database, 'FormationSetup', setup, 'formation_setups'),
    wishes: defineModel<WishDocument>(database, 'FormationWish', wish, 'formation_wishes'),
  };
}
