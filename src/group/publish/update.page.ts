import type { CourseStores } from '../../course/room.ts';
import { displayName } from '../../course/roster/enrolments.store.ts';
import type { Proposal, ProposalStore } from '../../formation/proposals/proposals.store.ts';
import type { Arrival, UpdateFacts } from '../../formation/updates/facts.ts';
import type { CourseScope } from '../../scope.ts';
import type { GroupStore } from '../groups/groups.store.ts';
import type { AppointmentStore } from '../leadership/appointments.store.ts';

export type UpdatePageDeps = {
  readonly course: CourseStores;
  readonly proposals: ProposalStore;
  readonly groups: GroupStore;
  readonly appointments: AppointmentStore;
};
type Coming = Arrival & { readonly to: string };

const MOST_SHOWN = 100;

/** An update as staff weigh it: who joins, leaves and moves and why, beside moving nobody and beginning afresh. */
export async function updateModel(
  { course, proposals, groups, appointments }: UpdatePageDeps,
  scope: CourseScope,
  proposal: Proposal,
  update: UpdateFacts,
): Promise<object> {
  const joining: Coming[] = [];
  const moving: Coming[] = [];
  const opened: string[] = [];
  for await (const page of proposals.eachGroup(scope, proposal))
    for (const { name, keeps, arrivals = [] } of page) {
      if (keeps == null && opened.length < MOST_SHOWN) opened.push(name);
      for (const one of arrivals) {
        const list = one.fromGroupId === null ? joining : moving;
        if (list.length < MOST_SHOWN) list.push({ ...one, to: name });
      }
    }
  const { leftIds, changedFirst } = update;
  const ids = [...joining, ...moving, ...changedFirst].map(({ personId }) => personId);
  const before = [...new Set(moving.map(({ fromGroupId }) => fromGroupId ?? ''))];
  const [people, named, officers] = await Promise.all([
    course.enrolments.findMany(scope, [...new Set([...ids, ...leftIds])]),
    groups.named(scope, before),
    appointments.current(scope, before),
  ]);
  /** An office ends with the membership. */
  const officeOf = ({ personId, fromGroupId }: Coming) =>
    officers.find((one) => one.personId === personId && one.groupId === fromGroupId)?.office ?? null;
  const names = new Map(people.map((one) => [one.personId, displayName(one)]));
  const nameOf = (personId: string): string => names.get(personId) ?? '–';
  return {
    proposal,
    update,
    opened,
    joining: joining.map((one) => ({ ...one, name: nameOf(one.personId) })),
    moving: moving.map((one) => ({
      ...one,
      name: nameOf(one.personId),
      from: named.get(one.fromGroupId ?? '')?.name ?? '–',
      office: officeOf(one),
    })),
    leaving: leftIds.map((personId) => ({ personId, name: nameOf(personId) })),
    changed: changedFirst.map((one) => ({ ...one, name: nameOf(one.personId) })),
    sides: (['stay', 'now', 'fresh'] as const).map((key) => ({ key, ...update[key] })),
  };
}
