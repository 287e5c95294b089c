import type { CourseStores } from '../../course/room.ts';
import { displayName } from '../../course/roster/enrolments.store.ts';
import type { Publication } from '../../formation/proposals/proposals.store.ts';
import type { CourseScope } from '../../scope.ts';

/** Whom a publish leaves out, by cause and name. */
export async function leftOutByName(
  course: CourseStores,
  scope: CourseScope,
  { leftOut, gone, placed }: Publication,
) {
  const people = await course.enrolments.findMany(
    scope,
    leftOut.map(({ personId }) => personId),
  );
  const names = new Map(people.map((person) => [person.personId, displayName(person)]));
  const of = (cause: 'gone' | 'placed') =>
    leftOut
      .filter((one) => one.cause === cause)
      .map(({ personId }) => ({ personId, name: names.get(personId) ?? '–' }))
      .toSorted((a, b) => a.name.localeCompare(b.name));
  return [
    { cause: 'gone' as const, count: gone, people: of('gone') },
    { cause: 'placed' as const, count: placed, people: of('placed') },
  ].filter(({ count }) => count > 0);
}
