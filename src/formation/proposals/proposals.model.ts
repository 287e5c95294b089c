import { Schema } from 'mongoose';
import type { Database } from '../../database/index.ts';
import { defineModel } from '../../database/model.ts';
import type { FormationRules, Rung, Term } from '../engine/types.ts';
import type { Arrival, UpdateFacts } from '../updates/facts.ts';

/**
 * publishing: a worker has begun, so that nobody discards it meanwhile. forgetting: it was discarded long ago, and its rows are
 * being deleted.
 */
export type ProposalState = 'forming' | 'open' | 'publishing' | 'published' | 'discarded' | 'forgetting';

/** Why a publish leaves somebody out. */
export type LeftOut = 'gone' | 'placed' | 'promised' | 'waits';

/** What became of a proposal. */
export type Publication = {
  groups: number;
  people: number;
  /** Left out: no longer fellows of the course. */
  gone: number;
  /** Left out: in a group meanwhile. */
  placed: number;
  /** Left out of an update: they have a move to come, which stands. */
  promised?: number;
  /** Left out of an update for now: they join once others have moved. */
  waits?: number;
  /** The first of those left out, for the page. */
  leftOut: { personId: string; cause: LeftOut }[];
  /** Memberships of people who had left the course, ended with this publish. */
  ended: number;
  /** Of an update: people who are told that they move. */
  moves?: number;
  at: Date;
};

/** What edits by hand have left behind, beside the rows. */
export type BoardState = {
  /** Edits that hold, by number, and those that were undone: the last of each is undone, or done again, next. */
  done: number[];
  undone: number[];
  /** What stays as it is, by person and by group. */
  lockedPeople: string[];
  lockedGroups: number[];
  /** Whom edits that hold have moved. */
  moved: string[];
  /** How many placed people have a known skill and activity: what balance is weighed by; null until it was counted. */
  known: { skill: number; activity: number } | null;
};
export const UNTOUCHED: BoardState = {
  done: [],
  undone: [],
  lockedPeople: [],
  lockedGroups: [],
  moved: [],
  known: null,
};
/** Until when a row holds that no edit has ended. */
export const OPEN_END = 2_147_483_647;

/** A run of formation: what went in, what came out. Its groups are rows of their own, so that 50,000 fit. */
export type ProposalDocument = {
  _id: string;
  courseId: string;
  number: number;
  state: ProposalState;
  /** The attempt whose rows are the outcome: another may have died halfway, or come too late. */
  run: string;
  /** The run that formed it, whatever edits made of it since: that of its records. */
  formedRun?: string | null;
  rules: FormationRules;
  /** Whether those whose place is not known were to be placed as well. */
  anywhere: boolean;
  /** Checksum over who went in with which track and place, so that a change since then can be told. */
  snapshot: string;
  groups: number;
  people: number;
  unplaced: number;
  byRung: Record<string, number>;
  /** How many groups there are of each size. */
  bySize: Record<string, number>;
  /** How many have not said whether they can lead. */
  leadUnknown: number;
  terms: readonly Term[];
  /** How many edits by hand are in: rows are looked at as of this number (docs/decisions/0016-board.md). */
  edits: number;
  board: BoardState;
  publication: Publication | null;
  /** When it was discarded last. */
  discardedAt?: Date | null;
  /** Of an update of published groups: what it comes to; null where new groups are formed. */
  update?: UpdateFacts | null;
  createdBy: string;
  createdAt: Date;
};

/**
 * Why a group stands on its rung, in numbers of its track: how many there are in its place, and in the next lower places
 * its members come from, where `needed` make a group.
 */
export type RungFacts = { needed: number; here: number; lower: { name: string; count: number }[] };
/** What staff see of a group: how many can lead, and the slots free for all who said when they are (null: nobody did). */
export type GroupFacts = { leads: number; slots: string | null };
export type ProposedGroupDocument = {
  _id: string;
  courseId: string;
  proposalId: string;
  run: string;
  ordinal: number;
  name: string;
  nameFolded: string;
  track: string;
  place: string;
  rung: Rung;
  memberIds: string[];
  guestIds: string[];
  /** Of each member, in their order: what was known of them (printOf). */
  prints: string[];
  why: RungFacts;
  facts: GroupFacts;
  /** Of an update: the published group that lives on in this one, and whose group it is anew. */
  keeps?: string | null;
  arrivals?: Arrival[];
  /** The row holds as of edit `since`, until edit `until` replaces it. */
  since: number;
  until: number;
};
export type UnplacedDocument = {
  _id: string;
  courseId: string;
  proposalId: string;
  run: string;
  personId: string;
  reason: string;
  track: string | null;
  print: string;
  /** Of an update: the published group that they were found in. */
  fromGroupId?: string | null;
  since: number;
  until: number;
};

const text = { type: String, required: true };
const number = { type: Number, required: true };
const mixed = { type: Schema.Types.Mixed, required: true };

const proposal = new Schema<ProposalDocument>(
  {
    _id: text,
    courseId: text,
    number,
    state: {
      type: String,
      enum: ['forming', 'open', 'publishing', 'published', 'discarded', 'forgetting'],
      required: true,
    },
    run: text,
    formedRun: { type: String, default: null },
    rules: mixed,
    anywhere: { type: Boolean, required: true },
    snapshot: text,
    groups: number,
    people: number,
    unplaced: number,
    byRung: mixed,
    bySize: mixed,
    leadUnknown: number,
    terms: { type: [Schema.Types.Mixed], required: true } as never,
    edits: { type: Number, default: 0 },
    board: { type: Schema.Types.Mixed, default: () => ({ ...UNTOUCHED }) },
    publication: { type: Schema.Types.Mixed, default: null },
    discardedAt: { type: Date, default: null },
    update: { type: Schema.Types.Mixed, default: null },
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
    run: text,
    ordinal: number,
    name: text,
    nameFolded: text,
    track: text,
    place: text,
    rung: text,
    memberIds: { type: [String], required: true },
    guestIds: { type: [String], required: true },
    prints: { type: [String], required: true },
    why: mixed,
    facts: mixed,
    keeps: { type: String, default: null },
    arrivals: { type: [Schema.Types.Mixed], default: [] } as never,
    since: number,
    until: number,
  },
  { versionKey: false },
)
  .index({ courseId: 1, proposalId: 1, run: 1, ordinal: 1, since: 1 }, { unique: true })
  .index({ courseId: 1, proposalId: 1, run: 1, memberIds: 1 });

const unplaced = new Schema<UnplacedDocument>(
  {
    _id: text,
    courseId: text,
    proposalId: text,
    run: text,
    personId: text,
    reason: text,
    track: { type: String, default: null },
    print: text,
    fromGroupId: { type: String, default: null },
    since: number,
    until: number,
  },
  { versionKey: false },
)
  .index({ courseId: 1, proposalId: 1, run: 1, reason: 1, personId: 1, since: 1 }, { unique: true })
  .index({ courseId: 1, personId: 1 });

/** The models of proposals. */
export function proposalModels(database: Database) {
  return {
    proposals: defineModel<ProposalDocument>(database, 'Proposal', proposal, 'proposals'),
    groups: defineModel<ProposedGroupDocument>(database, 'ProposedGroup', group, 'proposed_groups'),
    unplaced: defineModel<UnplacedDocument>(database, 'ProposalUnplaced', unplaced, 'proposal_unplaced'),
  };
}
