import type { Database } from '../../database/index.ts';
import { isDuplicateKey } from '../../database/index.ts';
import type { CourseScope } from '../../scope.ts';
import { type MoveDocument, moveModel, type MoveState } from './moves.model.ts';

export type Move = Omit<MoveDocument, '_id'> & { readonly id: string };
export type NewMove = Omit<Move, 'courseId' | 'state' | 'objection' | 'kept' | 'createdAt'>;

export type MoveStore = {
  /** Writes moves that are to come, and answers those that stand; who has one announced already keeps that. */
  announce(scope: CourseScope, moves: readonly NewMove[]): Promise<readonly Move[]>;
  find(scope: CourseScope, id: string): Promise<Move | null>;
  /** The move that is announced to this person. */
  announcedTo(scope: CourseScope, personId: string): Promise<Move | null>;
  /** Those to come, the next first; objections before all others. */
  announced(scope: CourseScope, limit: number): Promise<readonly Move[]>;
  count(scope: CourseScope): Promise<number>;
  /** Objections that nobody has answered. */
  objections(scope: CourseScope): Promise<number>;
  /** Those whose day has come; an objection that nobody has answered holds its move back. */
  due(scope: CourseScope, at: Date): Promise<readonly Move[]>;
  /** Seats that are promised, by group. */
  promised(scope: CourseScope): Promise<ReadonlyMap<string, number>>;
  /** False where the move is not announced any more, or was objected to before. */
  object(scope: CourseScope, id: string, words: string): Promise<boolean>;
  keep(scope: CourseScope, id: string): Promise<boolean>;
  /** One step of a move's life; false where it is not announced any more. Of two one wins. */
  end(scope: CourseScope, id: string, state: Exclude<MoveState, 'announced'>): Promise<boolean>;
  erase(scope: CourseScope, personId: string): Promise<void>;
};

/** Moves that are told before they take effect. */
export function createMoveStore(database: Database, clock: () => Date): MoveStore {
  const model = moveModel(database);
  const where = async (filter: object, sort: Record<string, 1 | -1>, limit = 0): Promise<Move[]> =>
    (await model.find(filter).sort(sort).limit(limit).lean<MoveDocument[]>()).map(plain);
  const set = async (filter: object, change: object): Promise<boolean> =>
    (await model.updateOne({ ...filter, state: 'announced' }, { $set: change })).matchedCount === 1;
  return {
    async announce({ courseId }, moves) {
      for (const { id, ...move } of moves) {
        const row = {
          ...move,
          courseId,
          state: 'announced',
          objection: null,
          kept: false,
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
    announced: ({ courseId }, limit) =>
      where({ courseId, state: 'announced' }, { objection: -1, dueAt: 1, _id: 1 }, limit),
    count: ({ courseId }) => model.countDocuments({ courseId, state: 'announced' }),
    objections: ({ courseId }) =>
      model.countDocuments({ courseId, state: 'announced', objection: { $ne: null }, kept: false }),
    due: ({ courseId }, at) =>
      where(
        {
          ...{ courseId, state: 'announced', dueAt: { $lte: at } },
          $or: [{ objection: null }, { kept: true }],
        },
        { dueAt: 1, _id: 1 },
      ),
    async promised({ courseId }) {
      const rows = await model.aggregate<{ _id: string; count: number }>([
        { $match: { courseId, state: 'announced', toGroupId: { $ne: null } } },
        { $group: { _id: '$toGroupId', count: { $sum: 1 } } },
      ]);
      return new Map(rows.map(({ _id, count }) => [_id, count]));
    },
    object: ({ courseId }, id, words) => set({ courseId, _id: id, objection: null }, { objection: words }),
    keep: ({ courseId }, id) => set({ courseId, _id: id, objection: { $ne: null } }, { kept: true }),
    end: ({ courseId }, id, state) => set({ courseId, _id: id }, { state }),
    async erase({ courseId }, personId) {
      await model.updateMany({ courseId, personId }, { $set: { objection: null } });
      await model.updateMany({ courseId, personId, state: 'announced' }, { $set: { state: 'void' } });
    },
  };
}

function plain({ _id, ...rest }: MoveDocument): Move {
  return { id: _id, ...rest };
}
