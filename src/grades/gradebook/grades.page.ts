import type { CourseStores } from '../../course/room.ts';
import { displayName, type Enrolment } from '../../course/roster/enrolments.store.ts';
import type { Jobs } from '../../jobs/index.ts';
import { granted } from '../../lti/services/ags.ts';
import type { CourseScope } from '../../scope.ts';
import type { Standings } from '../participation/standings.store.ts';
import { type OutboxState, prospectOf } from './decide.ts';
import type { LineItem, LineItemStore } from './line-items.store.ts';
import type { OutboxRow, OutboxStore } from './outbox.store.ts';
import { isOffered, POST, PURPOSE } from './post.job.ts';
import { knownOf } from './prospects.store.ts';

export type GradesPageDeps = {
  readonly jobs: Jobs;
  readonly course: CourseStores;
  readonly standings: Standings;
  readonly lineItems: LineItemStore;
  readonly outbox: OutboxStore;
};
/** Where a fellow's grade is: as in the outbox, what is not there yet, and what is there but counts no more. */
export type ShownState = OutboxState | 'nothing' | 'to_post' | 'stale';
/** A fellow's line: the score now, and what became of it. */
export type GradeLine = {
  readonly personId: string;
  readonly name: string;
  readonly score: number | null;
  readonly state: ShownState;
  /** What the gradebook has from us; null for nothing. */
  readonly posted: number | null;
  readonly found: number | null;
  readonly reason: string | null;
  readonly changedAt: Date | null;
};
export type ListQuery = {
  readonly search: string;
  /** Only those in this state; null shows all fellows. */
  readonly show: OutboxState | null;
  /** The last person or row of the page before: ids and no names, for addresses are kept in histories and logs. */
  readonly after: string | null;
  readonly afterRow: string | null;
};

const PAGE = 50;
const NOBODY = { waiting: 0, posted: 0, held: 0, kept: 0, refused: 0 };

/** What the pages of grades show. */
export function createGradesPages({ jobs, course, standings, lineItems, outbox }: GradesPageDeps) {
  async function linesOf(
    scope: CourseScope,
    lineItem: LineItem | null,
    people: readonly Enrolment[],
  ): Promise<GradeLine[]> {
    const ids = people.map(({ personId }) => personId);
    const [scores, rows] = await Promise.all([
      standings.of(scope, ids),
      lineItem === null
        ? Promise.resolve(new Map<string, OutboxRow>())
        : outbox.findMany(scope, lineItem.id, ids),
    ]);
    return people.map((person) => {
      const row = rows.get(person.personId);
      const score = scores.get(person.personId)?.score ?? null;
      return {
        personId: person.personId,
        name: displayName(person),
        score,
        state: shownState(score, row, lineItem?.number ?? 0),
        posted: row?.posted?.number === lineItem?.number ? (row?.posted?.score ?? null) : null,
        found: row?.found ?? null,
        reason: row?.reason ?? null,
        changedAt: row?.changedAt ?? null,
      };
    });
  }

  /** Where posting stands, for the head of every page of grades. */
  async function state(scope: CourseScope) {
    const [here, lineItem, job] = await Promise.all([
      course.courses.select(scope),
      lineItems.find(scope, PURPOSE),
      jobs.findLatest(scope, POST),
    ]);
    return {
      offered: isOffered(here.services),
      readable: granted(here.services, 'result.readonly') !== null,
      lineItem,
      job,
      counts: lineItem === null ? NOBODY : await outbox.count(scope, lineItem.id),
    };
  }

  return {
    state,
    /** The list of fellows, or of those in one state. */
    async list(scope: CourseScope, { search, show, after, afterRow }: ListQuery) {
      const now = await state(scope);
      const fellows = await course.enrolments.count(scope, { state: 'active', role: 'fellow' });
      const begun = Object.values(now.counts).some((count) => count > 0);
      const scored = begun || (await standings.any(scope));
      const head = { ...now, fellows, search, show, scored };
      if (show !== null) {
        const rows =
          now.lineItem === null ? [] : await outbox.list(scope, now.lineItem.id, show, afterRow, PAGE + 1);
        const shown = rows.slice(0, PAGE);
        const ids = shown.map(({ personId }) => personId);
        const people = await course.enrolments.findMany(scope, ids);
        const lines = await linesOf(scope, now.lineItem, people);
        const last = rows.length > PAGE ? (shown.at(-1)?.id ?? null) : null;
        return { ...head, lines, first: afterRow === null, nextRow: last, next: null };
      }
      const filter = { state: 'active' as const, role: 'fellow' as const, search };
      const last = after === null ? null : await course.enrolments.find(scope, after);
      const people = await course.enrolments.list(scope, filter, last, PAGE + 1);
      const lines = await linesOf(scope, now.lineItem, people.slice(0, PAGE));
      const next = people.length > PAGE ? (people[PAGE - 1]?.personId ?? null) : null;
      return { ...head, lines, first: last === null, nextRow: null, next };
    },
    /** One fellow's line; null for whoever is not known here. */
    async line(scope: CourseScope, personId: string): Promise<GradeLine | null> {
      const [person, lineItem] = await Promise.all([
        course.enrolments.find(scope, personId),
        lineItems.find(scope, PURPOSE),
      ]);
      return person === null ? null : ((await linesOf(scope, lineItem, [person]))[0] ?? null);
    },
  };
}
export type GradesPages = ReturnType<typeof createGradesPages>;

/** A posted score that has changed since is to be posted again; the rest is as the outbox has it. */
function shownState(score: number | null, row: OutboxRow | undefined, number: number): ShownState {
  if (row === undefined) return score === null ? 'nothing' : 'to_post';
  // Nothing takes a grade back from an LMS, so staff are told that it stands there.
  if (score === null && row.state !== 'held' && row.state !== 'kept' && row.posted?.number === number)
    return 'stale';
  if (row.state !== 'posted') return row.state;
  return prospectOf(score, knownOf(row, number)) === 'post' ? 'to_post' : 'posted';
}
