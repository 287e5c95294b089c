import type { CourseScope } from '../../scope.ts';
import type { CourseStore } from '../courses/courses.store.ts';
import { personIdOf } from '../identity.ts';
import type { PlaceTreeStore } from '../places/trees.store.ts';
import type { EnrolmentStore } from '../roster/enrolments.store.ts';
import type { Fatal, Finding } from '../table.ts';
import { readProfileCsv } from './csv.ts';
import { type Change, matchRows, wordsOf } from './matching.ts';
import { PART, type UploadStore } from './uploads.store.ts';

export type Intake = {
  /** Reads a file, finds its fellows and keeps what it says of them; nothing is changed yet. */
  take(scope: CourseScope, by: string, text: string): Promise<{ readonly id: string } | Fatal>;
};
export type IntakeDeps = {
  readonly courses: CourseStore;
  readonly trees: PlaceTreeStore;
  readonly enrolments: EnrolmentStore;
  readonly uploads: UploadStore;
};

/** Where a file of tracks and places enters the course. */
export function createIntake({ courses, trees, enrolments, uploads }: IntakeDeps): Intake {
  return {
    async take(scope, by, text) {
      const { platformId, settings } = await courses.select(scope);
      const places = await trees.places(scope, settings.placesId);
      const read = readProfileCsv(text, settings.tracks, places);
      if ('code' in read) return read;
      const id = await uploads.begin(scope, by);
      const findings: Finding[] = [...read.findings];
      const taken = new Map<string, number>();
      let waiting: Change[] = [];
      let [people, parts, empty] = [0, 0, 0];
      const keep = async (least: number): Promise<void> => {
        for (; waiting.length >= least && waiting.length > 0; waiting = waiting.slice(PART))
          await uploads.addPart(scope, id, parts++, waiting.slice(0, PART));
      };
      // A thousand rows at a time, so that other requests are answered in between.
      for (let start = 0; start < read.count; start += PART) {
        const { rows, findings: faults } = read.read(start, start + PART);
        findings.push(...faults);
        const { ids, emails, names } = wordsOf(rows);
        const personIds = ids.map((sub) => personIdOf(platformId, sub));
        const known = await enrolments.findFellows(scope, { personIds, emails, names });
        const fellows = new Set(known.map(({ personId }) => personId));
        const here = new Set((await enrolments.findMany(scope, personIds)).map(({ personId }) => personId));
        const strangers = ids.filter((_sub, index) => {
          const personId = personIds[index] ?? '';
          return here.has(personId) && !fellows.has(personId);
        });
        const matched = matchRows(rows, known, taken, new Set(strangers));
        findings.push(...matched.findings);
        waiting.push(...matched.changes);
        people += matched.changes.length;
        empty += matched.empty;
        await keep(PART);
      }
      await keep(1);
      const { later, ignored } = read;
      const inOrder = findings.toSorted((a, b) => a.line - b.line);
      await uploads.finish(scope, id, { people, empty, findings: inOrder, later, ignored });
      return { id };
    },
  };
}
