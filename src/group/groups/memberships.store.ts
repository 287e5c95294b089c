import { type Enrolment, enrolmentBeside, enrolmentIn } from '../../course/roster/enrolments.store.ts';
import type { Database } from '../../database/index.ts';
import type { CourseScope } from '../../scope.ts';
import { BY_GROUP, BY_PERSON, groupModels, MAX_VERSION, type MembershipDocument } from './groups.model.ts';

export type Membership = Omit<MembershipDocument, '_id'>;
export type NewMembership = Pick<Membership, 'personId' | 'groupId' | 'guest' | 'from'>;

/**
 * All answers are as of a version of the course, which is read once a request: never half a publish. An end that a
 * later version brings is none yet.
 */
export type MembershipStore = {
  membershipOf(scope: CourseScope, version: number, personId: string): Promise<Membership | null>;
  membershipsOf(
    scope: CourseScope,
    version: number,
    personIds: readonly string[],
  ): Promise<readonly Membership[]>;
  /** Every membership a person had or has, for scores over their own time. */
  historyOf(
    scope: CourseScope,
    version: number,
    personIds: readonly string[],
  ): Promise<readonly Membership[]>;
  /** What was read for the request: from here on it is what this scope, and no other, finds of this person. */
  takeAsRead(scope: CourseScope, personId: string, history: readonly Membership[]): void;
  membersOf(scope: CourseScope, version: number, groupIds: readonly string[]): Promise<readonly Membership[]>;
  /** A group's members with who they are, in one read; null for somebody of whom the course knows nothing. */
  peopleOf(
    scope: CourseScope,
    version: number,
    groupId: string,
  ): Promise<readonly { readonly membership: Membership; readonly person: Enrolment | null }[]>;
  /** Who belonged to the group at a moment, by dates. */
  membersAtTime(scope: CourseScope, version: number, groupId: string, at: Date): Promise<readonly string[]>;
  /** Everybody's group, by person. */
  places(scope: CourseScope, version: number): Promise<ReadonlyMap<string, string>>;
  placedPersonIds(scope: CourseScope, version: number): Promise<ReadonlySet<string>>;
  countPlaced(scope: CourseScope, version: number): Promise<number>;
};

/** Who is in which group. */
export function createMembershipStore(database: Database): MembershipStore {
  const { memberships } = groupModels(database);
  const at = (version: number) => ({ fromVersion: { $lte: version }, untilVersion: { $gt: version } });
  const find = async (
    filter: object,
    index: typeof BY_PERSON | typeof BY_GROUP,
    version: number,
  ): Promise<Membership[]> => {
    const rows = await memberships.find(filter).hint(index).sort(index).lean<Membership[]>();
    return rows.map((row) => asOf(version, row));
  };
  const asRead = new WeakMap<CourseScope, { personId: string; history: readonly Membership[] }>();
  const places: MembershipStore['places'] = async ({ courseId }, version) => {
    const rows = await memberships
      .find({ courseId, ...at(version) }, { personId: 1, groupId: 1 })
      .hint(BY_PERSON)
      .lean<Pick<Membership, 'personId' | 'groupId'>[]>();
    return new Map(rows.map(({ personId, groupId }) => [personId, groupId]));
  };
  const membershipsOf: MembershipStore['membershipsOf'] = ({ courseId }, version, personIds) =>
    find({ courseId, personId: { $in: personIds }, ...at(version) }, BY_PERSON, version);
  return {
    places,
    membershipsOf,
    membershipOf: async (scope, version, personId) =>
      (await membershipsOf(scope, version, [personId]))[0] ?? null,
    async historyOf(scope, version, personIds) {
      const known = asRead.get(scope);
      if (known !== undefined && personIds.every((personId) => personId === known.personId))
        return personIds.length === 0 ? [] : known.history;
      const { courseId } = scope;
      const theirs = { courseId, personId: { $in: personIds }, fromVersion: { $lte: version } };
      return find(theirs, BY_PERSON, version);
    },
    takeAsRead: (scope, personId, history) => void asRead.set(scope, { personId, history }),
    async peopleOf({ courseId }, version, groupId) {
      const rows = await memberships
        .aggregate<Membership>([
          { $match: { courseId, groupId, ...at(version) } },
          { $sort: BY_GROUP },
          enrolmentBeside('$courseId', '$personId'),
        ])
        .hint(BY_GROUP);
      return rows.map((row) => ({ membership: asOf(version, row), person: enrolmentIn(row) }));
    },
    membersOf: ({ courseId }, version, groupIds) =>
      find({ courseId, groupId: { $in: groupIds }, ...at(version) }, BY_GROUP, version),
    async membersAtTime({ courseId }, version, groupId, time) {
      const then = { courseId, groupId, fromVersion: { $lte: version }, from: { $lte: time } };
      const rows = await find(then, BY_GROUP, version);
      return rows.filter(({ until }) => until === null || until > time).map(({ personId }) => personId);
    },
    placedPersonIds: async (scope, version) => new Set((await places(scope, version)).keys()),
    countPlaced: ({ courseId }, version) =>
      memberships.countDocuments({ courseId, ...at(version) }).hint(BY_PERSON),
  };
}

/** An end that a later version brings is none yet. */
function asOf(version: number, row: Membership): Membership {
  return row.untilVersion > version ? { ...row, untilVersion: MAX_VERSION, until: null } : row;
}
