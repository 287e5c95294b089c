import { type Database, newId } from '../database/index.ts';
import { operatorLogModel, type OperatorLogDocument } from './operator-log.model.ts';

export type OperatorAction = Omit<OperatorLogDocument, '_id' | 'at'>;
export type OperatorLine = Omit<OperatorLogDocument, '_id'>;

export type OperatorLogStore = {
  /** A line for each action: names and values of settings, no secrets, nobody's personal data. */
  note(action: OperatorAction): Promise<void>;
  /** The newest lines first. */
  list(most: number): Promise<readonly OperatorLine[]>;
};

/** Who did what to the installation, when; lines are never changed or deleted. */
export function createOperatorLogStore(database: Database, clock: () => Date): OperatorLogStore {
  const model = operatorLogModel(database);
  return {
    async note(action) {
      await model.create({ ...action, _id: newId(), at: clock() });
    },
    async list(most) {
      const rows = await model.find({}).sort({ at: -1 }).limit(most).lean<OperatorLogDocument[]>().exec();
      return rows.map(({ _id, ...line }) => line);
    },
  };
}
