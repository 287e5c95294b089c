import type { Database } from '../../database/index.ts';
import { newId } from '../../database/index.ts';
import { NotFound } from '../../errors.ts';
import type { CourseScope } from '../../scope.ts';
import type { Finding, Matched } from './csv.ts';
import type { ProfileStore } from './profiles.store.ts';
import { type UploadDocument, uploadModel } from './uploads.model.ts';

export type Upload = {
  readonly id: string;
  readonly people: number;
  readonly findings: readonly Finding[];
  readonly state: 'read' | 'applied';
};
export type UploadStore = {
  keep(scope: CourseScope, by: string, matched: Matched): Promise<string>;
  /** @throws NotFound */
  select(scope: CourseScope, id: string): Promise<Upload>;
  /** Lays the upload's values over the profiles; answers how many changed. May run twice. */
  apply(scope: CourseScope, id: string): Promise<number>;
};

const BATCH = 1_000;
/** More are counted, not listed: nobody reads ten thousand lines. */
const MOST_FINDINGS = 500;

/** Uploads between reading and applying, so that nothing is applied unseen. */
export function createUploadStore(
  database: Database,
  profiles: ProfileStore,
  clock: () => Date,
): UploadStore {
  const model = uploadModel(database);
  const find = async (scope: CourseScope, id: string): Promise<UploadDocument> => {
    const row = await model.findOne({ _id: id, courseId: scope.courseId }).lean<UploadDocument>();
    if (row === null) throw new NotFound();
    return row;
  };
  return {
    async keep(scope, by, { changes, findings }) {
      const _id = newId();
      await model.create({
        _id,
        courseId: scope.courseId,
        by,
        changes: JSON.stringify(changes),
        people: changes.length,
        findings: JSON.stringify(findings.slice(0, MOST_FINDINGS)),
        state: 'read',
        createdAt: clock(),
      });
      return _id;
    },
    async select(scope, id) {
      const row = await find(scope, id);
      return { id, people: row.people, findings: JSON.parse(row.findings) as Finding[], state: row.state };
    },
    async apply(scope, id) {
      const row = await find(scope, id);
      const changes = JSON.parse(row.changes) as Matched['changes'];
      let changed = 0;
      for (let start = 0; start < changes.length; start += BATCH) {
        changed += await profiles.tell(scope, changes.slice(start, start + BATCH), 'staff');
      }
      await model.updateOne({ _id: id, courseId: scope.courseId }, { $set: { state: 'applied' } });
      return changed;
    },
  };
}
