import { stringify } from 'csv-stringify/sync';
import type { CourseStores } from '../../course/room.ts';
import { displayName } from '../../course/roster/enrolments.store.ts';
import type { CourseScope } from '../../scope.ts';
import type { Proposal, ProposalStore } from './proposals.store.ts';

const HEADER = ['group', 'track', 'place', 'rung', 'guest', 'id', 'name', 'reason'];
const PAGE = 1_000;

/**
 * A proposal as a table, a line a fellow, those without a place at the end. In pieces, so that a large one is never in
 * memory as a whole. A cell that a spreadsheet would take for a formula is defused.
 */
export async function* proposalCsv(
  { course, proposals }: { course: CourseStores; proposals: ProposalStore },
  scope: CourseScope,
  proposal: Proposal,
): AsyncGenerator<string> {
  yield write([HEADER], true);
  const nameAndId = async (personIds: readonly string[]) =>
    new Map(
      (await course.enrolments.findMany(scope, personIds)).map((person) => [
        person.personId,
        [person.sub, displayName(person)] as const,
      ]),
    );
  for await (const groups of proposals.eachGroup(scope, proposal)) {
    const known = await nameAndId(groups.flatMap(({ memberIds }) => memberIds));
    yield write(
      groups.flatMap(({ name, track, place, rung, memberIds, guestIds }) =>
        memberIds.map((id) => {
          const guest = guestIds.includes(id) ? '1' : '0';
          return [name, track, place, rung, guest, ...(known.get(id) ?? ['', '']), ''];
        }),
      ),
    );
  }
  const counts = await proposals.unplacedCounts(scope, proposal);
  for (const reason of new Set(counts.map((row) => row.reason))) {
    for (let after: string | undefined = ''; after !== undefined;) {
      const rows = await proposals.unplaced(scope, proposal, reason, after, PAGE);
      const known = await nameAndId(rows.map(({ personId }) => personId));
      yield write(
        rows.map(({ personId, track }) => [
          ...['', track ?? '', '', '', ''],
          ...(known.get(personId) ?? ['', '']),
          reason,
        ]),
      );
      after = rows.length < PAGE ? undefined : rows.at(-1)?.personId;
    }
  }
}

function write(lines: readonly (readonly string[])[], first = false): string {
  return stringify([...lines.map((line) => [...line])], { bom: first, escape_formulas: true });
}
