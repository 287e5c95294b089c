import type { CourseStores } from '../../course/room.ts';
import { displayName } from '../../course/roster/enrolments.store.ts';
import { NotFound } from '../../errors.ts';
import { DEFAULT_RULES, type FormationPerson } from '../../formation/engine/types.ts';
import { readPeople } from '../../formation/proposals/people.store.ts';
import type { ProposalStore } from '../../formation/proposals/proposals.store.ts';
import type { SetupStore } from '../../formation/setup/setup.store.ts';
import { effectsOf } from '../../formation/updates/effects.ts';
import type { CourseScope } from '../../scope.ts';
import type { GroupStore } from '../groups/groups.store.ts';
import type { AppointmentStore } from '../leadership/appointments.store.ts';
import type { MoveStore } from './moves.store.ts';
import { type LiveGroup, readOpenGroups, withPairs } from './open-groups.store.ts';
import { nameMoves } from './tell-moves.job.ts';
import type { WaitingStore } from './waiting.store.ts';

export type PersonPageDeps = {
  readonly course: CourseStores;
  readonly proposals: ProposalStore;
  readonly groups: GroupStore;
  readonly appointments: AppointmentStore;
  readonly setup: SetupStore;
  readonly moves: MoveStore;
  readonly waiting: WaitingStore;
};
/** What a form says instead of a group: out of every group. */
export const OUT = 'out';

/** One fellow and the groups they may be put in, for staff. */
export function createPersonPage(deps: PersonPageDeps) {
  const { course, proposals, groups, appointments, moves, waiting } = deps;

  /** @throws NotFound for whoever is no fellow of the course */
  async function here(scope: CourseScope, personId: string) {
    const [enrolment, { groupsVersion: version, settings }, list] = await Promise.all([
      course.enrolments.find(scope, personId),
      course.courses.select(scope),
      proposals.list(scope, 100),
    ]);
    if (enrolment === null) throw new NotFound();
    const fellow = enrolment.state === 'active' && enrolment.role === 'fellow';
    const [known] = await readPeople(course, scope, [personId]);
    const membership = await groups.membershipOf(scope, version, personId);
    const current = membership === null ? null : await groups.find(scope, version, membership.groupId);
    const tracks = new Set([known?.track ?? '', current?.track ?? '']);
    const open = await readOpenGroups(deps, scope, version, tracks, new Set());
    const [soon, planned] = await Promise.all([moves.promised(scope), moves.announcedTo(scope, personId)]);
    // A seat that is promised to this person is none that others take from them.
    for (const group of open)
      group.promised = (soon.get(group.id) ?? 0) - (planned?.toGroupId === group.id ? 1 : 0);
    const [person = known] = await withPairs(deps, scope, open, known === undefined ? [] : [known]);
    if (person === undefined) throw new NotFound();
    const rules = list.find(({ state }) => state === 'published')?.rules ?? DEFAULT_RULES;
    return { ...{ enrolment, fellow, version, settings, membership, current, person, open, rules, planned } };
  }
  type Here = Awaited<ReturnType<typeof here>>;

  /** The group that a form means: one there is, or none for OUT; undefined where it means neither. */
  function targetOf({ open }: Here, to: string): LiveGroup | null | undefined {
    return to === OUT ? null : open.find(({ id }) => id === to);
  }

  function effects({ open, person, membership, rules }: Here, target: LiveGroup | null) {
    const from = open.find(({ id }) => id === membership?.groupId) ?? null;
    return effectsOf(person, from, target, rules);
  }

  /** @param to the group that is asked about; '' for none yet */
  async function model(scope: CourseScope, personId: string, to: string) {
    const found = await here(scope, personId);
    const { enrolment, membership, current, open, person, rules, version, settings, fellow, planned } = found;
    const [reason, history, offices] = await Promise.all([
      waiting.reasonOf(scope, personId),
      groups.historyOf(scope, version, [personId]),
      appointments.current(scope, current === null ? [] : [current.id]),
    ]);
    const options = optionsFor(open, person, membership?.groupId ?? null, rules.max);
    const target = to === '' ? undefined : targetOf(found, to);
    const named = await groups.named(
      scope,
      history.map(({ groupId }) => groupId),
    );
    const plannedTo = planned === null ? null : (await nameMoves(groups, scope, [planned]))(planned).to;
    return {
      fellow: { personId, name: displayName(enrolment), track: person.track, here: fellow },
      published: version > 0,
      current: current === null ? null : { ...current, from: membership?.from },
      planned:
        planned === null
          ? null
          : {
              ...planned,
              group: plannedTo?.name ?? null,
              link: options.some(({ id }) => id === planned.toGroupId),
            },
      /** What they are in their group, which ends with their membership. */
      office: offices.find((one) => one.personId === personId)?.office ?? null,
      reason,
      options,
      target,
      to,
      graceDays: settings.graceDays,
      effects: target === undefined ? null : effects(found, target),
      history: history.map((one) => ({ ...one, name: named.get(one.groupId)?.name ?? '–' })).toReversed(),
    };
  }
  return { here, targetOf, effects, model };
}
export type PersonPage = ReturnType<typeof createPersonPage>;

/** Groups of their track, those with room first; the list is as long as a track has groups. */
function optionsFor(
  open: readonly LiveGroup[],
  person: FormationPerson,
  currentId: string | null,
  max: number,
) {
  return open
    .filter(({ id }) => id !== currentId)
    .map(({ id, name, people, promised, track }) => {
      const size = people.length + promised;
      return { id, name, size, full: size >= max, other: track !== person.track };
    })
    .toSorted(
      (a, b) => Number(a.full) - Number(b.full) || a.name.localeCompare(b.name, 'en', { numeric: true }),
    );
}
