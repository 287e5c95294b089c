import { DEFAULT_RULES } from '../../formation/engine/types.ts';
import type { Jobs, Work } from '../../jobs/index.ts';
import type { CourseScope } from '../../scope.ts';
import { publishRows } from './bind.job.ts';
import { type Checkpoint, type FinishDeps, finishPublish } from './finish.job.ts';
import { enqueueJoin } from './join.job.ts';
import type { Move, MoveStore, NewMove } from './moves.store.ts';
import type { PlanRow } from './plans.store.ts';
import { createMoveTeller } from './tell-moves.job.ts';

export type MoveDeps = FinishDeps & { readonly clock: () => Date; readonly moves: MoveStore };

export const MOVE = 'move';

export function enqueueMoves(jobs: Jobs, scope: CourseScope): Promise<{ jobId: string }> {
  return jobs.enqueue({ kind: MOVE, courseId: scope.courseId, key: MOVE, payload: {} });
}

/** Moves that are told before they take effect: announced with days of grace, carried out when the day has come. */
export function createMover(deps: MoveDeps) {
  const { clock, course, moves, notices } = deps;
  const { settle, notComing } = createMoveTeller(deps);

  /** Tells the fellow and both groups of each move; answers those that stand. A move and a notice are written once. */
  async function announce(scope: CourseScope, planned: readonly NewMove[]): Promise<readonly Move[]> {
    const stands = await moves.announce(scope, planned);
    for (const { id } of stands) await settle(scope, id);
    return stands;
  }

  /** The move will not be: its notices go, and whoever had one is told. False where it is too late. */
  async function withdraw(scope: CourseScope, id: string): Promise<boolean> {
    if (!(await moves.withdraw(scope, id))) return false;
    await settle(scope, id);
    return true;
  }

  /** Staff read the objection and keep the move; the fellow is told. */
  async function keep(scope: CourseScope, id: string): Promise<boolean> {
    if (!(await moves.keep(scope, id))) return false;
    await settle(scope, id);
    return true;
  }

  /** The person is in this group, or in none, by another way, of which they are told: the move is over. */
  async function overtake(scope: CourseScope, move: Move, groupId: string | null): Promise<void> {
    await notices.withdraw(scope, move.id);
    if (move.toGroupId !== null && move.toGroupId !== groupId) await notComing(scope, move);
    await moves.end(scope, move.id, 'void');
  }

  /** Is there a move whose day has come, or of which somebody is still to be told? */
  async function needsWork(scope: CourseScope): Promise<boolean> {
    const [due, owed] = await Promise.all([moves.due(scope, clock()), moves.owed(scope)]);
    return due.length + owed.length > 0;
  }

  /**
   * Carries out the moves whose day has come, those of one proposal in one publish. A move that is not true any more (the
   * person is elsewhere, or the group is full) is void, and its notices go. They are taken first, so that nobody withdraws
   * one that is being carried out; a taken one is carried out or void, by whoever goes on.
   * @throws Unavailable (to be tried again) where a publish was quicker
   */
  async function carryOut(scope: CourseScope, checkpoint: Checkpoint = () => undefined): Promise<number> {
    const { publishing } = await course.courses.select(scope);
    if (publishing !== null) await finishPublish(deps, scope, publishing, checkpoint);
    for (const { id } of await moves.owed(scope)) await settle(scope, id);
    const due = await moves.claim(scope, clock());
    let count = 0;
    for (const proposalId of new Set(due.map((move) => move.proposalId))) {
      const own = due.filter((move) => move.proposalId === proposalId);
      const { groupsVersion: version } = await course.courses.select(scope);
      const { rows, done, over, full } = await sortOut(deps, scope, version, own);
      const plan = { proposalId, publication: null, by: own[0]?.by ?? '', at: clock() };
      if (rows.length > 0) await publishRows(deps, scope, version, plan, rows, checkpoint);
      for (const { id } of [...done, ...over]) await notices.withdraw(scope, id);
      for (const { id } of done) await moves.end(scope, id, 'done');
      for (const { id } of over) await moves.end(scope, id, 'void');
      for (const { id } of full) if (await moves.end(scope, id, 'full')) await settle(scope, id);
      count += rows.length;
    }
    return count;
  }
  return {
    toCome: (scope: CourseScope) => moves.all(scope),
    announce,
    withdraw,
    keep,
    overtake,
    needsWork,
    carryOut,
  };
}
export type Mover = ReturnType<typeof createMover>;

/** Which of these moves are still true, were carried out before, are not true any more, or find no seat. */
async function sortOut(
  { clock, course, groups, proposals }: MoveDeps,
  scope: CourseScope,
  version: number,
  due: readonly Move[],
) {
  const places = await groups.places(scope, version);
  const people = await course.enrolments.findMany(
    scope,
    due.map(({ personId }) => personId),
  );
  const fellows = new Set(
    people.flatMap(({ personId, state, role }) =>
      state === 'active' && role === 'fellow' ? [personId] : [],
    ),
  );
  const isDone = (move: Move): boolean => (places.get(move.personId) ?? null) === move.toGroupId;
  const stays = due.filter(
    (move) => fellows.has(move.personId) && places.get(move.personId) === move.fromGroupId && !isDone(move),
  );
  const newest = (await proposals.list(scope, 100)).find(({ state }) => state === 'published');
  const go = withRoom(stays, places, (newest?.rules ?? DEFAULT_RULES).max);
  const going = new Set(go.map(({ id }) => id));
  const done = due.filter((move) => going.has(move.id) || isDone(move));
  const full = stays.filter(({ id }) => !going.has(id));
  return {
    rows: go.map((move) => rowOf(move, clock())),
    done,
    full,
    over: due.filter((one) => !done.includes(one) && !full.includes(one)),
  };
}

/**
 * Leaves out, last first, whoever would make a group too large once all have moved: larger than the rules have it, and
 * than staff who planned it saw it become.
 */
function withRoom(stays: readonly Move[], places: ReadonlyMap<string, string>, max: number): Move[] {
  const go = [...stays];
  const before = new Map<string, number>();
  for (const groupId of places.values()) before.set(groupId, (before.get(groupId) ?? 0) + 1);
  for (;;) {
    const sizes = new Map(before);
    for (const { fromGroupId, toGroupId } of go) {
      sizes.set(fromGroupId, (sizes.get(fromGroupId) ?? 0) - 1);
      if (toGroupId !== null) sizes.set(toGroupId, (sizes.get(toGroupId) ?? 0) + 1);
    }
    const last = go.findLastIndex(
      ({ toGroupId, confirmedSize }) =>
        toGroupId !== null && (sizes.get(toGroupId) ?? 0) > Math.max(max, confirmedSize ?? 0),
    );
    if (last === -1) return go;
    go.splice(last, 1);
  }
}

function rowOf({ personId, fromGroupId, toGroupId, guest, cause }: Move, at: Date): PlanRow {
  return { personId, fromGroupId, toGroupId, guest, cause, meets: null, at };
}

export function defineMoves(jobs: Jobs, mover: Mover): void {
  jobs.define(MOVE, {
    attempts: 10,
    run: async ({ scope, signal }: Work<object>) => {
      const count = await mover.carryOut(scope, () => signal.throwIfAborted());
      // Whoever waits for a seat that somebody had to leave, or for a group that somebody had to open, has it now.
      if (count > 0) await enqueueJoin(jobs, scope);
      return count;
    },
  });
}
