import type { Database } from '../../database/index.ts';
import { newId } from '../../database/index.ts';
import { NotFound } from '../../errors.ts';
import type { CourseScope } from '../../scope.ts';
import type { Finding } from '../table.ts';
import type { ReadPlaces } from './place-csv.ts';
import { NIGERIAN_PLACES, type PlaceCounts, type Places, placesOf, type StatePlaces } from './places.ts';
import { type PlaceTreeDocument, placeTreeModel } from './trees.model.ts';

/** An uploaded list of places, as its page shows it. */
export type PlaceTree = {
  readonly id: string;
  readonly counts: PlaceCounts;
  readonly findings: readonly Finding[];
  readonly findingCount: number;
  readonly ignored: readonly string[];
  readonly createdAt: Date;
};
export type PlaceTreeStore = {
  keep(scope: CourseScope, by: string, read: ReadPlaces): Promise<string>;
  /** Without the places themselves. @throws NotFound */
  select(scope: CourseScope, id: string): Promise<PlaceTree>;
  /** The places of a course's setting; null is Nigeria, which comes with the tool. */
  places(scope: CourseScope, placesId: string | null): Promise<Places>;
};

/** More are counted, not listed: nobody reads ten thousand lines. */
const MOST_FINDINGS = 500;
/** Courses whose lists a process remembers; 50,000 places are about 20 MB. */
const MOST_REMEMBERED = 8;

/** Lists of places that courses brought along. A list never changes, so each process reads it once. */
export function createPlaceTreeStore(database: Database, clock: () => Date): PlaceTreeStore {
  const model = placeTreeModel(database);
  const remembered = new Map<string, Promise<Places>>();
  const read = async (scope: CourseScope, id: string): Promise<Places> => {
    const row = await model.findOne({ _id: id, courseId: scope.courseId }).lean<PlaceTreeDocument>();
    if (row === null) throw new NotFound();
    return placesOf(JSON.parse(row.states) as StatePlaces[]);
  };
  return {
    async keep(scope, by, { states, counts, findings, ignored }) {
      const _id = newId();
      await model.create({
        _id,
        courseId: scope.courseId,
        by,
        states: JSON.stringify(states),
        counts,
        findings: JSON.stringify(findings.slice(0, MOST_FINDINGS)),
        findingCount: findings.length,
        ignored: ignored.slice(0, 30),
        createdAt: clock(),
      });
      return _id;
    },
    async select(scope, id) {
      const row = await model
        .findOne({ _id: id, courseId: scope.courseId }, { states: 0 })
        .lean<Omit<PlaceTreeDocument, 'states'>>();
      if (row === null) throw new NotFound();
      const { counts, findings, findingCount, ignored, createdAt } = row;
      return {
        id,
        counts,
        findings: JSON.parse(findings) as Finding[],
        findingCount,
        ignored,
        createdAt,
      };
    },
    places(scope, placesId) {
      if (placesId === null) return Promise.resolve(NIGERIAN_PLACES);
      const key = `${scope.courseId}.${placesId}`;
      const known = remembered.get(key) ?? read(scope, placesId);
      // The one asked for last is forgotten last.
      remembered.delete(key);
      remembered.set(key, known);
      known.catch(() => remembered.delete(key));
      const oldest = remembered.keys().next().value;
      if (remembered.size > MOST_REMEMBERED && oldest !== undefined) remembered.delete(oldest);
      return known;
    },
  };
}
