import { Schema } from 'mongoose';
import type { Database } from '../../database/index.ts';
import { defineModel } from '../../database/model.ts';
import type { FormationRules, Rung, Term } from '../engine/types.ts';

export type ProposalState = 'forming' | 'open' | 'published' | 'discarded';

/** A run of formation: what went in, what came out. Its groups are rows of their own, so that 50,000 fit. */
export type ProposalDocument = {
  _id: string;
  courseId: string;
  number: number;
  state: ProposalState;
  rules: FormationRules;
  /** Checksum over who went in with which track and place, so that a change since then can be told. */
  snapshot: string;
  groups: number;
  people: number;
  unplaced: number;
  byRung: Record<string, number>;
  terms: readonly Term[];
  createdBy: string;
  createdAt: Date;
};

/** Why the group stands on its rung: of the track, so many in the next lower place, where so many are needed. */
export type RungFacts = { localCount: number; needed: number };
export type ProposedGroupDocument = {
  _id: string;
  courseId: string;
  proposalId: string;
  ordinal: number;
  name: string;
  nameFolded: string;
  track: string;
  place: string;
  rung: Rung;
  memberIds: string[];
  guestIds: string[];
  why: RungFacts;
};
export type UnplacedDocument = {
  _id: string;
  courseId: string;
  proposalId: string;
  personId: string;
  reason: string;
};

const text = { type: String, required: true };
const number = { type: Number, required: true };
const mixed = { type: Schema.Types.Mixed, required: true };

const proposal = new Schema<ProposalDocument>(
  {
    _id: text,
    courseId: text,
    number,
    state: { type: String, enum: ['forming', 'open', 'published', 'discarded'], required: true },
    rules: mixed,
    snapshot: text,
    groups: number,
    people: number,
    unplaced: number,
    byRung: mixed,
    terms: { type: [Schema.Types.Mixed], required: true } as never,
    createdBy: text,
    createdAt: { type: Date, required: true },
  },
  { versionKey: false, minimize: false },
).index({ courseId: 1, number: -1 }, { unique: true });

const group = new Schema<ProposedGroupDocument>(
  {
    _id: text,
    courseId: text,
    proposalId: text,
    ordinal: number,
    name: text,
    nameFolded: text,
    track: text,
    place: text,
    rung: text,
    memberIds: { type: [String], required: true },
    guestIds: { type: [String], required: true },
    why: mixed,
  },
  { versionKey: false },
)
  .index({ courseId: 1, proposalId: 1, ordinal: 1 }, { unique: true })
  .index({ courseId: 1, proposalId: 1, memberIds: 1 });

const unplaced = new Schema<UnplacedDocument>(
  { _id: text, courseId: text, proposalId: text, personId: text, reason: text },
  { versionKey: false },
).index({ courseId: 1, proposalId: 1, personId: 1 }, { unique: true });

/** The models of proposals. */
export function proposalModels(database: Database) {
  return {
    proposals: defineModel<ProposalDocument>(database, 'Proposal', proposal, 'proposals'),
    groups: defineModel<ProposedGroupDocument>(database, 'ProposedGroup', group, 'proposed_groups'),
    unplaced: defineModel<UnplacedDocument>(database, 'ProposalUnplaced', unplaced, 'proposal_unplaced'),
  };
}
