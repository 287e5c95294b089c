import type { Database } from '../../database/index.ts';
import type { CourseScope } from '../../scope.ts';
import type { Explanation, Statement } from '../engine/explanation.ts';
import type { CurrentPlacement, FormationPerson } from '../engine/types.ts';
import { type ProposalDocument, proposalModels } from './proposals.model.ts';
import { formedRunOf } from './proposals.store.ts';
import { isSameCompany, type ProposalKey, rowsOf } from './proposed.store.ts';
import { type RecordDocument, recordModel } from './records.model.ts';
import { type ShownSentence, shownSentences, whySentences } from './sentences.ts';

type RunKey = { readonly id: string; readonly run: string };
/** Takes in a run's explanations while it goes on. */
export type Recorder = {
  /** Any number of times; the writing goes on beside. */
  explained(explanations: readonly Explanation[]): void;
  /** Once all are told. @throws what went wrong with writing */
  done(): Promise<void>;
};
/** Why somebody is in the group that was published. */
export type PublishedWhy = {
  readonly proposalId: string;
  /** The group's name in the proposal. */
  readonly group: string;
  /** For the view `formation/why`: of their own facts alone, in the second person. */
  readonly sentences: readonly ShownSentence[];
};

/** What a run began with. */
export type RunInput = {
  readonly people: readonly FormationPerson[];
  /** In an update, the groups there were; the engine knows them by id, people by these names. */
  readonly previous?: readonly CurrentPlacement[];
  readonly nameOf?: (groupId: string) => string | null;
};

export type RecordStore = {
  begin(scope: CourseScope, key: RunKey, input: RunInput): Recorder;
  /** Forgets what other attempts of this proposal wrote. May run twice. */
  settle(scope: CourseScope, proposalId: string, run: string): Promise<void>;
  statementsOf(
    scope: CourseScope,
    proposalId: string,
    personIds: readonly string[],
  ): Promise<ReadonlyMap<string, readonly Statement[]>>;
  /** Everybody who went in, as the run knew them, by id and in pages; who was erased since is left out. */
  eachPerson(scope: CourseScope, proposalId: string): AsyncIterable<readonly FormationPerson[]>;
  /** The groups that an update found, in pages like those of the people. */
  eachBefore(scope: CourseScope, proposalId: string): AsyncIterable<readonly CurrentPlacement[]>;
  /**
   * Why this person is in their group, from the newest published proposal that placed them; only what they may know. Null
   * where none did, or where a hand changed who is in it: the run's reasons are of the people it put together.
   */
  publishedWhy(scope: CourseScope, personId: string, locale: string): Promise<PublishedWhy | null>;
  /** What runs knew of somebody. */
  recordsOf(scope: CourseScope, personId: string): Promise<readonly FormationPerson[]>;
  /** Forgets what runs knew of this person, and why they were where; they cannot be replayed then. May run twice. */
  erase(scope: CourseScope, personId: string): Promise<void>;
};

const PAGE = 1_000;

