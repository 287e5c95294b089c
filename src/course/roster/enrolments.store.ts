import type { Database } from '../../database/index.ts';
import type { LtiRole, RosterMember } from '../../lti/types.ts';
import type { CourseRole, CourseScope } from '../../scope.ts';
import { fold, startsWith } from '../fold.ts';
import { personIdOf } from '../identity.ts';
import { type EnrolmentDocument, enrolmentModel } from './enrolments.model.ts';
import { courseRoleOf } from './roles.ts';

export type Enrolment = Omit<EnrolmentDocument, '_id'> & { readonly id: string };
/** Where a page of a list begins: behind this name and id. */
export type NameKey = { readonly nameFolded: string; readonly id: string };
export type ListFilter = {
  readonly state?: 'active' | 'left';
  readonly role?: CourseRole;
  readonly search?: string;
};

export type LaunchedPerson = {
  readonly platformId: string;
  readonly sub: string;
  readonly name: string | null;
  readonly email: string | null;
  readonly role: LtiRole;
  readonly testUser: boolean;
};

export type EnrolmentStore = {
  find(scope: CourseScope, personId: string): Promise<Enrolment | null>;
  findMany(scope: CourseScope, personIds: readonly string[]): Promise<readonly Enrolment[]>;
  /** By folded name, a page at a time. */
  list(
    scope: CourseScope,
    filter: ListFilter,
    after: NameKey | null,
    limit: number,
  ): Promise<readonly Enrolment[]>;
  /** Everyone active in a role, streamed by pages of 1,000. */
  each(scope: CourseScope, role: CourseRole): AsyncIterable<readonly Enrolment[]>;
  count(scope: CourseScope, filter: ListFilter): Promise<number>;
  /** A launch makes or refreshes the launching person's enrolment; writes only what changed. */
  recordLaunch(scope: CourseScope, person: LaunchedPerson): Promise<Enrolment>;
  /** A page of a sync. Answers how many were new, changed or the same; may run twice. */
  applyMembers(
    scope: CourseScope,
    platformId: string,
    syncId: string,
    members: readonly RosterMember[],
  ): Promise<SyncCounts>;
  /** Those whom the sync did not see, who were in an earlier roster. */
  countAbsent(scope: CourseScope, seen: ReadonlySet<string>): Promise<number>;
  markAbsent(scope: CourseScope, seen: ReadonlySet<string>): Promise<number>;
  setRole(scope: CourseScope, personId: string, role: CourseRole | null): Promise<void>;
};
export type SyncCounts = { readonly added: number; readonly changed: number; readonly same: number };

const PAGE = 1_000;

/** The name people see; where the LMS withholds names, "Learner" and four signs that stay the same. */
export function displayName(person: Pick<Enrolment, 'name' | 'personId'>): string {
  return person.name ?? `Learner ${person.personId.slice(0, 4)}`;
}

