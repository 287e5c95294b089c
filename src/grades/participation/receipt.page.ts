import type { CourseStores } from '../../course/room.ts';
import { displayName } from '../../course/roster/enrolments.store.ts';
import { NotFound } from '../../errors.ts';
import type { GroupStore } from '../../group/groups/groups.store.ts';
import type { EvidenceKind } from '../../room.ts';
import type { CourseScope } from '../../scope.ts';
import type { Visit } from '../../web/routing.ts';
import type { Point, Score } from './score.ts';
import type { Standings } from './standings.store.ts';

export type ReceiptDeps = {
  readonly course: CourseStores;
  readonly groups: GroupStore;
  readonly standings: Standings;
  readonly evidenceKinds: () => readonly EvidenceKind[];
};
/** One event of a receipt: what it was, and what it is to the score. */
export type Line = Omit<Point, 'kind'> & {
  /** A key of words. */
  readonly label: string;
  /** Null where the room that knows the event does not name it. */
  readonly title: string | null;
  /** Null where there is nothing to open, or nothing that this person may. */
  readonly path: string | null;
  /** What it adds to the score: a share of the hundred if it was met; null where it does not count. */
  readonly worth: number | null;
};
export type Receipt = Omit<Score, 'points'> & {
  readonly personId: string;
  readonly name: string;
  readonly lines: readonly Line[];
};

/** Why a score is what it is: every point names its event. */
export function createReceipts({ course, groups, standings, evidenceKinds }: ReceiptDeps) {
  /** @throws NotFound for whoever was never in this course */
  return async function receiptOf(visit: Visit, personId: string): Promise<Receipt> {
    const { scope } = visit;
    const [person, scores, open] = await Promise.all([
      course.enrolments.find(scope, personId),
      standings.of(scope, [personId]),
      openGroupOf(scope, visit),
    ]);
    const known = scores.get(personId);
    if (person === null || known === undefined) throw new NotFound();
    const { points, ...rest } = known;
    const titles = await titlesOf(scope, points);
    const counted = known.met + known.missed;
    const lines = points.map(({ kind, ...point }) => {
      const named = titles.get(`${kind}/${point.opportunityId}`);
      return {
        ...point,
        label: evidenceKinds().find((one) => one.kind === kind)?.label ?? 'grades:receipt.event',
        title: named?.title ?? null,
        path: open === 'all' || open === point.groupId ? (named?.path ?? null) : null,
        worth: worthOf(point.weight, counted),
      };
    });
    return { ...rest, personId, name: displayName(person), lines: lines.toReversed() };
  };

  /** The pages of a former group are not open to a fellow any more; staff may look everywhere. */
  async function openGroupOf(scope: CourseScope, visit: Visit): Promise<string | null> {
    if (visit.role !== 'fellow') return 'all';
    const { groupsVersion } = await course.courses.select(scope);
    return (await groups.membershipOf(scope, groupsVersion, visit.personId))?.groupId ?? null;
  }

  async function titlesOf(scope: CourseScope, points: readonly Point[]) {
    const titles = new Map<string, { title: string; path: string | null }>();
    for (const one of evidenceKinds()) {
      const ids = points.filter(({ kind }) => kind === one.kind).map(({ opportunityId }) => opportunityId);
      if (ids.length === 0) continue;
      for (const [id, named] of await one.titles(scope, ids)) titles.set(`${one.kind}/${id}`, named);
    }
    return titles;
  }
}
export type ReceiptOf = ReturnType<typeof createReceipts>;

function worthOf(weight: Point['weight'], counted: number): number | null {
  if (weight === 'missed') return 0;
  return weight === 'met' ? Math.round(10_000 / counted) / 100 : null;
}
