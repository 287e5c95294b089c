import type { CourseStores } from '../../course/room.ts';
import { displayName } from '../../course/roster/enrolments.store.ts';
import type { CourseScope } from '../../scope.ts';
import type { Group, GroupKey, GroupStore } from '../groups/groups.store.ts';
import type { AppointmentStore, Office } from './appointments.store.ts';

export type VacancyDeps = {
  readonly course: CourseStores;
  readonly groups: GroupStore;
  readonly appointments: AppointmentStore;
};
/** Whom a group without a Peer Lead would get. */
export type Candidate = {
  readonly group: Group;
  readonly personId: string;
  readonly name: string;
  /** Who holds the office no more: they left the group or the course. */
  readonly instead: string | null;
};
export type Candidates = {
  readonly chosen: readonly Candidate[];
  /** Groups without a Peer Lead in which nobody said that they can lead; of those looked at. */
  readonly nobody: number;
  /** There are more groups than one go takes. */
  readonly more: boolean;
};

const READ = 500;
/** What one press of a button appoints at most, so that its answer comes within seconds. */
const MOST = 600;

/** Groups that want for a Peer Lead or a Deputy, and who could be one. */
export function createVacancies({ course, groups, appointments }: VacancyDeps) {
  /** Groups whose holder of this office is still a member, and a fellow of the course. */
  async function filled(scope: CourseScope, version: number, office: Office): Promise<ReadonlySet<string>> {
    const holders = await appointments.holders(scope, office);
    const ids = holders.map(({ personId }) => personId);
    const [memberships, fellows] = await Promise.all([
      groups.membershipsOf(scope, version, ids),
      fellowsAmong(scope, ids),
    ]);
    const groupOf = new Map(memberships.map(({ personId, groupId }) => [personId, groupId]));
    return new Set(
      holders
        .filter(({ personId, groupId }) => fellows.has(personId) && groupOf.get(personId) === groupId)
        .map(({ groupId }) => groupId),
    );
  }

  /** Names of those who are fellows of the course, by person. */
  async function fellowsAmong(scope: CourseScope, personIds: readonly string[]) {
    const people = await course.enrolments.findMany(scope, personIds);
    return new Map(
      people
        .filter(({ state, role }) => state === 'active' && role === 'fellow')
        .map((person) => [person.personId, displayName(person)]),
    );
  }

  /** In each group without a Peer Lead, of those who said that they can lead, the most active; never its Deputy. */
  async function candidates(scope: CourseScope, version: number): Promise<Candidates> {
    const search = { except: [...(await filled(scope, version, 'lead'))] };
    const chosen: Candidate[] = [];
    let nobody = 0;
    for (let after: GroupKey | null = null; ;) {
      const page: readonly Group[] = await groups.list(scope, version, search, after, READ);
      const found = await candidatesOf(scope, version, page);
      chosen.push(...found);
      nobody += page.length - found.length;
      if (chosen.length > MOST) return { chosen: chosen.slice(0, MOST), nobody, more: true };
      if (page.length < READ) return { chosen, nobody, more: false };
      after = page.at(-1) ?? null;
    }
  }

  async function candidatesOf(scope: CourseScope, version: number, page: readonly Group[]) {
    const groupIds = page.map(({ id }) => id);
    const [memberships, officers] = await Promise.all([
      groups.membersOf(scope, version, groupIds),
      appointments.current(scope, groupIds),
    ]);
    const personIds = memberships.map(({ personId }) => personId);
    const [fellows, profiles] = await Promise.all([
      fellowsAmong(scope, personIds),
      course.profiles.findMany(scope, personIds),
    ]);
    const activity = (personId: string): number => profiles.get(personId)?.activity ?? 0;
    return page.flatMap((group): Candidate[] => {
      const here = officers.filter(({ groupId }) => groupId === group.id);
      const [best] = memberships
        .filter(({ groupId, personId }) => groupId === group.id && fellows.has(personId))
        .map(({ personId }) => personId)
        .filter((id) => profiles.get(id)?.canLead === true && here.every(({ personId }) => personId !== id))
        .toSorted((a, b) => activity(b) - activity(a) || (a < b ? -1 : 1));
      if (best === undefined) return [];
      const instead = here.find(({ office }) => office === 'lead')?.personId ?? null;
      return [{ group, personId: best, name: fellows.get(best) ?? '–', instead }];
    });
  }

  /** The nearest groups before and behind this one that have no Peer Lead. */
  async function neighbours(scope: CourseScope, version: number, { nameFolded, id }: Group) {
    const search = { except: [...(await filled(scope, version, 'lead'))] };
    const [[previous = null], [next = null]] = await Promise.all([
      groups.listBefore(scope, version, search, { nameFolded, id }, 1),
      groups.list(scope, version, search, { nameFolded, id }, 1),
    ]);
    return { previous, next };
  }
  return { filled, candidates, neighbours };
}
export type Vacancies = ReturnType<typeof createVacancies>;
