import type { Database } from '../../database/index.ts';
import { isDuplicateKey } from '../../database/index.ts';
import type { CourseScope } from '../../scope.ts';
import { type MoveDocument, moveModel, type MoveState } from './moves.model.ts';

export type Move = Omit<MoveDocument, '_id'> & { readonly id: string };
type Optional = 'toName' | 'toPlace' | 'confirmedSize';
export type NewMove = Omit<
  Move,
  'courseId' | 'state' | 'objection' | 'kept' | 'claimedAt' | 'toldAt' | 'createdAt' | Optional
> &
  Partial<Pick<Move, Optional>>;
/** Where a list of moves goes on; by what it is sorted. */
export type MoveKey = { readonly open: 0 | 1; readonly dueAt: Date; readonly id: string };

export type MoveStore = {
  /** Writes moves that are to come, and answers those that stand; who has one announced already keeps that. */
  announce(scope: CourseScope, moves: readonly NewMove[]): Promise<readonly Move[]>;
  find(scope: CourseScope, id: string): Promise<Move | null>;
  /** The move that is announced to this person. */
  announcedTo(scope: CourseScope, personId: string): Promise<Move | null>;
  /** Those to come, the next first; objections that nobody has answered before all others. */
  announced(scope: CourseScope, after: MoveKey | null, limit: number): Promise<readonly Move[]>;
  /** All that are to come, for whoever plans with where people will be. */
  all(scope: CourseScope): Promise<readonly Move[]>;
  count(scope: CourseScope): Promise<number>;
  /** Objections that nobody has answered. */
  objections(scope: CourseScope): Promise<number>;
  /** Those whose day has come; an objection that nobody has answered holds its move back. */
  due(scope: CourseScope, at: Date): Promise<readonly Move[]>;
  /**
   * Takes those whose day has come, and answers all that are taken and not ended yet: from then on nobody withdraws or
   * objects to them, and whoever takes up the work carries out the same.
   */
  claim(scope: CourseScope, at: Date): Promise<readonly Move[]>;
  /** Seats that are promised, by group. */
  promised(scope: CourseScope): Promise<ReadonlyMap<string, number>>;
  /** False where the move is being carried out or over, or was objected to before. */
  object(scope: CourseScope, id: string, words: string): Promise<boolean>;
  keep(scope: CourseScope, id: string): Promise<boolean>;
  /** False where the move is being carried out or over. Of two one wins. */
  withdraw(scope: CourseScope, id: string): Promise<boolean>;
  /** The end of a move that was carried out, or is not true any more; false where it had ended before. */
  end(scope: CourseScope, id: string, state: 'done' | 'void' | 'full'): Promise<boolean>;
  /** Those of whose state somebody may not have been told yet. */
  owed(scope: CourseScope): Promise<readonly Move[]>;
  /** Everybody was told that it is in this state; false where it is in another meanwhile. */
  markTold(scope: CourseScope, move: Pick<Move, 'id' | 'state' | 'kept'>): Promise<boolean>;
  ofPerson(scope: CourseScope, personId: string): Promise<readonly Move[]>;
  /** Answers the moves that will not be because of it. */
  erase(scope: CourseScope, personId: string): Promise<readonly string[]>;
};

/** States of which people are told; of the others the publish tells, or nobody needs to be told. */
const TOLD: readonly MoveState[] = ['announced', 'withdrawn', 'full'];

