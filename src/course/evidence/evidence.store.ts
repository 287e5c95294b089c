import type { Database } from '../../database/index.ts';
import { isDuplicateKey, newId } from '../../database/index.ts';
import type { CourseScope } from '../../scope.ts';
import { type EvidenceDocument, evidenceModel, type Outcome } from './evidence.model.ts';

export type { Outcome } from './evidence.model.ts';
export type Evidence = Omit<EvidenceDocument, '_id'>;
export type Word = {
  readonly personId: string;
  readonly groupId: string;
  readonly outcome: Outcome;
  readonly occurredAt: Date;
};

export type EvidenceStore = {
  /** Writes down outcomes of one opportunity; those that say what is known already write nothing. May run twice. */
  record(
    scope: CourseScope,
    kind: string,
    opportunityId: string,
    words: readonly Word[],
    recordedBy: string,
  ): Promise<void>;
  /** The latest word on each opportunity, for these people, oldest first. */
  latest(scope: CourseScope, personIds: readonly string[]): Promise<ReadonlyMap<string, readonly Evidence[]>>;
  /** The latest words on one opportunity, by person. */
  of(scope: CourseScope, kind: string, opportunityId: string): Promise<ReadonlyMap<string, Evidence>>;
};

/** The log of what happened: of opportunities, not only of deeds. A score reads the latest revision. */
export function createEvidenceStore(database: Database, clock: () => Date): EvidenceStore {
  const model = evidenceModel(database);
  const of: EvidenceStore['of'] = async (scope, kind, opportunityId) => {
    const rows = await model
      .find({ courseId: scope.courseId, kind, opportunityId })
      .sort({ revision: 1 })
      .lean<EvidenceDocument[]>();
    return new Map(rows.map((row) => [row.personId, plain(row)]));
  };
  return {
    of,
    async record(scope, kind, opportunityId, words, recordedBy) {
      const known = await of(scope, kind, opportunityId);
      const rows = words
        .filter(({ personId, outcome }) => known.get(personId)?.outcome !== outcome)
        .map((word) => ({
          ...word,
          _id: newId(),
          courseId: scope.courseId,
          kind,
          opportunityId,
          revision: (known.get(word.personId)?.revision ?? 0) + 1,
          recordedAt: clock(),
          recordedBy,
        }));
      if (rows.length === 0) return;
      try {
        await model.insertMany(rows, { ordered: false, throwOnValidationError: true });
      } catch (error) {
        // Somebody wrote the same revision at the same moment: the unique index kept theirs; read again and append.
        if (!isDuplicateKey(error)) throw error;
        await this.record(scope, kind, opportunityId, words, recordedBy);
      }
    },
    async latest(scope, personIds) {
      const rows = await model
        .find({ courseId: scope.courseId, personId: { $in: personIds } })
        // As the index has them: sorting a thousand people's rows in memory takes thrice as long.
        .sort({ personId: 1, occurredAt: 1 })
        .lean<EvidenceDocument[]>();
      const byPerson = new Map<string, Map<string, Evidence>>();
      for (const row of rows) {
        const words = byPerson.get(row.personId) ?? new Map<string, Evidence>();
        const key = `${row.kind}/${row.opportunityId}`;
        if ((words.get(key)?.revision ?? 0) < row.revision) words.set(key, plain(row));
        byPerson.set(row.personId, words);
      }
      return new Map([...byPerson].map(([personId, words]) => [personId, oldestFirst(words)]));
    },
  };
}

function oldestFirst(words: ReadonlyMap<string, Evidence>): Evidence[] {
  return [...words.values()].toSorted((a, b) => a.occurredAt.getTime() - b.occurredAt.getTime());
}

function plain({ _id, ...rest }: EvidenceDocument): Evidence {
  return rest;
}
