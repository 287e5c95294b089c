import type { CourseStores } from '../../course/room.ts';
import type { Enrolment } from '../../course/roster/enrolments.store.ts';
import type { GroupStore, Membership } from '../../group/groups/groups.store.ts';
import type { CourseScope } from '../../scope.ts';
import { ahead } from '../ahead.ts';
import { score, type Score } from './score.ts';

export type Standings = {
  /** The score of each of these people, today; everybody asked for is answered. */
  of(scope: CourseScope, personIds: readonly string[]): Promise<ReadonlyMap<string, Score>>;
  /** True where at least one fellow has a score. */
  any(scope: CourseScope): Promise<boolean>;
  /** All fellows of the course with their scores, a thousand at a time. */
  each(
    scope: CourseScope,
  ): AsyncIterable<{ people: readonly Enrolment[]; scores: ReadonlyMap<string, Score> }>;
};
export type StandingsDeps = { readonly course: CourseStores; readonly groups: GroupStore };

/** Scores from the log of evidence and the dated memberships. Nothing of it is kept, so nothing of it goes stale. */
export function createStandings({ course, groups }: StandingsDeps): Standings {
  const of: Standings['of'] = async (scope, personIds) => {
    const { groupsVersion } = await course.courses.select(scope);
    const [evidence, memberships] = await Promise.all([
      course.evidence.latest(scope, personIds),
      groups.historyOf(scope, groupsVersion, personIds),
    ]);
    const belonging = new Map<string, Membership[]>();
    for (const membership of memberships) {
      const known = belonging.get(membership.personId);
      if (known === undefined) belonging.set(membership.personId, [membership]);
      else known.push(membership);
    }
    return new Map(
      personIds.map((personId) => [
        personId,
        score(evidence.get(personId) ?? [], belonging.get(personId) ?? []),
      ]),
    );
  };
  const each: Standings['each'] = async function* (scope) {
    for await (const people of ahead(course.enrolments.each(scope, 'fellow'))) {
      const scores = await of(
        scope,
        people.map(({ personId }) => personId),
      );
      yield { people, scores };
    }
  };
  return {
    of,
    each,
    async any(scope) {
      for await (const { scores } of each(scope))
        if ([...scores.values()].some(({ score: has }) => has !== null)) return true;
      return false;
    },
  };
}