/** Moves that are told before they take effect. */
export function createMoveStore(database: Database, clock: () => Date): MoveStore {
  const model = moveModel(database);
  const where = async (filter: object, sort: Record<string, 1 | -1>, limit = 0): Promise<Move[]> =>
    (await model.find(filter).sort(sort).limit(limit).lean<MoveDocument[]>()).map(plain);
  const set = async (filter: object, change: object): Promise<boolean> =>
    (await model.updateOne({ ...filter, state: 'announced' }, { $set: change })).matchedCount === 1;
  const dueAt = (courseId: string, at: Date) => ({
    ...{ courseId, state: 'announced', dueAt: { $lte: at } },
    $or: [{ objection: null }, { kept: true }],
  });
  return {
    async announce({ courseId }, moves) {
      for (const { id, ...move } of moves) {
        const row = {
          ...{ toName: null, toPlace: null, confirmedSize: null },
          ...move,
          courseId,
          state: 'announced',
          objection: null,
          kept: false,
          claimedAt: null,
          toldAt: null,
          createdAt: clock(),
        };
        await model
          .updateOne({ _id: id }, { $setOnInsert: row }, { upsert: true, runValidators: true })
          .catch((error: unknown) => {
            if (!isDuplicateKey(error)) throw error;
          });
      }
      const ids = moves.map(({ id }) => id);
      return where({ courseId, _id: { $in: ids }, state: 'announced' }, { _id: 1 });
    },
    async find({ courseId }, id) {
      return (await where({ courseId, _id: id }, { _id: 1 }))[0] ?? null;
    },
    async announcedTo({ courseId }, personId) {
      return (await where({ courseId, personId, state: 'announced' }, { _id: 1 }))[0] ?? null;
    },
    async announced({ courseId }, after, limit) {
      const open = { $and: [{ $ne: [{ $ifNull: ['$objection', null] }, null] }, { $not: '$kept' }] };
      const rows = await model.aggregate<MoveDocument & { open: 0 | 1 }>([
        { $match: { courseId, state: 'announced' } },
        { $set: { open: { $cond: [open, 1, 0] } } },
        { $match: after === null ? {} : behind(after) },
        { $sort: { open: -1, dueAt: 1, _id: 1 } },
        { $limit: limit },
      ]);
      return rows.map(({ open: _open, ...row }) => plain(row));
    },
    all: ({ courseId }) => where({ courseId, state: 'announced' }, { dueAt: 1, _id: 1 }),
    count: ({ courseId }) => model.countDocuments({ courseId, state: 'announced' }),
    objections: ({ courseId }) =>
      model.countDocuments({ courseId, state: 'announced', objection: { $ne: null }, kept: false }),
    due: ({ courseId }, at) => where(dueAt(courseId, at), { dueAt: 1, _id: 1 }),
    async claim({ courseId }, at) {
      await model.updateMany({ ...dueAt(courseId, at), claimedAt: null }, { $set: { claimedAt: clock() } });
      return where({ courseId, state: 'announced', claimedAt: { $ne: null } }, { dueAt: 1, _id: 1 });
    },
    async promised({ courseId }) {
      const rows = await model.aggregate<{ _id: string; count: number }>([
        { $match: { courseId, state: 'announced', toGroupId: { $ne: null } } },
        { $group: { _id: '$toGroupId', count: { $sum: 1 } } },
      ]);
      return new Map(rows.map(({ _id, count }) => [_id, count]));
    },
    object: ({ courseId }, id, words) =>
      set({ courseId, _id: id, objection: null, claimedAt: null }, { objection: words }),
    keep: ({ courseId }, id) =>
      set({ courseId, _id: id, objection: { $ne: null } }, { kept: true, toldAt: null }),
    withdraw: ({ courseId }, id) =>
      set({ courseId, _id: id, claimedAt: null }, { state: 'withdrawn', toldAt: null }),
    end: ({ courseId }, id, state) => set({ courseId, _id: id }, { state, toldAt: null }),
    owed: ({ courseId }) => where({ courseId, state: { $in: TOLD }, toldAt: null }, { dueAt: 1, _id: 1 }),
    async markTold({ courseId }, { id, state, kept }) {
      const told = { $set: { toldAt: clock() } };
      return (await model.updateOne({ courseId, _id: id, state, kept }, told)).matchedCount === 1;
    },
    ofPerson: ({ courseId }, personId) => where({ courseId, personId }, { createdAt: 1, _id: 1 }),
    async erase({ courseId }, personId) {
      await model.updateMany({ courseId, personId }, { $set: { objection: null } });
      const over = { courseId, personId, state: { $in: ['announced', 'void'] } };
      const ids = (await model.find(over, { _id: 1 }).lean<{ _id: string }[]>()).map(({ _id }) => _id);
      await model.updateMany({ courseId, personId, state: 'announced' }, { $set: { state: 'void' } });
      return ids;
    },
  };
}

function behind({ open, dueAt, id }: MoveKey): object {
  return {
    $or: [{ open: { $lt: open } }, { open, dueAt: { $gt: dueAt } }, { open, dueAt, _id: { $gt: id } }],
  };
}

/** Where a list goes on behind this move. */
export function keyOfMove({ objection, kept, dueAt, id }: Move): MoveKey {
  return { open: objection !== null && !kept ? 1 : 0, dueAt, id };
}

function plain({ _id, ...rest }: MoveDocument): Move {
  return { id: _id, ...rest };
}
