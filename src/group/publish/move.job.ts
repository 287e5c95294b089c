import { DEFAULT_RULES } from '../../formation/engine/types.ts';
import type { Jobs, Work } from '../../jobs/index.ts';
import type { Told } from '../../notices/notices.store.ts';
import type { CourseScope } from '../../scope.ts';
import { publishRows } from './bind.job.ts';
import { type Checkpoint, type FinishDeps, finishPublish } from './finish.job.ts';
import type { Move, MoveStore, NewMove } from './moves.store.ts';
import type { PlanRow } from './plans.store.ts';

export type MoveDeps = FinishDeps & { readonly clock: () => Date; readonly moves: MoveStore };

export const MOVE = 'move';
const MOST_MEMBERS_READ = 1_000;

export function enqueueMoves(jobs: Jobs, scope: CourseScope): Promise<{ jobId: string }> {
  return jobs.enqueue({ kind: MOVE, courseId: scope.courseId, key: MOVE, payload: {} });
}

/** Moves that are told before they take effect: announced with days of grace, carried out when the day has come. */
export function createMover(deps: MoveDeps) {
  const { clock, course, groups, moves, notices, proposals } = deps;

  /**
   * Tells the fellow and both groups of each move. May be done twice: a move and a notice are written once.
   * @param names of groups that are not there yet
   */
  async function announce(
    scope: CourseScope,
    planned: readonly NewMove[],
    names: ReadonlyMap<string, string> = new Map(),
  ): Promise<readonly Move[]> {
    const stands = await moves.announce(scope, planned);
    for (const move of stands) await notices.notify(scope, await announcementOf(scope, move, names));
    return stands;
  }

  async function announcementOf(
    scope: CourseScope,
    { id, personId, fromGroupId, toGroupId, dueAt }: Move,
    names: ReadonlyMap<string, string>,
  ): Promise<Told[]> {
    const ids = [fromGroupId, ...(toGroupId === null ? [] : [toGroupId])];
    const named = await groups.named(scope, ids);
    const nameOf = (groupId: string | null): string =>
      named.get(groupId ?? '')?.name ?? names.get(groupId ?? '') ?? '–';
    const members = await membersOf(scope, ids);
    const others = (groupId: string | null): string[] =>
      members.flatMap((one) => (one.groupId === groupId && one.personId !== personId ? [one.personId] : []));
    const words = { from: nameOf(fromGroupId), group: nameOf(toGroupId), to: nameOf(toGroupId), day: dueAt };
    const out = toGroupId === null;
    const told = (kind: string, to: readonly string[], params: Told['params']): Told => ({
      ...{ kind, to, params, about: id },
      dedupeKey: `${id}:${kind}`,
    });
    return [
      told(out ? 'out_planned' : 'move_planned', [personId], { ...words, move: id }),
      told(out ? 'out_planned_others' : 'move_planned_out', others(fromGroupId), {
        ...words,
        whoId: personId,
      }),
      ...(out ? [] : [told('move_planned_in', others(toGroupId), { ...words, whoId: personId })]),
    ];
  }

  const membersOf = async (scope: CourseScope, groupIds: readonly string[]) => {
    const { groupsVersion } = await course.courses.select(scope);
    return (await groups.membersOf(scope, groupsVersion, groupIds)).slice(0, MOST_MEMBERS_READ);
  };

  /** The move will not be: its notices go, and whoever had one is told. */
  async function withdraw(scope: CourseScope, id: string): Promise<boolean> {
    const move = await moves.find(scope, id);
    if (move === null || !(await moves.end(scope, id, 'withdrawn'))) return false;
    await notices.withdraw(scope, id);
    const { personId, fromGroupId, toGroupId } = move;
    const named = await groups.named(scope, [fromGroupId, toGroupId ?? '']);
    const words = {
      from: named.get(fromGroupId)?.name ?? '–',
      group: named.get(toGroupId ?? '')?.name ?? '–',
    };
    const members = await membersOf(scope, [fromGroupId, toGroupId ?? '']);
    const others = (groupId: string | null): string[] =>
      members.flatMap((one) => (one.groupId === groupId && one.personId !== personId ? [one.personId] : []));
    await notices.notify(scope, [
      { kind: 'move_withdrawn', to: [personId], params: words, dedupeKey: `${id}:withdrawn` },
      ...[
        { kind: 'move_withdrawn_out', to: others(fromGroupId) },
        { kind: 'move_withdrawn_in', to: others(toGroupId) },
      ].map((one) => ({ ...one, params: { whoId: personId }, dedupeKey: `${id}:${one.kind}` })),
    ]);
    return true;
  }

  /** Staff read the objection and keep the move; the fellow is told. */
  async function keep(scope: CourseScope, id: string): Promise<boolean> {
    const move = await moves.find(scope, id);
    if (move === null || !(await moves.keep(scope, id))) return false;
    const { personId, fromGroupId, toGroupId, dueAt } = move;
    const named = await groups.named(scope, [fromGroupId, toGroupId ?? '']);
    const day = dueAt > clock() ? dueAt : clock();
    const params = {
      from: named.get(fromGroupId)?.name ?? '–',
      group: named.get(toGroupId ?? '')?.name ?? '–',
      day,
    };
    const told = { kind: 'move_kept', to: [personId], params, about: id, dedupeKey: `${id}:kept` };
    await notices.notify(scope, [told]);
    return true;
  }

  /**
   * Carries out the moves whose day has come, those of one proposal in one publish. A move that is not true any more (the
   * person is elsewhere, or the group is full) is void, and its notices go.
   * @throws Unavailable (to be tried again) where a publish was quicker
   */
  async function carryOut(scope: CourseScope, checkpoint: Checkpoint = () => undefined): Promise<number> {
    const { publishing } = await course.courses.select(scope);
    if (publishing !== null) await finishPublish(deps, scope, publishing, checkpoint);
    const due = await moves.due(scope, clock());
    let count = 0;
    for (const proposalId of new Set(due.map((move) => move.proposalId))) {
      const own = due.filter((move) => move.proposalId === proposalId);
      const { groupsVersion: version } = await course.courses.select(scope);
      const { rows, done, over } = await sortOut(scope, version, own);
      const at = clock();
      const plan = { proposalId, publication: null, by: own[0]?.by ?? '', at };
      if (rows.length > 0) await publishRows(deps, scope, version, plan, rows, checkpoint);
      for (const { id } of [...done, ...over]) await notices.withdraw(scope, id);
      for (const { id } of done) await moves.end(scope, id, 'done');
      for (const { id } of over) await moves.end(scope, id, 'void');
      count += rows.length;
    }
    return count;
  }

  async function sortOut(scope: CourseScope, version: number, due: readonly Move[]) {
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
    return {
      rows: go.map((move) => rowOf(move, clock())),
      done,
      over: due.filter((one) => !done.includes(one)),
    };
  }
  return { announce, withdraw, keep, carryOut };
}
export type Mover = ReturnType<typeof createMover>;

/** Leaves out, last first, whoever would make a group too large once all have moved. */
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
    const last = go.findLastIndex(({ toGroupId }) => toGroupId !== null && (sizes.get(toGroupId) ?? 0) > max);
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
    run: ({ scope, signal }: Work<object>) => mover.carryOut(scope, () => signal.throwIfAborted()),
  });
}
