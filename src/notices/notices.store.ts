import { type Database, newId } from '../database/index.ts';
import type { CourseScope } from '../scope.ts';
import { type NoticeDocument, noticeModel, type NoticeParams } from './notices.model.ts';

export type { NoticeParams } from './notices.model.ts';
export type Notice = Omit<NoticeDocument, '_id'> & { readonly id: string };
export type Told = {
  /** A key of words: `notices:kind.<kind>`. */
  readonly kind: string;
  readonly to: readonly string[];
  readonly params: Readonly<NoticeParams>;
  /** Told once a course, person and key. */
  readonly dedupeKey: string;
  readonly about?: string;
  readonly fromVersion?: number;
  readonly notBefore?: Date;
};

export type NoticeStore = {
  /** Writes what people are told, before the act. May be done twice: each is told once. */
  notify(scope: CourseScope, told: readonly Told[]): Promise<void>;
  /** What this person has not put away yet, newest first; of acts that readers of this version see. */
  unread(scope: CourseScope, personId: string, version: number): Promise<readonly Notice[]>;
  /** Puts a notice of this person's away; false where there is none. */
  dismiss(scope: CourseScope, personId: string, id: string): Promise<boolean>;
  /** The act will not be, or is not true any more: nobody is told of it from now on. */
  withdraw(scope: CourseScope, about: string): Promise<void>;
  ofPerson(scope: CourseScope, personId: string): Promise<readonly Notice[]>;
  erase(scope: CourseScope, personId: string): Promise<void>;
  /** Forgets what was told before a moment, read or not. */
  sweep(before: Date): Promise<void>;
};

const BATCH = 1_000;
const SHOWN = 5;

/** What people are told: in the page, once each. */
export function createNoticeStore(database: Database, clock: () => Date): NoticeStore {
  const model = noticeModel(database);
  return {
    async notify({ courseId }, told) {
      const now = clock();
      const rows = told.flatMap(({ to, ...one }) =>
        to.map((personId) => rowOf(courseId, personId, one, now)),
      );
      for (let start = 0; start < rows.length; start += BATCH)
        await model.bulkWrite(
          rows.slice(start, start + BATCH).map((row) => ({
            updateOne: {
              filter: { courseId, dedupeKey: row.dedupeKey, personId: row.personId },
              update: { $setOnInsert: row },
              upsert: true,
            },
          })),
          { ordered: false, throwOnValidationError: true },
        );
    },
    async unread({ courseId }, personId, version) {
      const rows = await model
        .find({
          ...{ courseId, personId, readAt: null, withdrawnAt: null },
          ...{ fromVersion: { $lte: version }, notBefore: { $lte: clock() } },
        })
        .sort({ createdAt: -1, _id: 1 })
        .limit(SHOWN)
        .lean<NoticeDocument[]>();
      return rows.map(plain);
    },
    async dismiss({ courseId }, personId, id) {
      const found = { courseId, personId, _id: id };
      await model.updateOne({ ...found, readAt: null }, { $set: { readAt: clock() } });
      return (await model.exists(found)) !== null;
    },
    async withdraw({ courseId }, about) {
      await model.updateMany({ courseId, about, withdrawnAt: null }, { $set: { withdrawnAt: clock() } });
    },
    async ofPerson({ courseId }, personId) {
      return (await model.find({ courseId, personId }).sort({ createdAt: 1 }).lean<NoticeDocument[]>()).map(
        plain,
      );
    },
    async erase({ courseId }, personId) {
      await model.deleteMany({ courseId, personId });
    },
    async sweep(before) {
      await model.deleteMany({ createdAt: { $lt: before } });
    },
  };
}

function rowOf(
  courseId: string,
  personId: string,
  { kind, params, dedupeKey, about = '', fromVersion = 0, notBefore }: Omit<Told, 'to'>,
  now: Date,
): NoticeDocument {
  return {
    _id: newId(),
    ...{ courseId, personId, kind, dedupeKey, fromVersion },
    params: { ...params },
    about: about || null,
    notBefore: notBefore ?? now,
    createdAt: now,
    readAt: null,
    withdrawnAt: null,
  };
}

function plain({ _id, ...rest }: NoticeDocument): Notice {
  return { id: _id, ...rest };
}
