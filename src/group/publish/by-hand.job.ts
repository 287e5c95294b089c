import { newId } from '../../database/index.ts';
import { Conflict } from '../../errors.ts';
import type { Warning } from '../../formation/updates/effects.ts';
import type { Jobs } from '../../jobs/index.ts';
import type { CourseScope } from '../../scope.ts';
import { publishRows } from './bind.job.ts';
import type { FinishDeps, Step } from './finish.job.ts';
import { enqueueJoin } from './join.job.ts';
import type { Mover } from './move.job.ts';
import type { Move, MoveStore } from './moves.store.ts';
import type { LiveGroup } from './open-groups.store.ts';

export type HandDeps = FinishDeps & {
  readonly clock: () => Date;
  readonly jobs: Jobs;
  readonly moves: MoveStore;
  readonly mover: Mover;
};
/** What staff decided of one person, as they saw it. */
export type Change = {
  readonly personId: string;
  readonly fromGroupId: string | null;
  /** Null: out of every group. */
  readonly target: LiveGroup | null;
  readonly guest: boolean;
  readonly warnings: readonly Warning[];
  readonly by: string;
  readonly at: Date;
};

const DAY_MS = 24 * 3_600_000;

/** Moves by hand. The audit is written before the act, so that no act is without its line, and again where it fails. */
export function createHand(deps: HandDeps) {
  const { course, groups, appointments, jobs, mover } = deps;
  const linesOf = (scope: CourseScope, { personId, by, fromGroupId: from, target, warnings }: Change) => {
    const details = { from, to: target?.id ?? null, warnings: warnings.join(' ') };
    return (action: string, more: Record<string, string> = {}) =>
      course.audit.note(scope, by, action, personId, { ...details, ...more });
  };

  /**
   * Announces a move with days of grace, in place of one that was planned before; the same one stays as it is.
   * @throws Conflict where the one planned before is being carried out, or somebody else plans another one just now
   */
  async function plan(
    scope: CourseScope,
    change: Change & { readonly fromGroupId: string },
    planned: Move | null,
    graceDays: number,
  ): Promise<void> {
    const { personId, fromGroupId, target, guest, by, at } = change;
    const toGroupId = target?.id ?? null;
    if (planned?.toGroupId === toGroupId && planned.fromGroupId === fromGroupId) return;
    const note = linesOf(scope, change);
    if (planned !== null) {
      await course.audit.note(scope, by, 'withdraw_move', personId, { move: planned.id });
      if (!(await mover.withdraw(scope, planned.id))) {
        await course.audit.note(scope, by, 'withdraw_move_refused', personId, { move: planned.id });
        throw new Conflict('move_gone');
      }
    }
    const dueAt = new Date(at.getTime() + graceDays * DAY_MS);
    const where = { fromGroupId, toGroupId, toName: target?.name ?? null, toPlace: target?.place ?? null };
    const confirmedSize = target === null ? null : target.people.length + target.promised + 1;
    const move = { id: newId(), personId, ...where, confirmedSize, guest, proposalId: null, dueAt, by };
    await note('plan_move', { move: move.id, dueAt: dueAt.toISOString() });
    const stands = await mover.announce(scope, [{ ...move, cause: 'staff' }]);
    if (stands.length > 0) return;
    await note('plan_move_refused', { move: move.id });
    throw new Conflict('move_planned_meanwhile');
  }

  /**
   * Moves at once; what was planned before is over with it.
   * @throws Unavailable where a publish was quicker; then nothing has changed
   */
  async function move(
    scope: CourseScope,
    change: Change,
    planned: Move | null,
    version: number,
  ): Promise<void> {
    const { personId, fromGroupId, target, guest, by, at } = change;
    const note = linesOf(scope, change);
    const to = { toGroupId: target?.id ?? null, guest };
    const row = { personId, fromGroupId, ...to, cause: 'staff' as const, meets: null, at };
    await note('move_person');
    const plan = { proposalId: null, publication: null, by, at };
    const steps: Step[] = [];
    try {
      await publishRows(deps, scope, version, plan, [row], (step) => void steps.push(step));
    } catch (error) {
      // Once it is bound it is carried out, by whichever worker.
      if (!steps.includes('bound')) await note('move_person_refused');
      throw error;
    }
    if (planned !== null) {
      await mover.overtake(scope, planned, to.toGroupId);
      await course.audit.note(scope, by, 'withdraw_move', personId, { move: planned.id });
    }
    if (fromGroupId !== null) await enqueueJoin(jobs, scope);
  }

  /**
   * Gives back the office that ended with the membership which an undo takes up again.
   * @returns whether they hold it again, or somebody else holds it meanwhile; null where none had ended
   */
  async function giveBack(scope: CourseScope, personId: string, groupId: string, by: string) {
    const { groupsVersion } = await course.courses.select(scope);
    const [held, history] = await Promise.all([
      appointments.heldBy(scope, personId),
      groups.historyOf(scope, groupsVersion, [personId]),
    ]);
    const ends = history.flatMap((one) => (one.groupId === groupId && one.until ? [+one.until] : []));
    const last = held.findLast((one) => one.groupId === groupId);
    // One that ended at another moment was ended by somebody, not by the move.
    if (last?.until == null || +last.until !== Math.max(...ends)) return null;
    const { office } = last;
    const back = await appointments.fill(scope, { groupId, personId, office, by, instead: null });
    if (back) await course.audit.note(scope, by, 'appoint', groupId, { office, personId, replaced: null });
    return `${office}_${back ? 'back' : 'taken'}` as const;
  }
  return { plan, move, giveBack };
}
