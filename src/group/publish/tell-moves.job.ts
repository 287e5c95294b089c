import type { CourseStores } from '../../course/room.ts';
import type { NoticeParams, NoticeStore, Told } from '../../notices/notices.store.ts';
import type { CourseScope } from '../../scope.ts';
import type { GroupStore } from '../groups/groups.store.ts';
import type { Move, MoveStore } from './moves.store.ts';

export type TellMovesDeps = {
  readonly clock: () => Date;
  readonly course: CourseStores;
  readonly groups: GroupStore;
  readonly moves: MoveStore;
  readonly notices: NoticeStore;
};
/** A move with the names of its groups; `to` is null for whoever is to be in no group for now. */
export type MoveNames = { readonly from: string; readonly to: { name: string; place: string } | null };

const MOST_MEMBERS_READ = 1_000;

/** What the groups of these moves are called, also those that are only to come. */
export async function nameMoves(
  groups: GroupStore,
  scope: CourseScope,
  moves: readonly Move[],
): Promise<(move: Move) => MoveNames> {
  const ids = moves.flatMap(({ fromGroupId, toGroupId }) => [fromGroupId, toGroupId ?? '']);
  const named = await groups.named(scope, [...new Set(ids)]);
  return ({ fromGroupId, toGroupId, toName, toPlace }) => {
    const there = named.get(toGroupId ?? '');
    const to = { name: there?.name ?? toName ?? '–', place: there?.place ?? toPlace ?? '–' };
    return { from: named.get(fromGroupId)?.name ?? '–', to: toGroupId === null ? null : to };
  };
}

/** Keeps what people are told of a move in step with the move. */
export function createMoveTeller({ clock, course, groups, moves, notices }: TellMovesDeps) {
  /** Of a move as it is: to the person, and to the others of both groups. */
  async function partiesOf(scope: CourseScope, move: Move) {
    const { fromGroupId, toGroupId, personId } = move;
    const { from, to } = (await nameMoves(groups, scope, [move]))(move);
    const { groupsVersion } = await course.courses.select(scope);
    const ids = [fromGroupId, ...(toGroupId === null ? [] : [toGroupId])];
    const members = (await groups.membersOf(scope, groupsVersion, ids)).slice(0, MOST_MEMBERS_READ);
    const others = (groupId: string | null): string[] =>
      members.flatMap((one) => (one.groupId === groupId && one.personId !== personId ? [one.personId] : []));
    const name = to?.name ?? '';
    return {
      words: { from, group: name, to: name },
      ...{ own: [personId], stay: others(fromGroupId), host: others(toGroupId) },
    };
  }

  async function announcement(scope: CourseScope, move: Move): Promise<Told[]> {
    const { id, personId, toGroupId, dueAt } = move;
    const { words, own, stay, host } = await partiesOf(scope, move);
    const out = toGroupId === null;
    const told = (kind: string, to: readonly string[], more: NoticeParams): Told => ({
      ...{ kind, to, params: { ...words, day: dueAt, ...more }, about: id },
      dedupeKey: `${id}:${kind}`,
    });
    const day = dueAt > clock() ? dueAt : clock();
    return [
      told(out ? 'out_planned' : 'move_planned', own, { move: id }),
      told(out ? 'out_planned_others' : 'move_planned_out', stay, { whoId: personId }),
      ...(out ? [] : [told('move_planned_in', host, { whoId: personId })]),
      ...(move.kept ? [told(out ? 'out_kept' : 'move_kept', own, { day })] : []),
    ];
  }

  /** That the move will not be, to everybody who was told that it would. */
  async function end(scope: CourseScope, move: Move): Promise<Told[]> {
    const { id, personId, toGroupId, state } = move;
    const { words, own, stay, host } = await partiesOf(scope, move);
    const told = (kind: string, to: readonly string[], params: NoticeParams): Told => ({
      ...{ kind, to, params, dedupeKey: `${id}:${kind}` },
    });
    const ownKind = state === 'full' ? 'move_full' : toGroupId === null ? 'out_withdrawn' : 'move_withdrawn';
    return [
      told(ownKind, own, words),
      told('move_withdrawn_out', stay, { whoId: personId }),
      told('move_withdrawn_in', host, { whoId: personId }),
    ];
  }

  /** Tells what is so now, and takes back what is not so any more. May be done twice, and by two at once. */
  async function settle(scope: CourseScope, id: string): Promise<void> {
    for (;;) {
      const move = await moves.find(scope, id);
      if (move === null) return;
      if (move.state !== 'announced') await notices.withdraw(scope, id);
      if (move.state === 'announced') await notices.notify(scope, await announcement(scope, move));
      else if (move.state !== 'done' && move.state !== 'void')
        await notices.notify(scope, await end(scope, move));
      // Where it went on meanwhile, what was just told may be wrong by now.
      if (await moves.markTold(scope, move)) return;
    }
  }

  /** To the group that was to be joined, where the person has gone to another one by another way. */
  async function notComing(scope: CourseScope, move: Move): Promise<void> {
    const { host } = await partiesOf(scope, move);
    const params = { whoId: move.personId };
    const dedupeKey = `${move.id}:move_withdrawn_in`;
    await notices.notify(scope, [{ kind: 'move_withdrawn_in', to: host, params, dedupeKey }]);
  }
  return { settle, notComing };
}
