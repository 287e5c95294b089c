import type { CourseStores } from '../../course/room.ts';
import { displayName } from '../../course/roster/enrolments.store.ts';
import type { CourseScope } from '../../scope.ts';
import type { Grade, OutboxState } from './decide.ts';
import type { GradesPages } from './grades.page.ts';
import type { OutboxRow, OutboxStore } from './outbox.store.ts';
import type { RunMark, RunOutcome } from './runs.ts';
import { OUTCOMES } from './runs.ts';
import type { RunCounts, RunStore } from './runs.store.ts';

export type RunPagesDeps = {
  readonly course: CourseStores;
  readonly outbox: OutboxStore;
  readonly runs: RunStore;
  readonly pages: GradesPages;
};
/** What a posting did with one fellow's grade, and where that grade is now. */
export type RunLine = {
  readonly personId: string;
  readonly name: string;
  readonly outcome: RunOutcome;
  readonly score: Grade;
  readonly found: Grade;
  readonly posted: Grade;
  readonly reason: string | null;
  readonly state: OutboxState;
};
export type RunQuery = {
  /** Only this outcome; null shows all. */
  readonly only: RunOutcome | null;
  readonly afterRow: string | null;
};

const PAGE = 50;

/** What a posting did, a line for each fellow. */
export function createRunPages({ course, outbox, runs, pages }: RunPagesDeps) {
  async function linesOf(
    scope: CourseScope,
    rows: readonly OutboxRow[],
    markOf: (row: OutboxRow) => RunMark | null,
  ): Promise<RunLine[]> {
    const ids = rows.map(({ personId }) => personId);
    const people = await course.enrolments.findMany(scope, ids);
    const names = new Map(people.map((person) => [person.personId, displayName(person)]));
    return rows.flatMap((row) => {
      const mark = markOf(row);
      if (mark === null) return [];
      const { outcome, score } = mark;
      const reason = outcome === 'waiting' ? row.reason : mark.reason;
      const found = outcome === 'kept' ? row.found : mark.found;
      const { personId, state } = row;
      const name = names.get(personId) ?? '';
      return [{ personId, name, outcome, score, found, reason, state, posted: row.posted?.score ?? null }];
    });
  }

  return {
    /** The last posting of the whole course. */
    async last(scope: CourseScope, { only, afterRow }: RunQuery) {
      const now = await pages.state(scope);
      const { lineItem } = now;
      const runId = lineItem?.wantedRun ?? null;
      const nothing = { ...now, of: null, only, lines: [] as RunLine[], first: true, nextRow: null };
      if (lineItem === null || runId === null) return { ...nothing, tally: NOTHING, without: 0 };
      const [tally, rows] = await Promise.all([
        runs.count(scope, lineItem.id, runId),
        runs.list(scope, lineItem.id, runId, only, afterRow, PAGE + 1),
      ]);
      const shown = rows.slice(0, PAGE);
      return {
        ...nothing,
        tally,
        without: lineItem.without ?? 0,
        lines: await linesOf(scope, shown, ({ run }) => run),
        first: afterRow === null,
        nextRow: rows.length > PAGE ? (shown.at(-1)?.id ?? null) : null,
      };
    },
    /** What became of the last order that ours stand for one fellow; null where there was none. */
    async order(scope: CourseScope, personId: string) {
      const now = await pages.state(scope);
      const row = now.lineItem === null ? null : await outbox.find(scope, now.lineItem.id, personId);
      if (row?.order == null) return null;
      const lines = await linesOf(scope, [row], ({ order }) => order);
      const tally = { ...NOTHING, [row.order.outcome]: 1 };
      return { ...now, of: personId, only: null, lines, first: true, nextRow: null, tally, without: 0 };
    },
  };
}
export type RunPages = ReturnType<typeof createRunPages>;

const NOTHING = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0])) as RunCounts;
