import type { Database } from '../../database/index.ts';
import type { CourseScope } from '../../scope.ts';
import type { Rung } from '../engine/types.ts';
import { proposalModels, type ProposedGroupDocument } from './proposals.model.ts';
import { plainGroup, type ProposalKey, type ProposedGroup, rowsOf } from './proposed.store.ts';

/** Groups that deserve a look: nobody can lead, fewer than two common times, with guests, of the smallest size. */
export const CONCERNS = ['no_lead', 'short_time', 'guest', 'small'] as const;
export type Concern = (typeof CONCERNS)[number];
export type Concerns = Readonly<Record<Concern, number>>;
/** Which groups are asked for; what is null does not matter. */
export type GroupsWanted = {
  readonly concern: Concern | null;
  readonly track: string | null;
  /** By name, or by members. */
  readonly found: { readonly text: RegExp; readonly personIds: readonly string[] } | null;
  /** The size that counts as small. */
  readonly smallest: number;
};
/** The groups of a track on one rung. */
export type TrackTally = {
  readonly track: string;
  readonly rung: Rung;
  readonly groups: number;
  readonly people: number;
};

/** Groups that must go without a lead, whatever is done: within their places, and were each track one place. */
export type LeadBounds = { readonly near: number; readonly wide: number };

export type ProposedViews = {
  /** Groups behind `afterOrdinal` (-1 for the first page), of those asked for. */
  groupsWhere(
    scope: CourseScope,
    key: ProposalKey,
    wanted: GroupsWanted,
    afterOrdinal: number,
    limit: number,
  ): Promise<readonly ProposedGroup[]>;
  /** How many groups there are of each concern. Before a publish: `no_lead` have nobody who can lead, `short_time` little common time. */
  concerns(scope: CourseScope, key: ProposalKey, smallest: number): Promise<Concerns>;
  /** Groups and people by track and rung, by track. */
  tally(scope: CourseScope, key: ProposalKey): Promise<readonly TrackTally[]>;
  leadBounds(scope: CourseScope, key: ProposalKey): Promise<LeadBounds>;
};

/** Looks at what a proposal holds. */
export function createProposedViews(database: Database): ProposedViews {
  const { groups } = proposalModels(database);
  return {
    async groupsWhere(scope, key, wanted, after, limit) {
      const rows = await groups
        .find({ ...rowsOf(scope, key), ...conditionsOf(wanted), ordinal: { $gt: after } })
        .sort({ ordinal: 1 })
        .limit(limit)
        .lean<ProposedGroupDocument[]>();
      return rows.map(plainGroup);
    },
    async concerns(scope, key, smallest) {
      const counts = await Promise.all(
        CONCERNS.map((concern) =>
          groups.countDocuments({ ...rowsOf(scope, key), ...conditionOf(concern, smallest) }),
        ),
      );
      return Object.fromEntries(CONCERNS.map((concern, at) => [concern, counts[at] ?? 0])) as Concerns;
    },
    async tally(scope, key) {
      const rows = await groups.aggregate<{
        _id: { track: string; rung: Rung };
        groups: number;
        people: number;
      }>([
        { $match: rowsOf(scope, key) },
        {
          $group: {
            _id: { track: '$track', rung: '$rung' },
            groups: { $sum: 1 },
            people: { $sum: { $size: '$memberIds' } },
          },
        },
        { $sort: { _id: 1 } },
      ]);
      return rows.map(({ _id, groups: count, people }) => ({ ..._id, groups: count, people }));
    },
    async leadBounds(scope, key) {
      const pools = await groups.aggregate<{ _id: { track: string }; groups: number; leads: number }>([
        { $match: rowsOf(scope, key) },
        {
          $group: {
            _id: { track: '$track', rung: '$rung', place: '$place' },
            groups: { $sum: 1 },
            leads: { $sum: '$facts.leads' },
          },
        },
      ]);
      const tracks = new Map<string, { groups: number; leads: number }>();
      for (const { _id, ...pool } of pools) {
        const track = tracks.get(_id.track) ?? { groups: 0, leads: 0 };
        tracks.set(_id.track, { groups: track.groups + pool.groups, leads: track.leads + pool.leads });
      }
      return { near: withoutLead(pools), wide: withoutLead([...tracks.values()]) };
    },
  };
}

/** formation.md, "What is provable": each lead leads one group. */
function withoutLead(pools: readonly { readonly groups: number; readonly leads: number }[]): number {
  return pools.reduce((sum, pool) => sum + Math.max(0, pool.groups - pool.leads), 0);
}

function conditionsOf({ concern, track, found, smallest }: GroupsWanted): object {
  return {
    ...(concern === null ? {} : conditionOf(concern, smallest)),
    ...(track === null ? {} : { track }),
    ...(found === null
      ? {}
      : { $or: [{ nameFolded: found.text }, { memberIds: { $in: [...found.personIds] } }] }),
  };
}

function conditionOf(concern: Concern, smallest: number): object {
  switch (concern) {
    case 'no_lead':
      return { 'facts.leads': 0 };
    case 'short_time':
      return { 'facts.slots': /^0*1?0*$/ };
    case 'guest':
      return { guestIds: { $ne: [] } };
    case 'small':
      return { memberIds: { $size: smallest } };
  }
}