/** Records of runs: what went in, and why everybody is where they are. */
export function createRecordStore(database: Database): RecordStore {
  const records = recordModel(database);
  const { proposals, groups } = proposalModels(database);
  const where = ({ courseId }: CourseScope, { id: proposalId, run }: RunKey) => ({
    courseId,
    proposalId,
    run,
  });
  // Each attempt has a run of its own, so its rows are new; past Mongoose's casting, which takes longer than the writing.
  const write = async (rows: readonly RecordDocument[]): Promise<void> => {
    await records.insertMany([...rows], { ordered: false, lean: true, throwOnValidationError: true });
  };
  const pagesOf = async function* ({ courseId }: CourseScope, proposalId: string) {
    for (let after = ''; ;) {
      const rows = await records
        .find({ courseId, proposalId, personId: { $gt: after } }, { personId: 1, person: 1, before: 1 })
        .sort({ personId: 1 })
        .limit(PAGE)
        .lean<RecordDocument[]>();
      yield rows;
      after = rows.at(-1)?.personId ?? '';
      if (rows.length < PAGE) return;
    }
  };
  /** The name of somebody's group in a proposal; null where it is not made of those whom the run put together. */
  const groupAsFormed = async (
    scope: CourseScope,
    { _id: id, run, formedRun, edits }: ProposalDocument,
    personId: string,
  ): Promise<string | null> => {
    const find = (key: ProposalKey) =>
      groups
        .findOne({ ...rowsOf(scope, key), memberIds: personId }, { name: 1, memberIds: 1 })
        .lean<{ name: string; memberIds: string[] }>();
    const now = await find({ id, run, edits });
    if (now === null || edits === 0) return now?.name ?? null;
    const first = formedRunOf({ run, formedRun, edits });
    const was = first === null ? null : await find({ id, run: first, edits: 0 });
    return was !== null && isSameCompany(was.memberIds, now.memberIds) ? now.name : null;
  };
  return {
    begin(scope, key, { people, previous = [], nameOf = (name) => name }) {
      const byId = new Map(people.map((person) => [person.id, person]));
      const before = new Map(previous.map((one) => [one.id, one]));
      let writing = Promise.resolve();
      return {
        explained(explanations) {
          const rows = explanations.map(({ id: personId, statements }) => ({
            ...where(scope, key),
            ...{ _id: `${key.run}.${personId}`, personId, person: byId.get(personId) ?? null },
            before: before.get(personId) ?? null,
            statements: statements.map((one) => named(one, nameOf)),
          }));
          writing = writing.then(() => write(rows));
          // It is told to whoever waits for the end.
          writing.catch(() => undefined);
        },
        done: () => writing,
      };
    },
    async settle({ courseId }, proposalId, run) {
      await records.deleteMany({ courseId, proposalId, run: { $ne: run } });
    },
    async statementsOf({ courseId }, proposalId, personIds) {
      const rows = await records
        .find({ courseId, proposalId, personId: { $in: [...personIds] } }, { personId: 1, statements: 1 })
        .lean<RecordDocument[]>();
      return new Map(rows.map(({ personId, statements }) => [personId, statements]));
    },
    async *eachPerson(scope, proposalId) {
      for await (const rows of pagesOf(scope, proposalId))
        yield rows.flatMap(({ person }) => (person === null ? [] : [person]));
    },
    async *eachBefore(scope, proposalId) {
      for await (const rows of pagesOf(scope, proposalId))
        yield rows.flatMap(({ person, before }) => (person === null || before == null ? [] : [before]));
    },
    async publishedWhy(scope, personId, locale) {
      const { courseId } = scope;
      const rows = await records.find({ courseId, personId }).lean<RecordDocument[]>();
      const [last] = await proposals
        .find({ courseId, _id: { $in: rows.map(({ proposalId }) => proposalId) }, state: 'published' })
        .sort({ number: -1 })
        .limit(1)
        .lean<ProposalDocument[]>();
      const record = rows.find(({ proposalId }) => proposalId === last?._id);
      if (last === undefined || record === undefined || last.board.moved.includes(personId)) return null;
      const group = await groupAsFormed(scope, last, personId);
      if (group === null) return null;
      const partner = record.statements.find(({ code, audience }) => code === 'swap' && audience === 'staff')
        ?.params['person'];
      const other = typeof partner === 'string' ? await groupAsFormed(scope, last, partner) : null;
      // Nobody is told of an exchange with a group that is another by now.
      const told =
        other === null && last.edits > 0
          ? record.statements.filter(({ code }) => code !== 'swap')
          : record.statements;
      const sentences = shownSentences(whySentences(told, 'fellow', { person: null, group: other }), locale);
      return { proposalId: last._id, group, sentences };
    },
    async recordsOf({ courseId }, personId) {
      const rows = await records.find({ courseId, personId }).lean<RecordDocument[]>();
      return rows.flatMap(({ person }) => (person === null ? [] : [person]));
    },
    async erase({ courseId }, personId) {
      await records.updateMany(
        { courseId, personId },
        { $set: { person: null, before: null, statements: [] } },
      );
    },
  };
}

/** A statement with groups by name. */
function named(statement: Statement, nameOf: (groupId: string) => string | null): Statement {
  const params = { ...statement.params };
  for (const key of ['from', 'group']) {
    const value = params[key];
    if (typeof value === 'string') params[key] = nameOf(value) ?? value;
  }
  return { ...statement, params };
}
