import { fold } from '../../course/fold.ts';
import type { Database } from '../../database/index.ts';
import type { CourseScope } from '../../scope.ts';
import { proposalModels, type ProposedGroupDocument, type UnplacedDocument } from './proposals.model.ts';
import { type NewProposedGroup, type ProposalKey, rowsOf, type UnplacedRow } from './proposed.store.ts';

/** Which groups the board shows; '' and null for all. */
export type BoardFilter = {
  readonly track: string;
  /** A part of the place's name. */
  readonly place: string;
  /** A part of the group's name, or who is in it. */
  readonly found: { readonly text: string; readonly personIds: readonly string[] } | null;
};

export type BoardRows = {
  /** Groups as the board filters them, behind `afterOrdinal` (-1 for the first page). */
  boardPage(
    scope: CourseScope,
    key: ProposalKey,
    filter: BoardFilter,
    afterOrdinal: number,
    limit: number,
  ): Promise<readonly NewProposedGroup[]>;
  countGroups(scope: CourseScope, key: ProposalKey, filter: BoardFilter): Promise<number>;
  /** All groups of these tracks. */
  groupsOfTracks(
    scope: CourseScope,
    key: ProposalKey,
    tracks: readonly string[],
  ): Promise<readonly NewProposedGroup[]>;
  findGroup(scope: CourseScope, key: ProposalKey, ordinal: number): Promise<NewProposedGroup | null>;
  groupWith(scope: CourseScope, key: ProposalKey, personId: string): Promise<NewProposedGroup | null>;
  tracks(scope: CourseScope, key: ProposalKey): Promise<readonly string[]>;
  /** Who of these is in no group. */
  unplacedAmong(
    scope: CourseScope,
    key: ProposalKey,
    personIds: readonly string[],
  ): Promise<readonly UnplacedRow[]>;
  /** Who is in no group: of one track, or of all. By person, behind `afterPersonId`. */
  unplacedOf(
    scope: CourseScope,
    key: ProposalKey,
    track: string | null,
    afterPersonId: string,
    limit: number,
  ): Promise<readonly UnplacedRow[]>;
};

/** Groups and people of a proposal as the board asks for them. */
export function createBoardRows(database: Database): BoardRows {
  const { groups, unplaced } = proposalModels(database);
  const findGroups = async (filter: object, limit = 0): Promise<NewProposedGroup[]> => {
    const rows = await groups.find(filter).sort({ ordinal: 1 }).limit(limit).lean<ProposedGroupDocument[]>();
    return rows.map(groupOf);
  };
  const findUnplaced = async (filter: object, limit = 0): Promise<UnplacedRow[]> => {
    const rows = await unplaced.find(filter).sort({ personId: 1 }).limit(limit).lean<UnplacedDocument[]>();
    return rows.map(({ personId, reason, track, print }) => ({ personId, reason, track, print }));
  };
  const only = async (filter: object) => (await findGroups(filter, 1))[0] ?? null;
  return {
    boardPage: (scope, key, filter, after, limit) =>
      findGroups({ ...rowsOf(scope, key), ...conditionsOf(filter), ordinal: { $gt: after } }, limit),
    countGroups: (scope, key, filter) =>
      groups.countDocuments({ ...rowsOf(scope, key), ...conditionsOf(filter) }),
    groupsOfTracks: (scope, key, tracks) =>
      findGroups({ ...rowsOf(scope, key), track: { $in: [...tracks] } }),
    findGroup: (scope, key, ordinal) => only({ ...rowsOf(scope, key), ordinal }),
    groupWith: (scope, key, personId) => only({ ...rowsOf(scope, key), memberIds: personId }),
    tracks: async (scope, key) => (await groups.distinct('track', rowsOf(scope, key))).sort(),
    unplacedAmong: (scope, key, ids) => findUnplaced({ ...rowsOf(scope, key), personId: { $in: [...ids] } }),
    unplacedOf: (scope, key, track, after, limit) =>
      findUnplaced(
        { ...rowsOf(scope, key), ...(track === null ? {} : { track }), personId: { $gt: after } },
        limit,
      ),
  };
}

function conditionsOf({ track, place, found }: BoardFilter): object {
  return {
    ...(track === '' ? {} : { track }),
    ...(place === '' ? {} : { place: new RegExp(literal(place), 'i') }),
    ...(found === null
      ? {}
      : {
          $or: [
            { nameFolded: new RegExp(literal(fold(found.text))) },
            { memberIds: { $in: [...found.personIds] } },
          ],
        }),
  };
}

function literal(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function groupOf({
  _id,
  courseId: _course,
  proposalId: _proposal,
  run: _run,
  since: _since,
  until: _until,
  ...rest
}: ProposedGroupDocument): NewProposedGroup {
  return rest;
}
