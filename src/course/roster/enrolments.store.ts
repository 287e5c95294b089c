import { type Database, type Stage, writeByRevision } from '../../database/index.ts';
import type { LtiRole } from '../../lti/types.ts';
import type { CourseRole, CourseScope } from '../../scope.ts';
import { besideBy } from '../beside.ts';
import { startsWith } from '../fold.ts';
import { personIdOf } from '../identity.ts';
import { changeBy, type EnrolmentDocument, enrolmentModel, type RosterChange } from './enrolments.model.ts';
import { changesOf, mergeFacts, type Told } from './merge.ts';
import { arrivalOf, type Enrolment, erasureOf } from './writes.ts';

export { displayName } from './names.ts';
export type { RosterChange } from './enrolments.model.ts';
export type { Enrolment } from './writes.ts';
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
/** Words that may name people; folded but for the ids. */
export type Wanted = {
  readonly personIds: readonly string[];
  readonly emails: readonly string[];
  readonly names: readonly string[];
};

export type EnrolmentStore = {
  find(scope: CourseScope, personId: string): Promise<Enrolment | null>;
  /** What was read with the request's session: from here on it is what this scope, and no other, finds of them. */
  takeAsRead(scope: CourseScope, person: Enrolment): void;
  findMany(scope: CourseScope, personIds: readonly string[]): Promise<readonly Enrolment[]>;
  /** By folded name, a page at a time. */
  list(
    scope: CourseScope,
    filter: ListFilter,
    after: NameKey | null,
    limit: number,
  ): Promise<readonly Enrolment[]>;
  /** Everyone active in a role, streamed by person id in pages of 1,000: no rename moves anybody past the reader. */
  each(scope: CourseScope, role: CourseRole): AsyncIterable<readonly Enrolment[]>;
  count(scope: CourseScope, filter: ListFilter): Promise<number>;
  /** Fellows of the course to whom any of these words belongs. */
  findFellows(scope: CourseScope, wanted: Wanted): Promise<readonly Enrolment[]>;
  /** Everyone who is no fellow of the course now: staff, visitors, and who left. */
  otherIds(scope: CourseScope): Promise<readonly string[]>;
  /** Those whom a sync changed in this way, by name. */
  changedBy(
    scope: CourseScope,
    syncId: string,
    what: RosterChange['what'],
    limit: number,
  ): Promise<readonly Enrolment[]>;
  /**
   * A launch makes or refreshes the launching person's enrolment; writes only what changed.
   * @param known as it was just read; null where they are new
   */
  recordLaunch(scope: CourseScope, person: LaunchedPerson, known?: Enrolment | null): Promise<Enrolment>;
  setRole(scope: CourseScope, personId: string, role: CourseRole | null): Promise<void>;
  /** The name a person wants to be called, where the LMS withholds names; null takes it back. */
  setChosenName(scope: CourseScope, personId: string, chosenName: string | null): Promise<void>;
  /** Takes away who it was; the row stays, so that what others did with them still adds up. May run twice. */
  erase(scope: CourseScope, personId: string): Promise<void>;
};
/** Numbers for new people: see CourseStore. */
export type TakeNumbers = (scope: CourseScope, count: number) => Promise<number>;

const PAGE = 1_000;

