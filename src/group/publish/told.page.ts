import type { NoticeParams } from '../../notices/notices.store.ts';
import type { NamedGroup } from '../groups/publish-writes.store.ts';
import type { Draft } from './draft.job.ts';
import type { PlanRow } from './plans.store.ts';
import { wordsForOthers, wordsForPerson } from './tell.job.ts';

/** A notice as it is shown before it is given: how many read one like it, and the first of them as it will be. */
export type Telling = { readonly kind: string; readonly count: number; readonly params: NoticeParams };

/**
 * Who is told what by a publish, kind by kind.
 * @param groups the groups there are and are to be, by id
 * @param sizes how many belong to each group now
 * @param dueAt when moves take effect
 */
export function tellingsOf(
  { rows, moves }: Pick<Draft, 'rows' | 'moves'>,
  groups: ReadonlyMap<string, NamedGroup>,
  sizes: ReadonlyMap<string, number>,
  dueAt: Date,
): Telling[] {
  const tellings = new Map<string, Telling>();
  const tell = (kind: string, params: NoticeParams, count = 1): void => {
    if (count === 0) return;
    const known = tellings.get(kind);
    tellings.set(kind, { kind, params: known?.params ?? params, count: (known?.count ?? 0) + count });
  };
  for (const row of rows) {
    const own = wordsForPerson(row, groups);
    if (own !== null) tell(own.kind, own.params);
    for (const { groupId, kind, params } of wordsForOthers(row, groups))
      tell(kind, params, othersIn(sizes, groupId, row));
  }
  for (const row of moves) {
    const { personId: whoId, fromGroupId, toGroupId } = row;
    const from = groups.get(fromGroupId ?? '')?.name ?? '–';
    const to = groups.get(toGroupId ?? '')?.name ?? '–';
    const words = { from, to, group: to, day: dueAt, whoId };
    const out = toGroupId === null;
    tell(out ? 'out_planned' : 'move_planned', words);
    tell(out ? 'out_planned_others' : 'move_planned_out', words, othersIn(sizes, fromGroupId ?? '', row));
    if (!out) tell('move_planned_in', words, othersIn(sizes, toGroupId, row));
  }
  return [...tellings.values()];
}

function othersIn(sizes: ReadonlyMap<string, number>, groupId: string, { fromGroupId }: PlanRow): number {
  const size = sizes.get(groupId) ?? 0;
  return Math.max(0, fromGroupId === groupId ? size - 1 : size);
}