/** Enrolments: who is in the course, from launches and rosters. */
export function createEnrolmentStore(database: Database, clock: () => Date): EnrolmentStore {
  const model = enrolmentModel(database);
  const idOf = (scope: CourseScope, personId: string): string => `${scope.courseId}.${personId}`;

  const find: EnrolmentStore['find'] = async (scope, personId) => {
    const row = await model.findOne({ courseId: scope.courseId, personId }).lean<EnrolmentDocument>();
    return row === null ? null : plain(row);
  };
  const findMany: EnrolmentStore['findMany'] = async (scope, personIds) => {
    const rows = await model
      .find({ courseId: scope.courseId, personId: { $in: personIds } })
      .lean<EnrolmentDocument[]>();
    return rows.map(plain);
  };
  const list: EnrolmentStore['list'] = async (scope, filter, after, limit) => {
    const rows = await model
      .find({ ...conditionsOf(scope, filter), ...keyCondition(after) })
      .sort({ nameFolded: 1, _id: 1 })
      .limit(limit)
      .lean<EnrolmentDocument[]>();
    return rows.map(plain);
  };
  const absent = async (scope: CourseScope, seen: ReadonlySet<string>): Promise<string[]> => {
    const rows = await model
      .find({ courseId: scope.courseId, state: 'active', lastSyncId: { $ne: null } }, { personId: 1 })
      .lean<{ personId: string }[]>();
    return rows.map(({ personId }) => personId).filter((personId) => !seen.has(personId));
  };

  return {
    find,
    findMany,
    list,
    async *each(scope, role) {
      let after: NameKey | null = null;
      for (;;) {
        const rows: readonly Enrolment[] = await list(scope, { state: 'active', role }, after, PAGE);
        if (rows.length > 0) yield rows;
        const last = rows.at(-1);
        if (last === undefined || rows.length < PAGE) return;
        after = { nameFolded: last.nameFolded, id: last.id };
      }
    },
    count: (scope, filter) => model.countDocuments(conditionsOf(scope, filter)),
    async recordLaunch(scope, person) {
      const personId = personIdOf(person.platformId, person.sub);
      const before = await find(scope, personId);
      const next = merge(
        before,
        scope,
        personId,
        {
          platformId: person.platformId,
          sub: person.sub,
          name: person.name,
          email: person.email,
          launchRole: person.role,
          testUser: person.testUser,
        },
        clock(),
      );
      if (before === null || differs(before, next)) {
        const { joinedAt, ...fields } = next;
        await model.updateOne(
          { _id: idOf(scope, personId) },
          { $set: fields, $setOnInsert: { joinedAt } },
          { upsert: true },
        );
      }
      return { id: idOf(scope, personId), ...next };
    },
    async applyMembers(scope, platformId, syncId, members) {
      const byPerson = new Map(members.map((member) => [personIdOf(platformId, member.sub), member]));
      const before = new Map((await findMany(scope, [...byPerson.keys()])).map((row) => [row.personId, row]));
      const counts = { added: 0, changed: 0, same: 0 };
      const writes = [];
      for (const [personId, member] of byPerson) {
        const known = before.get(personId) ?? null;
        const next = {
          ...merge(
            known,
            scope,
            personId,
            {
              platformId,
              sub: member.sub,
              name: member.name,
              email: member.email,
              rosterRole: member.role,
              testUser: member.testUser || (known?.testUser ?? false),
            },
            clock(),
          ),
          lastSyncId: known?.lastSyncId ?? syncId,
        };
        if (known !== null && !differs(known, next)) {
          counts.same += 1;
          continue;
        }
        counts[known === null || known.lastSyncId === null ? 'added' : 'changed'] += 1;
        const { joinedAt, ...fields } = next;
        writes.push({
          updateOne: {
            filter: { _id: idOf(scope, personId) },
            update: { $set: fields, $setOnInsert: { joinedAt } },
            upsert: true,
          },
        });
      }
      if (writes.length > 0) await model.bulkWrite(writes, { ordered: false });
      return counts;
    },
    countAbsent: async (scope, seen) => (await absent(scope, seen)).length,
    async markAbsent(scope, seen) {
      const gone = await absent(scope, seen);
      for (let start = 0; start < gone.length; start += PAGE) {
        await model.updateMany(
          { courseId: scope.courseId, personId: { $in: gone.slice(start, start + PAGE) }, state: 'active' },
          { $set: { state: 'left', leftAt: clock() } },
        );
      }
      return gone.length;
    },
    async setRole(scope, personId, roleOverride) {
      const before = await find(scope, personId);
      if (before === null) return;
      await model.updateOne(
        { courseId: scope.courseId, personId },
        { $set: { roleOverride, role: courseRoleOf({ ...before, roleOverride }) } },
      );
    },
  };
}

type Told = Pick<Enrolment, 'platformId' | 'sub' | 'name' | 'email' | 'testUser'> &
  Partial<Pick<Enrolment, 'launchRole' | 'rosterRole'>>;

/** What is known before and what is told now; silence (a withheld name) does not erase. */
function merge(
  before: Enrolment | null,
  scope: CourseScope,
  personId: string,
  told: Told,
  now: Date,
): Omit<Enrolment, 'id'> {
  const name = told.name ?? before?.name ?? null;
  const email = told.email ?? before?.email ?? null;
  const facts = {
    launchRole: told.launchRole ?? before?.launchRole ?? null,
    rosterRole: told.rosterRole ?? before?.rosterRole ?? null,
    roleOverride: before?.roleOverride ?? null,
    testUser: told.testUser,
  };
  return {
    courseId: scope.courseId,
    personId,
    platformId: told.platformId,
    sub: told.sub,
    name,
    email,
    nameFolded: fold(displayName({ name, personId })),
    emailFolded: email === null ? null : fold(email),
    ...facts,
    role: courseRoleOf(facts),
    state: 'active',
    joinedAt: before?.joinedAt ?? now,
    leftAt: null,
    lastSyncId: before?.lastSyncId ?? null,
  };
}

function differs(before: Enrolment, next: Omit<Enrolment, 'id'>): boolean {
  return (Object.keys(next) as (keyof typeof next)[]).some(
    (key) => key !== 'joinedAt' && key !== 'leftAt' && before[key] !== next[key],
  );
}

function conditionsOf(scope: CourseScope, { state, role, search }: ListFilter) {
  return {
    courseId: scope.courseId,
    ...(state === undefined ? {} : { state }),
    ...(role === undefined ? {} : { role }),
    ...(search === undefined || search === '' ? {} : { nameFolded: searchPattern(search) }),
  };
}

/** Any word of the name may begin so. */
function searchPattern(search: string): RegExp {
  return new RegExp(startsWith(search).source.replace('^', '(^| )'));
}

function keyCondition(after: NameKey | null) {
  if (after === null) return {};
  return {
    $or: [
      { nameFolded: { $gt: after.nameFolded } },
      { nameFolded: after.nameFolded, _id: { $gt: after.id } },
    ],
  };
}

function plain({ _id, ...rest }: EnrolmentDocument): Enrolment {
  return { id: _id, ...rest };
}
