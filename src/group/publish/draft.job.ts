import type { CourseStores } from '../../course/room.ts';
import type { Proposal, ProposalStore, Publication } from '../../formation/proposals/proposals.store.ts';
import type { Enrolment } from '../../course/roster/enrolments.store.ts';
import type { CourseScope } from '../../scope.ts';
import type { GroupStore } from '../groups/groups.store.ts';
import type { PlanRow } from './plans.store.ts';

export type DraftDeps = {
  readonly course: CourseStores;
  readonly proposals: ProposalStore;
  readonly groups: GroupStore;
};
/** Who would change groups, if the proposal were published now. */
export type Draft = {
  readonly rows: readonly PlanRow[];
  readonly publication: Publication;
  /** Groups that would begin with fewer than the proposal's smallest size. */
  readonly small: number;
};

/** The page names so many of those left out; the counts are of all. */
const MOST_NAMED = 100;
const FORMED = { cause: 'formed', meets: null } as const;
const LEFT = { cause: 'left', meets: null } as const;

/**
 * Holds a proposal against the course as it is: who is no fellow any more, or in a group meanwhile, is left out; and the
 * memberships of those who left the course are ended along with it, since a sync never touches memberships.
 */
export async function draftPublish(
  { course, proposals, groups }: DraftDeps,
  scope: CourseScope,
  proposal: Proposal,
  version: number,
  at: Date,
): Promise<Draft> {
  const fellows = new Set<string>();
  for await (const page of course.enrolments.each(scope, 'fellow'))
    for (const { personId } of page) fellows.add(personId);
  /** Whoever the stream did not show may have come back meanwhile: their own row says. */
  const unseen = async (personIds: readonly string[]): Promise<readonly Enrolment[]> => {
    const ids = personIds.filter((personId) => !fellows.has(personId));
    const found = ids.length === 0 ? [] : await course.enrolments.findMany(scope, ids);
    for (const { personId, state, role } of found)
      if (state === 'active' && role === 'fellow') fellows.add(personId);
    return found.filter(({ personId }) => !fellows.has(personId));
  };
  const places = await groups.places(scope, version);
  const rows: PlanRow[] = [];
  const out = { gone: 0, placed: 0 };
  const leftOut: Publication['leftOut'] = [];
  const made = { groups: 0, small: 0 };
  for await (const page of proposals.eachGroup(scope, proposal)) {
    await unseen(page.flatMap(({ memberIds }) => memberIds));
    for (const { id, memberIds, guestIds } of page) {
      const staying = memberIds.filter((personId) => {
        const cause = !fellows.has(personId) ? 'gone' : places.has(personId) ? 'placed' : null;
        if (cause === null) return true;
        out[cause] += 1;
        if (leftOut.length < MOST_NAMED) leftOut.push({ personId, cause });
        return false;
      });
      if (staying.length > 0) made.groups += 1;
      if (staying.length > 0 && staying.length < proposal.rules.min) made.small += 1;
      for (const personId of staying)
        rows.push({
          personId,
          fromGroupId: null,
          toGroupId: id,
          guest: guestIds.includes(personId),
          ...FORMED,
          at,
        });
    }
  }
  const people = rows.length;
  const leavers = await unseen([...places.keys()]);
  for (const { personId, leftAt } of leavers) {
    const fromGroupId = places.get(personId) ?? null;
    rows.push({ personId, fromGroupId, toGroupId: null, guest: false, ...LEFT, at: leftAt ?? at });
  }
  const publication = { groups: made.groups, people, ...out, leftOut, ended: leavers.length, at };
  return { rows, publication, small: made.small };
}
