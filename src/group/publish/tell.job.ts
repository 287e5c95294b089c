import type { NoticeParams, NoticeStore, Told } from '../../notices/notices.store.ts';
import type { CourseScope } from '../../scope.ts';
import type { GroupStore } from '../groups/groups.store.ts';
import type { NamedGroup } from '../groups/publish-writes.store.ts';
import type { PlanRow } from './plans.store.ts';

export type TellDeps = { readonly groups: GroupStore; readonly notices: NoticeStore };
/** A notice before it is known who of a group reads it. */
type Words = { readonly kind: string; readonly params: NoticeParams };

/** What the group reads of whoever is in none because of what they are in the course. */
const GONE: Partial<Record<PlanRow['cause'], string>> = {
  left: 'member_left_course',
  other_role: 'member_not_fellow',
};
/** Rows told of at once. */
const BATCH = 500;

/** What a change of groups tells the person, by cause. */
export function wordsForPerson(row: PlanRow, groups: ReadonlyMap<string, NamedGroup>): Words | null {
  const { fromGroupId, toGroupId, cause, at, meets, guest } = row;
  const to = groups.get(toGroupId ?? '');
  const from = groups.get(fromGroupId ?? '');
  if (cause === 'left' || cause === 'other_role') return null;
  if (to === undefined)
    return { kind: 'taken_out', params: { group: from?.name ?? '–', day: at, why: 'notices:next.none' } };
  const params = { group: to.name, track: to.track, place: to.place, day: at };
  if (from !== undefined) return { kind: 'moved', params: { ...params, from: from.name } };
  if (cause === 'late') return { kind: 'joined', params: { ...params, why: whyOf(guest, meets ?? to.rung) } };
  return { kind: cause === 'staff' ? 'added' : 'placed', params };
}

/** Why a late joiner is in this group, by where their places meet. */
function whyOf(guest: boolean, meets: string): string {
  return guest ? `notices:why.guest_${meets}` : `notices:why.${meets}`;
}

/** What it tells those who were in the groups before, of the group that is left and of the one that is joined. */
export function wordsForOthers(row: PlanRow, groups: ReadonlyMap<string, NamedGroup>) {
  const { personId: whoId, fromGroupId, toGroupId, cause, at: day } = row;
  const to = groups.get(toGroupId ?? '')?.name;
  const words: (Words & { groupId: string })[] = [];
  if (fromGroupId !== null) {
    const kind = GONE[cause] ?? (to === undefined ? 'member_left' : 'member_moved');
    words.push({ groupId: fromGroupId, kind, params: { whoId, day, ...(to === undefined ? {} : { to }) } });
  }
  if (toGroupId !== null && cause !== 'formed')
    words.push({ groupId: toGroupId, kind: 'member_joined', params: { whoId, day } });
  return words;
}

/** Writes what a publish tells, before it is seen; read from its version on. May be done twice. */
export async function tellOf(
  { groups, notices }: TellDeps,
  scope: CourseScope,
  planId: string,
  version: number,
  rows: readonly PlanRow[],
): Promise<void> {
  const going = new Set(rows.map(({ personId }) => personId));
  for (let start = 0; start < rows.length; start += BATCH) {
    const batch = rows.slice(start, start + BATCH);
    const ids = batch.flatMap(({ fromGroupId, toGroupId }) =>
      [fromGroupId, toGroupId].filter((id) => id !== null),
    );
    const named = await groups.named(scope, ids);
    const shared = batch.flatMap((row) => wordsForOthers(row, named));
    const members = await groups.membersOf(scope, version - 1, [
      ...new Set(shared.map(({ groupId }) => groupId)),
    ]);
    const others = (groupId: string): string[] =>
      members.flatMap((one) => (one.groupId === groupId && !going.has(one.personId) ? [one.personId] : []));
    const told: Told[] = batch.flatMap((row) => {
      const words = wordsForPerson(row, named);
      return words === null ? [] : [{ ...words, to: [row.personId], dedupeKey: `${planId}:own` }];
    });
    for (const { groupId, kind, params } of shared)
      told.push({
        kind,
        params,
        to: others(groupId),
        dedupeKey: `${planId}:${kind}:${String(params['whoId'])}`,
      });
    await notices.notify(
      scope,
      told.map((one) => ({ ...one, fromVersion: version })),
    );
  }
}
