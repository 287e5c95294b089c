import type { Database } from '../../database/index.ts';
import { newId } from '../../database/index.ts';
import { NotFound } from '../../errors.ts';
import type { CourseScope } from '../../scope.ts';
import type { Finding } from '../table.ts';
import type { Change } from './matching.ts';
import {
  type UploadDocument,
  uploadModel,
  type UploadPartDocument,
  uploadPartModel,
  type UploadState,
} from './uploads.model.ts';

/** A line whose fellow had entered better values; `fields` are keys of words. */
export type Kept = { readonly line: number; readonly personId: string; readonly fields: readonly string[] };
export type Upload = {
  readonly id: string;
  readonly state: UploadState;
  readonly people: number;
  readonly empty: number;
  readonly findings: readonly Finding[];
  readonly findingCount: number;
  readonly later: readonly string[];
  readonly ignored: readonly string[];
  readonly jobId: string | null;
  readonly kept: readonly Kept[];
  readonly keptCount: number;
};
export type ReadSummary = {
  readonly people: number;
  readonly empty: number;
  readonly findings: readonly Finding[];
  readonly later: readonly string[];
  readonly ignored: readonly string[];
};

export type UploadStore = {
  begin(scope: CourseScope, by: string): Promise<string>;
  addPart(scope: CourseScope, id: string, number: number, changes: readonly Change[]): Promise<void>;
  /** From here on it may be applied. */
  finish(scope: CourseScope, id: string, summary: ReadSummary): Promise<void>;
  /** @throws NotFound, also while it is not whole */
  select(scope: CourseScope, id: string): Promise<Upload>;
  /** Up to 1,000 changes; empty behind the last part. */
  part(scope: CourseScope, id: string, number: number): Promise<readonly Change[]>;
  /** Nothing happens where it is applied already: the job may be faster than whoever asked for it. */
  markApplying(scope: CourseScope, id: string, jobId: string): Promise<void>;
  markApplied(scope: CourseScope, id: string, kept: readonly Kept[]): Promise<void>;
  /** Forgets uploads from before a moment: they hold what is in the profiles by now. */
  sweep(before: Date): Promise<void>;
};

export const PART = 1_000;
/** More are counted, not listed: nobody reads ten thousand lines. */
const MOST_LISTED = 500;

/** Uploads between reading and applying, so that nothing is applied unseen. */
export function createUploadStore(database: Database, clock: () => Date): UploadStore {
  const uploads = uploadModel(database);
  const parts = uploadPartModel(database);
  const update = async ({ courseId }: CourseScope, _id: string, $set: Partial<UploadDocument>) => {
    await uploads.updateOne({ _id, courseId }, { $set });
  };
  return {
    async begin({ courseId }, by) {
      const _id = newId();
      const nothing = { people: 0, empty: 0, findings: '[]', findingCount: 0, kept: '[]', keptCount: 0 };
      const lists = { later: [], ignored: [] };
      const row = { _id, courseId, by, state: 'reading' as const, jobId: null, createdAt: clock() };
      await uploads.insertMany([{ ...row, ...nothing, ...lists }]);
      return _id;
    },
    async addPart({ courseId }, uploadId, number, changes) {
      const row = { _id: `${uploadId}.${number}`, courseId, uploadId, number, createdAt: clock() };
      await parts.insertMany([{ ...row, changes: JSON.stringify(changes) }]);
    },
    finish: (scope, id, { findings, people, empty, later, ignored }) =>
      update(scope, id, {
        state: 'read',
        people,
        empty,
        later: later.slice(0, MOST_LISTED),
        ignored: ignored.slice(0, MOST_LISTED),
        findings: JSON.stringify(findings.slice(0, MOST_LISTED)),
        findingCount: findings.length,
      }),
    async select({ courseId }, id) {
      const row = await uploads.findOne({ _id: id, courseId }).lean<UploadDocument>();
      if (row === null || row.state === 'reading') throw new NotFound();
      const { _id, courseId: _courseId, by: _by, createdAt: _createdAt, findings, kept, ...rest } = row;
      return { ...rest, id, findings: JSON.parse(findings) as Finding[], kept: JSON.parse(kept) as Kept[] };
    },
    async part({ courseId }, uploadId, number) {
      const row = await parts.findOne({ courseId, uploadId, number }).lean<UploadPartDocument>();
      return row === null ? [] : (JSON.parse(row.changes) as Change[]);
    },
    async markApplying({ courseId }, _id, jobId) {
      await uploads.updateOne(
        { _id, courseId, state: { $ne: 'applied' } },
        { $set: { state: 'applying', jobId } },
      );
    },
    markApplied: (scope, id, kept) =>
      update(scope, id, {
        state: 'applied',
        kept: JSON.stringify(kept.slice(0, MOST_LISTED)),
        keptCount: kept.length,
      }),
    async sweep(before) {
      await parts.deleteMany({ createdAt: { $lt: before } });
      await uploads.deleteMany({ createdAt: { $lt: before } });
    },
  };
}
