import { type Database, writeByRevision } from '../../database/index.ts';
import type { RosterMember } from '../../lti/types.ts';
import type { CourseScope } from '../../scope.ts';
import { personIdOf } from '../identity.ts';
import { changeBy, type EnrolmentDocument, enrolmentModel } from './enrolments.model.ts';
import { plain, type TakeNumbers } from './enrolments.store.ts';
import { arrivalOf, departureOf, type Enrolment } from './writes.ts';

export type SyncCounts = Readonly<Record<'added' | 'returned' | 'changed' | 'left', number>>;

/** What a sync writes. Every step may run twice: rows say which sync changed them. */
export type SyncStore = {
  /** Everyone whom a roster before this sync's listed and who is still here. */
  listedIds(scope: CourseScope, syncId: string): Promise<readonly string[]>;
  /** Some members of a complete roster: those who are new, back or changed are written. */
  apply(
    scope: CourseScope,
    platformId: string,
    syncId: string,
    members: readonly RosterMember[],
  ): Promise<void>;
  /** These people have left. Their memberships stay: the look for leavers closes them. */
  markLeft(scope: CourseScope, syncId: string, personIds: readonly string[]): Promise<void>;
  counts(scope: CourseScope, syncId: string): Promise<SyncCounts>;
};

/** The roster's side of enrolments. */
export function createSyncStore(database: Database, clock: () => Date, takeNumbers: TakeNumbers): SyncStore {
  const model = enrolmentModel(database);
  const findMany = async (scope: CourseScope, personIds: readonly string[]): Promise<readonly Enrolment[]> =>
    (
      await model.find({ courseId: scope.courseId, personId: { $in: personIds } }).lean<EnrolmentDocument[]>()
    ).map(plain);
  return {
    async listedIds(scope, syncId) {
      const brought = { 'change.syncId': syncId, 'change.what': { $in: ['added', 'returned', 'listed'] } };
      const rows = await model
        .find({ courseId: scope.courseId, state: 'active', inRoster: true, $nor: [brought] })
        .select({ personId: 1 })
        .lean<{ personId: string }[]>();
      return rows.map(({ personId }) => personId);
    },
    async apply(scope, platformId, syncId, members) {
      const byPerson = new Map(members.map((member) => [personIdOf(platformId, member.sub), member]));
      const numbers = new Map<string, number>();
      await writeByRevision(model, async () => {
        const rows = await findMany(scope, [...byPerson.keys()]);
        const before = new Map(rows.map((row) => [row.personId, row]));
        const unknown = [...byPerson.keys()].filter((id) => !before.has(id) && !numbers.has(id));
        const first = unknown.length === 0 ? 0 : await takeNumbers(scope, unknown.length);
        unknown.forEach((id, index) => numbers.set(id, first + index));
        return [...byPerson].flatMap(([personId, { sub, name, email, role, testUser }]) => {
          const known = before.get(personId) ?? null;
          const number = known?.number ?? numbers.get(personId) ?? 0;
          const told = { name, email, rosterRole: role, testUser, number, inRoster: true };
          const write = arrivalOf(scope, known, { platformId, sub, told, syncId }, clock());
          return write === null ? [] : [write];
        });
      });
    },
    async markLeft(scope, syncId, personIds) {
      await writeByRevision(model, async () =>
        (await findMany(scope, personIds)).flatMap((row) => departureOf(row, syncId, clock()) ?? []),
      );
    },
    async counts(scope, syncId) {
      const count = (what: keyof SyncCounts): Promise<number> =>
        model.countDocuments({ courseId: scope.courseId, ...changeBy(syncId, what) });
      const [added, returned, changed, left] = await Promise.all([
        count('added'),
        count('returned'),
        count('changed'),
        count('left'),
      ]);
      return { added, returned, changed, left };
    },
  };
}