/** Enrolments: who is in the course, from launches and rosters. */
export function createEnrolmentStore(
  database: Database,
  clock: () => Date,
  takeNumbers: TakeNumbers,
): EnrolmentStore {
  const model = enrolmentModel(database);
  const asRead = new WeakMap<CourseScope, Enrolment>();
  const find: EnrolmentStore['find'] = async (scope, personId) => {
    const known = asRead.get(scope);
    if (known?.personId === personId) return known;
    const row = await model.findOne({ courseId: scope.courseId, personId }).lean<EnrolmentDocument>();
    return row === null ? null : plain(row);
  };
  const findWhere = async (scope: CourseScope, condition: object): Promise<Enrolment[]> =>
    (await model.find({ courseId: scope.courseId, ...condition }).lean<EnrolmentDocument[]>()).map(plain);
  const list: EnrolmentStore['list'] = async (scope, filter, after, limit) => {
    const rows = await model
      .find({ $and: [conditionsOf(scope, filter), keyCondition(after)] })
      .sort({ nameFolded: 1, _id: 1 })
      .limit(limit)
      .lean<EnrolmentDocument[]>();
    return rows.map(plain);
  };
  /** Lays what is told over what is known of somebody who is here. */
  const tell = (scope: CourseScope, personId: string, told: Told): Promise<void> =>
    writeByRevision(model, async () => {
      const before = await find(scope, personId);
      if (before === null || before.erasedAt !== null) return [];
      const changes = changesOf(before, mergeFacts(before, told));
      if (Object.keys(changes).length === 0) return [];
      return [{ id: before.id, revision: before.revision, set: changes }];
    });

  return {
    find,
    takeAsRead: (scope, person) => void asRead.set(scope, person),
    findMany: (scope, personIds) =>
      personIds.length === 0 ? Promise.resolve([]) : findWhere(scope, { personId: { $in: personIds } }),
    list,
    async *each(scope, role) {
      for (let after = ''; ;) {
        const rows = await model
          .find({ courseId: scope.courseId, personId: { $gt: after }, state: 'active', role })
          .sort({ personId: 1 })
          .limit(PAGE)
          .lean<EnrolmentDocument[]>();
        if (rows.length > 0) yield rows.map(plain);
        if (rows.length < PAGE) return;
        after = rows.at(-1)?.personId ?? '';
      }
    },
    count: (scope, filter) => model.countDocuments(conditionsOf(scope, filter)),
    async findFellows(scope, { personIds, emails, names }) {
      const fellows = { state: 'active', role: 'fellow' };
      const found = await Promise.all([
        personIds.length > 0 ? findWhere(scope, { ...fellows, personId: { $in: personIds } }) : [],
        emails.length > 0 ? findWhere(scope, { ...fellows, emailFolded: { $in: emails } }) : [],
        names.length > 0 ? findWhere(scope, { ...fellows, nameFolded: { $in: names } }) : [],
      ]);
      return [...new Map(found.flat().map((row) => [row.personId, row])).values()];
    },
    async otherIds(scope) {
      const rows = await model
        .find({
          courseId: scope.courseId,
          $or: [{ state: 'left' }, { state: 'active', role: { $in: ['manager', 'mentor', 'visitor'] } }],
        })
        .select({ personId: 1 })
        .lean<{ personId: string }[]>();
      return rows.map(({ personId }) => personId);
    },
    async changedBy(scope, syncId, what, limit) {
      const rows = await model
        .find({ courseId: scope.courseId, ...changeBy(syncId, what) })
        .sort({ nameFolded: 1 })
        .limit(limit)
        .lean<EnrolmentDocument[]>();
      return rows.map(plain);
    },
    async recordLaunch(scope, { platformId, sub, name, email, role, testUser }, known) {
      const personId = personIdOf(platformId, sub);
      let number: number | null = null;
      const seen: { known: Enrolment | null | undefined; unchanged: Enrolment | null } = {
        known,
        unchanged: null,
      };
      await writeByRevision(model, async () => {
        const before = seen.known === undefined ? await find(scope, personId) : seen.known;
        // In a second round somebody else wrote meanwhile.
        seen.known = undefined;
        number ??= before?.number ?? (await takeNumbers(scope, 1));
        const told = { name, email, launchRole: role, testUser, number };
        const write = arrivalOf(scope, before, { platformId, sub, told, syncId: null }, clock());
        seen.unchanged = write === null ? before : null;
        return write === null ? [] : [write];
      });
      const after = seen.unchanged ?? (await find(scope, personId));
      if (after === null) throw new Error('An enrolment that was written is not there.');
      return after;
    },
    setRole: (scope, personId, roleOverride) => tell(scope, personId, { roleOverride }),
    setChosenName: (scope, personId, chosenName) => tell(scope, personId, { chosenName }),
    erase: (scope, personId) =>
      writeByRevision(model, async () => {
        const before = await find(scope, personId);
        const write = before === null ? null : erasureOf(before, clock());
        return write === null ? [] : [write];
      }),
  };
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

/** The first condition is what the index begins at; an `or` alone would have everything behind it sorted for each page. */
function keyCondition(after: NameKey | null) {
  if (after === null) return {};
  return {
    nameFolded: { $gte: after.nameFolded },
    $or: [{ nameFolded: { $gt: after.nameFolded } }, { _id: { $gt: after.id } }],
  };
}

/** Puts a person's enrolment beside a row; both are expressions upon it. */
export function enrolmentBeside(courseId: unknown, personId: unknown): Stage {
  return besideBy('enrolments', courseId, personId);
}

/** What `enrolmentBeside` put there. */
export function enrolmentIn(row: object): Enrolment | null {
  const [document] = (row as { enrolments: EnrolmentDocument[] }).enrolments;
  return document === undefined ? null : plain(document);
}

/** A row as it leaves the store. */
export function plain({ _id, ...rest }: EnrolmentDocument): Enrolment {
  return { id: _id, ...rest };
}
